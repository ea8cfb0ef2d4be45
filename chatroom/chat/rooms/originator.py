"""What is recorded about somebody who did not ask for it: waited for as a whole, and apart from their commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..refusals import NotStored

if TYPE_CHECKING:
    from ..events import Event
    from ..ports import Future, JournalError, Runtime


class Originator(Protocol):
    """Who is told what becomes of the events that are appended for them."""

    gone: bool
    outstanding: int

    def stored(self, room: str, seq: int) -> None:
        """An event is stored, and has been shown to all who are up to date."""

    def lost(self, event: Event, error: JournalError) -> None:
        """An event could not be stored: it has not happened."""


class Pending:
    """An author that is nobody: it only waits."""

    gone = False

    def __init__(self, world: Runtime) -> None:
        self._world = world
        self._waiting: Future[None] | None = None
        self._error: JournalError | None = None
        self.outstanding = 0
        self.seq = 0
        """The seq of the last event that was stored."""

    def stored(self, room: str, seq: int) -> None:
        """One event less to wait for."""
        self.seq = seq
        self.outstanding -= 1
        if not self.outstanding and self._waiting is not None:
            self._waiting.callback(None)

    def lost(self, event: Event, error: JournalError) -> None:
        """One event less to wait for, and nothing has happened."""
        self._error = error
        self.stored("", 0)

    async def flushed(self) -> None:
        """
        Wait until everything is stored.

        :raises NotStored: if it could not be.
        """
        if self.outstanding:
            self._waiting = self._world.future()
            await self._waiting
        if self._error is not None:
            raise NotStored.because(self._error)
