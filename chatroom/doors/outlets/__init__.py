"""Outlets: send rendered bytes to clients, with backpressure when a transport is full."""
