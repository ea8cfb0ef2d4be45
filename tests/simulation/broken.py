"""What the simulation is for: a promise that does not hold."""

from __future__ import annotations


class Broken(Exception):
    """An invariant is violated; the text says which and how."""
