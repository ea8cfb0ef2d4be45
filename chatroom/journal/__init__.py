"""Journals: where events are stored, in one ordered log per room; on disk, or in memory."""
