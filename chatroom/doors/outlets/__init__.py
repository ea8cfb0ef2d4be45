"""Outlets: how rendered bytes get to a client, and what happens when its transport is full (backpressure)."""
