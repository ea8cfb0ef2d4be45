"""The wire languages."""
