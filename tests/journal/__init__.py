"""Tests of the journals: one contract for all, and what is special to each."""
