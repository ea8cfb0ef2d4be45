"""The connection to the server: made, encrypted, watched, and made again."""
