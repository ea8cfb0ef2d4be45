"""TLS certificate of this server: read, checked, and read again when it has been renewed."""
