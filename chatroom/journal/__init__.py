"""Where events are kept: one ordered log per room."""
