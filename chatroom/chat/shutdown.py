"""Shutdown timer: shuts the server down after a delay and announces the time left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .refusals import NotNow
from .replies import Notice
from .syntax.durations import spoken

if TYPE_CHECKING:
    from .core import Core
    from .people.person import Connection
    from .ports import Timer

_TOLD_AT = (86_400, 43_200, 21_600, 7_200, 3_600, 1_800, 900, 600, 300, 120, 60, 30, 10, 5)
"""Seconds before the shutdown at which it is announced."""


class ShutdownTimer:
    """Shuts the server down after a delay, unless cancelled."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._timer: Timer | None = None
        self._left = 0
        self._reason = ""

    def begin(self, asker: Connection, seconds: float, reason: str) -> None:
        """
        Schedule a shutdown in *seconds*, announce it, and reply to *asker*.

        :raises NotNow: if one is already scheduled.
        """
        if self._timer is not None:
            raise NotNow("A shutdown is already scheduled; /shutdown cancel stops it.")
        self._reason = reason
        self._left = int(seconds)
        self._tell(asker)

    def stop(self, asker: Connection) -> None:
        """
        Cancel the shutdown, announce that, and reply to *asker*.

        :raises NotNow: if none is scheduled.
        """
        if self._timer is None:
            raise NotNow("No shutdown is scheduled.")
        self.cancel()
        self._core.people.announce(Notice("Shutdown cancelled."), asker)

    def cancel(self) -> None:
        """Stop the timer, if it runs."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tell(self, asker: Connection | None = None) -> None:
        self._timer = None
        if self._left <= 0:
            if asker is not None:
                asker.reply(Notice(f"The server is shutting down now: {self._reason}."))
            self._core.runtime.stop(self._reason)
            return
        self._core.people.announce(Notice(f"The server shuts down in {spoken(self._left)}: {self._reason}."), asker)
        wait = self._left - next((at for at in _TOLD_AT if at < self._left), 0)
        self._left -= wait
        self._timer = self._core.runtime.later(wait, self._tell)
