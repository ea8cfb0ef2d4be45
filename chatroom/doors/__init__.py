"""Doors: the ways in, each a Twisted protocol and factory that connects one kind of client to the chat."""
