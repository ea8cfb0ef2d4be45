"""The rules of rooms and of the server: roles, bans and settings."""
