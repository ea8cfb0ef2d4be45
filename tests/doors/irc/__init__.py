"""The IRC door, as its clients see it."""
