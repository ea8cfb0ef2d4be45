"""The admin tool ``chatroom-admin``: works on a data folder from outside the chat, whether or not a server runs."""
