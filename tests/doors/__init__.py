"""The ways in: one contract for all of them, and what is special to each."""
