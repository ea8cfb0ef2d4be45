"""Moves: the sessions whose connections are on their way from one door to another, in the house."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime

from chatroom.doors.timeouts import Timeouts

from .asks import Asks

MOVE_TIMEOUT = 10.0
"""Seconds after which a connection that has not arrived is taken for lost: it takes milliseconds."""


class Moves:
    """
    Keeps sessions while neither door has their connection.

    :param lost: called with those that do not arrive in time.
    """

    def __init__(self, clock: IReactorTime, lost: Callable[[Asks], object]) -> None:
        self._sessions: dict[str, Asks] = {}
        self._timeouts: Timeouts[Asks] = Timeouts(clock, MOVE_TIMEOUT, self._overdue)
        self._lost = lost

    def add(self, asks: Asks) -> None:
        """Keep a session."""
        self._sessions[asks.outlet.sid] = asks
        self._timeouts.begin(asks)

    def take(self, sid: str) -> Asks | None:
        """Return the session called *sid*, and keep it no longer; None if it is not on its way."""
        asks = self._sessions.pop(sid, None)
        if asks is not None:
            self._timeouts.end(asks)
        return asks

    def _overdue(self, asks: Asks) -> None:
        del self._sessions[asks.outlet.sid]
        self._lost(asks)
