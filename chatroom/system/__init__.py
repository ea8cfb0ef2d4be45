"""Threads, a clock and a log for any process of ours; nothing in here knows about chat."""
