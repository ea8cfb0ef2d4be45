"""Day lines: the date, shown when a day has ended between two lines or while nothing happens."""

from __future__ import annotations

import time
from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

_INTERVAL = 60
"""Seconds between looks at the date: a timer until midnight would be late if the machine sleeps in between."""

_SKEW = 600.0
"""Seconds; a line that is older than the newest by no more than this is no step back to the day before."""


class DayLine:
    """
    Remembers the day of the last line, and says when another begins.

    :param clock: for the timer.
    :param now: returns the time of day, in seconds since 1970; for tests.
    """

    def __init__(self, clock: IReactorTime, now: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._now = now
        self._newest = now()
        self._day = _date(self._newest)
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
        day = _date(at)
        if day == self._day or 0 <= self._newest - at < _SKEW:
            return None
        self.shown(at)
        return day

    def shown(self, at: float) -> None:
        """Note that a line of the time *at* is shown, below its date."""
        self._day = _date(at)
        self._newest = max(self._newest, at)

    def _wait(self, show: Callable[[str], object]) -> None:
        now = time.localtime(self._now())
        left = 86_400 - (now.tm_hour * 60 + now.tm_min) * 60 - now.tm_sec
        self._watch = self._clock.callLater(max(1, min(left, _INTERVAL)), self._look, show)

    def _look(self, show: Callable[[str], object]) -> None:
        self._wait(show)
        day = self.turn(self._now())
        if day is not None:
            show(day)


def _date(at: float) -> str:
    return time.strftime("%A, %Y-%m-%d", time.localtime(at))
