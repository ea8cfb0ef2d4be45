"""``chatroom-admin``: what is done to a data folder from outside the chat, whether a server runs on it or not."""
