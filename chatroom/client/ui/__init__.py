"""The user interfaces of the client: a terminal, a screen reader, a pipeline."""
