"""What any process of ours may need of its machine: threads, a clock, a log.  Nothing here knows of chat."""
