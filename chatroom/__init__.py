"""A chat server that anyone can join with whatever is installed."""

__version__ = "0.1.0"
