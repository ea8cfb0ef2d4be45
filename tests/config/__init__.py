"""The configuration: the file, what may stand in it, and how it is read again."""
