"""Runtime: gives the house its clocks, tasks and randomness, by Twisted."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from chatroom.system.quiet_log import QuietLog

log = Logger(namespace="chatroom")


class TwistedRuntime:
    """
    Time and tasks on one reactor.

    :param clock: the reactor, or a test's ``Clock``: all timers use it, so it must never step back.
    :param now: returns the seconds since the epoch, which may step.
    :param stop: shuts the server down for a reason; called once at most, and in a turn of its own.
    :param reload: reads the configuration again, and returns what has become of it.
    """

    def __init__(
        self,
        clock: IReactorTime,
        now: Callable[[], float] = time.time,
        stop: Callable[[str], object] = str,
        reload: Callable[[], str] = str,
    ) -> None:
        self._clock = clock
        self._log = QuietLog(clock, log)
        self.now = now
        self.monotonic = clock.seconds
        """Tells the seconds since some moment; they never step back."""
        self._stop = stop
        self._reload = reload
        self._stopping = False

    def later(self, seconds: float, call: Callable[[], object]) -> IDelayedCall:
        """Schedule *call* in *seconds*."""
        return self._clock.callLater(seconds, call)

    def future(self) -> Deferred[None]:
        """Create a future."""
        return Deferred()

    def spawn(self, task: Coroutine[Any, Any, None]) -> None:
        """Start *task* and run it up to its first wait; a failure is a bug and logged."""
        Deferred.fromCoroutine(task).addErrback(lambda failure: self._log.failure("A task failed.", failure))

    def bug(self) -> None:
        """Log the current exception."""
        self._log.failure("Unexpected error (a bug); the chat goes on.")

    def token(self) -> str:
        """Return 16 random bytes as 22 URL-safe characters."""
        return secrets.token_urlsafe(16)

    def stop(self, reason: str) -> None:
        """Start the shutdown in the next reactor turn, so that the command gets its reply first."""
        if not self._stopping:
            self._stopping = True
            self._clock.callLater(0, self._stop, reason)

    def reload(self) -> str:
        """Read the configuration again; return what has become of it."""
        return self._reload()
