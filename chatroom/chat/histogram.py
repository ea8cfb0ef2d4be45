"""Histogram of durations."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Histogram:
    """
    A histogram of seconds.

    :param bounds: the upper bounds of its buckets, ascending; longer durations are counted, too.
    """

    def __init__(self, bounds: Sequence[float] = _BOUNDS) -> None:
        self.bounds = tuple(bounds)
        self.total = 0.0
        """The sum of all durations, in seconds."""
        self._counts = [0] * (len(self.bounds) + 1)

    def note(self, seconds: float) -> None:
        """Record a duration of *seconds*."""
        self._counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds

    @property
    def counts(self) -> list[int]:
        """Return the cumulative count for each bound, and the total count last."""
        return list(accumulate(self._counts))
