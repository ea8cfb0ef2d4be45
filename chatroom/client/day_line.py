"""Day lines: the date, shown when a day has ended between two lines or while nothing happens."""

from __future__ import annotations

import time
from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

_INTERVAL = 60
"""Seconds between looks at the date: a timer until midnight would be late if the machine sleeps in between."""

_SKEW = 600
"""Seconds; a line that is no older than this is of today: the server's clock is behind, or the line was under way."""


class DayLine:
    """
    Remembers the day of the last line, and says when another begins.

    :param clock: for the timer.
    :param now: returns the time of day, in seconds since 1970; for tests.
    """

    def __init__(self, clock: IReactorTime, now: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._now = now
        self._today = self._day = _day(now())
        self._watch: IDelayedCall | None = None

    def start(self, show: Callable[[str], object]) -> None:
        """Show the date with *show* at every midnight."""
        self._wait(show)

    def stop(self) -> None:
        """Show no more."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def turn(self, at: float) -> str | None:
        """Return the date to show before a line of the time *at*; None: it is of the same day as the line before."""
        day = _day(at)
        if day == self._day or (day < self._day and self._now() - at < _SKEW):
            return None
        self._day = day
        return time.strftime("%A, %Y-%m-%d", time.localtime(at))

    def shown(self, at: float) -> None:
        """Note that a line of the time *at* is shown, below its date."""
        self._day = _day(at)

    def _wait(self, show: Callable[[str], object]) -> None:
        now = time.localtime(self._now())
        left = 86_400 - (now.tm_hour * 60 + now.tm_min) * 60 - now.tm_sec
        self._watch = self._clock.callLater(max(1, min(left, _INTERVAL)), self._look, show)

    def _look(self, show: Callable[[str], object]) -> None:
        self._wait(show)
        now = self._now()
        if self._today == _day(now):
            return
        self._today = _day(now)
        date = self.turn(now)
        if date is not None:
            show(date)


def _day(at: float) -> tuple[int, ...]:
    return time.localtime(at)[:3]
