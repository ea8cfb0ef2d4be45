"""The front door: finds out which door a new connection wants, with TLS or without."""
