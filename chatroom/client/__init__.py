"""The chat client ``chatroom``: for people at a terminal, and for pipelines; speaks JSON lines to a server."""
