"""The configuration of the server: its settings, the file that has them, and reloading it."""
