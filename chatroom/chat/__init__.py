"""The house, the chat itself: people, rooms and rules, without bytes, sockets or Twisted."""
