"""The rules of rooms and of the server: roles, bans, and the settings that hold in one place."""
