"""System helpers: threads, a clock and a log, independent of the chat."""
