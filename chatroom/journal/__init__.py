"""Journals: store events in one ordered log per room, on disk or in memory."""
