"""Originators: who is notified when appended events are stored or lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..refusals import NotStored

if TYPE_CHECKING:
    from ..events import Event
    from ..ports import Future, JournalError, Runtime


class Originator(Protocol):
    """Receives the results of events that were appended for it."""

    gone: bool
    outstanding: int

    def stored(self, room: str, seq: int) -> None:
        """Note that an event is stored and has been shown to everyone up to date."""

    def lost(self, event: Event, error: JournalError) -> None:
        """Note that an event could not be stored: it did not happen."""


class Departed:
    """The originator of the departures of people who are gone: nobody waits for them, and they happen anyway."""

    gone = True
    outstanding = 0

    def stored(self, room: str, seq: int) -> None:
        """Do nothing: nobody waits."""

    def lost(self, event: Event, error: JournalError) -> None:
        """Do nothing: the `Ledger` stores it later."""


DEPARTED = Departed()
"""The only one that is needed."""


class Pending:
    """A group of events to wait for, apart from anyone's commands."""

    gone = False

    def __init__(self, world: Runtime) -> None:
        self._world = world
        self._waiting: Future[None] | None = None
        self._error: JournalError | None = None
        self.outstanding = 0
        self.seqs: dict[str, int] = {}
        """The seq of the last event that was stored in each room."""

    def stored(self, room: str, seq: int) -> None:
        """Count one event as stored."""
        self.seqs[room] = seq
        self.counted()

    def lost(self, event: Event, error: JournalError) -> None:
        """Count one event as lost."""
        self._error = error
        self.counted()

    def counted(self) -> None:
        """Count one event less on its way."""
        self.outstanding -= 1
        if not self.outstanding and self._waiting is not None:
            self._waiting.callback(None)

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
