"""The parts put together: the pieces that a server of one process, and those of several, are made of."""
