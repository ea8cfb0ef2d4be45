"""Rooms: who is in them, what happens there, and what each session has yet to be shown of it."""
