"""Timeouts: the same time limit for many connections, with one shared timer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice, takewhile
from math import inf
from typing import Generic, TypeVar

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from chatroom.system.quiet_log import QuietLog

log = Logger(namespace="chatroom")

MAX_CALLS = 32
"""Calls per reactor turn: ten thousand simultaneous connections expire together."""

T = TypeVar("T")


class Timeouts(Generic[T]):
    """
    Calls *overdue* for each entry after *within* seconds.

    The limit is the same for all, so they expire in the order of their start, and one timer is enough.  Exceptions
    from *overdue* are bugs, and logged.

    :param within: seconds; 0 means for as long as it takes.
    """

    def __init__(self, clock: IReactorTime, within: float, overdue: Callable[[T], object]) -> None:
        self._clock = clock
        self.within = within
        self._overdue = overdue
        self._log = QuietLog(clock, log)
        self._due: dict[T, float] = {}
        self._timer: IDelayedCall | None = None

    def begin(self, who: T) -> None:
        """Start the timeout of *who*."""
        if self.within:
            # Reinsert: the latest is the last in the dictionary.
            self._due.pop(who, None)
            self._due[who] = self._clock.seconds() + self.within
            if self._timer is None:
                self._timer = self._clock.callLater(self.within, self._look)

    def renew(self, who: T) -> None:
        """Restart the timeout of *who*, if it runs."""
        if who in self._due:
            self.begin(who)

    def end(self, who: T) -> None:
        """Cancel the timeout of *who*, if it runs."""
        self._due.pop(who, None)
        if not self._due and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def __contains__(self, who: object) -> bool:
        """Return whether the timeout of *who* runs."""
        return who in self._due

    def __len__(self) -> int:
        """Return how many are waited for."""
        return len(self._due)

    def _look(self) -> None:
        self._timer = None
        now = self._clock.seconds()
        late = islice(takewhile(lambda entry: entry[1] <= now, self._due.items()), MAX_CALLS)
        for who, _ in list(late):
            # An earlier call may have ended this timeout.
            if self._due.get(who, inf) <= now:
                del self._due[who]
                self._call(who)
        self._wait_for_next()

    def _call(self, who: T) -> None:
        try:
            self._overdue(who)
        except Exception:
            self._log.failure("Something went wrong with somebody who took too long; the others are still waited for.")

    def _wait_for_next(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for due in self._due.values():
            self._timer = self._clock.callLater(max(0.0, due - self._clock.seconds()), self._look)
            return
