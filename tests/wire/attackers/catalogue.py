"""All attacks, in the order in which they are run."""

from __future__ import annotations

from . import asking, mixing, proving, racing, returning, visiting, working
from .attacks import ATTACKS, Attack

__all__ = ["ATTACKS", "Attack", "asking", "mixing", "proving", "racing", "returning", "visiting", "working"]
