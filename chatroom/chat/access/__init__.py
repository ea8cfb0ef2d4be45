"""Access: coming in, logging in, nicks, and who is kept out."""
