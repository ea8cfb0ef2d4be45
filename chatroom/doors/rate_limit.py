"""Rate limiting: pauses a connection that sends too much, and logs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from chatroom.system.quiet_log import QuietLog

from .house import Place

PAUSE_INTERVAL = 1.0
"""Seconds without being slowed that end a flood."""

LOG_INTERVAL = 60.0
"""Seconds between log lines about the same slowed place."""

CHECK_INTERVAL = 5.0
"""Seconds between checks that a paused client is still connected."""

_MIN_REST = 0.001
"""Shortest pause, in seconds; shorter ones are skipped."""


@dataclass(frozen=True, slots=True)
class SavedThrottle:
    """A `Throttle`: how many seconds its client has been slowed, and how many the pause still lasts."""

    slowed: float
    left: float


class Throttle:
    """
    The pauses of one connection; most people never need one.

    :param flood_kick: seconds of uninterrupted slowing before disconnection; 0: no limit.
    :param ended: called when a pause is over.
    :param gone: returns whether the client is gone: nothing is read, so the reactor does not see it.
    """

    __slots__ = ("_clock", "_ended", "_flood_kick", "_gone", "_since", "_timer", "_until")

    def __init__(
        self, clock: IReactorTime, flood_kick: float, ended: Callable[[], object], gone: Callable[[], bool]
    ) -> None:
        self._clock = clock
        self._flood_kick = flood_kick
        self._ended = ended
        self._gone = gone
        self._since = self._until = -inf
        self._timer: IDelayedCall | None = None

    def rest(self, owed: float) -> bool:
        """
        Pause for *owed* seconds, or until the current pause ends if that is later.

        :returns: False if the flood has lasted too long; there is no pause then.
        """
        now = self._clock.seconds()
        if now >= self._until + PAUSE_INTERVAL:
            self._since = now
        self._until = max(self._until, now + owed)
        if 0.0 < self._flood_kick <= now - self._since:
            return False
        self.cancel()
        self._wait()
        return True

    @property
    def left(self) -> float:
        """Return the seconds left of the pause; 0.0: none."""
        left = self._until - self._clock.seconds()
        return left if left >= _MIN_REST else 0.0

    def saved(self) -> SavedThrottle | None:
        """Return the state, for `restore`; None: no pause."""
        left = self.left
        return SavedThrottle(self._clock.seconds() - self._since, left) if left else None

    def restore(self, saved: SavedThrottle) -> None:
        """Continue another one's pause."""
        now = self._clock.seconds()
        self._since, self._until = now - saved.slowed, now + saved.left
        self._wait()

    def cancel(self) -> None:
        """End the pause without calling *ended*."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wait(self) -> None:
        self._timer = self._clock.callLater(min(self.left, CHECK_INTERVAL), self._check)

    def _check(self) -> None:
        self._timer = None
        if self._clock.seconds() - self._since >= CHECK_INTERVAL and self._gone():
            return
        if self.left:
            self._wait()
        else:
            self._ended()


def log_slowed(place: Place, now: float, log: QuietLog) -> None:
    """Log that *place* has used up its budget, unless that was logged a moment ago."""
    if now - place.told_at >= LOG_INTERVAL:
        place.told_at = now
        log.info("Slowed {place}: its budget is used up.", place=place.name or "this machine")
