"""The rests of one connection that asks for too much: how long they last, and what the log says of them."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from chatroom.chat.budgets import PlaceBudget
from chatroom.system.quiet_log import QuietLog

PAUSE = 1.0
"""Seconds of not being slowed after which somebody who is slowed again has made a pause."""

TOLD_EVERY = 60.0
"""Seconds between two lines of the log about one place that is slowed."""

_NOTHING = 0.001
"""Seconds; a shorter rest is none."""


class Pacing:
    """
    The rests of one connection.

    :param flood_kick: seconds of being slowed without a pause that are borne with; 0: any number.
    :param clock: tells the time in seconds.
    """

    __slots__ = ("_clock", "_flood_kick", "_since", "_slowed", "_until")

    def __init__(self, flood_kick: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._flood_kick = flood_kick
        self._since = self._slowed = self._until = -inf

    def slow(self, owed: float) -> None:
        """Note a rest of *owed* seconds that begins now; one that is under way already goes on, if it is longer."""
        now = self._clock()
        if now >= self._until + PAUSE:
            self._since = now
        self._slowed = now
        self._until = max(self._until, now + owed)

    @property
    def left(self) -> float:
        """Seconds still to rest; 0.0: none to speak of."""
        left = self._until - self._clock()
        return left if left >= _NOTHING else 0.0

    @property
    def slowed_for(self) -> float:
        """Seconds since the first of the rests that there was no pause between."""
        return self._clock() - self._since

    @property
    def flooded(self) -> bool:
        """Whether the last rest came after more of them without a pause than are borne with."""
        return 0.0 < self._flood_kick <= self._slowed - self._since


def tell_slowed(place: PlaceBudget, now: float, log: QuietLog) -> None:
    """Log that *place* has used up its budget, unless that was logged a moment ago."""
    if now - place.told_at >= TOLD_EVERY:
        place.told_at = now
        log.info("Slowed {place}: its budget is used up.", place=place.name or "this machine")
