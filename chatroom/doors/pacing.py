"""How fast one connection may send: a budget of lines, one of bytes, and how long it has been over them."""

from __future__ import annotations

from collections.abc import Callable

from chatroom.chat.limits import Limits, Pace

PAUSE = 1.0
"""Seconds of not being slowed after which somebody who is slowed again has made a pause."""


class Pacing:
    """
    One connection's budgets.

    :param limits: with a ``rate`` of 0 there is no limit, on bytes neither.
    :param clock: tells the time in seconds.
    """

    __slots__ = (
        "_byte_burst",
        "_bytes",
        "_clock",
        "_flood_kick",
        "_line_burst",
        "_since",
        "_slowed",
        "_until",
        "lines",
    )

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._flood_kick = limits.flood_kick
        self._line_burst = limits.burst
        self._byte_burst = max(1, limits.byte_burst)
        self.lines = Pace(limits.rate, limits.burst, clock)
        self._bytes = Pace(limits.byte_rate if limits.rate else 0.0, self._byte_burst, clock)
        self._since = self._slowed = self._until = float("-inf")

    def spend_lines(self, count: int) -> float:
        """Spend *count* lines, however many; return the seconds to rest."""
        return _spend(self.lines, count, self._line_burst)

    def spend_bytes(self, count: int) -> float:
        """Spend *count* bytes, however many; return the seconds to rest."""
        return _spend(self._bytes, count, self._byte_burst)

    def slow(self, owed: float) -> float:
        """
        Note a rest of *owed* seconds that begins now; return how long to rest in all.

        A rest that is under way already goes on, if it is the longer.
        """
        now = self._clock()
        if now >= self._until + PAUSE:
            self._since = now
        self._slowed = now
        self._until = max(self._until, now + owed)
        return self._until - now

    @property
    def flooded(self) -> bool:
        """Whether the last rest came after more of them without a pause than are borne with."""
        return 0.0 < self._flood_kick <= self._slowed - self._since


def _spend(pace: Pace, cost: int, most: int) -> float:
    while cost > most:
        pace.spend(most)
        cost -= most
    return pace.spend(cost)
