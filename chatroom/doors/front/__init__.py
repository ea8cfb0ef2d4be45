"""The front door: tells by its first bytes which door a connection wants, with TLS or without, and lets it in."""
