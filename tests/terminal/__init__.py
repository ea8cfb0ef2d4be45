"""Tests of what is shown at a terminal, and typed there."""
