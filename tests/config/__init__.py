"""The configuration: the file, its contents, and reloading it."""
