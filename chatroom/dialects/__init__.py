"""Wire languages: pure functions from events to bytes and from lines to commands."""
