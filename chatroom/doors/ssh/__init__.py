"""The SSH door: `ssh host`, and one is in the room, on Twisted Conch."""
