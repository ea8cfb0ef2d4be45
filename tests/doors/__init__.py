"""The doors: one contract for all, and tests of each."""
