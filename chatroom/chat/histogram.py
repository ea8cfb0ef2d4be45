"""How long something takes, counted by how long."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Histogram:
    """
    A histogram of seconds.

    :param bounds: the upper bounds of its classes, ascending; what is longer than the last is counted, too.
    """

    def __init__(self, bounds: Sequence[float] = _BOUNDS) -> None:
        self.bounds = tuple(bounds)
        self.total = 0.0
        """All of them together."""
        self._counts = [0] * (len(self.bounds) + 1)

    def note(self, seconds: float) -> None:
        """It has taken *seconds* once more."""
        self._counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds

    @property
    def counts(self) -> list[int]:
        """How often it took no longer than each bound, and at last how often in all."""
        return list(accumulate(self._counts))
