"""The house: people, rooms and rules.  No bytes, no sockets, no Twisted."""
