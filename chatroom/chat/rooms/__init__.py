"""Rooms: membership, events and history, and what each session still has to be shown."""
