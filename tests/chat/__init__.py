"""The house: names, limits, commands, rooms and sessions."""
