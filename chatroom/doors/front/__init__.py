"""The front door: detects the protocol of a new connection, with or without TLS."""
