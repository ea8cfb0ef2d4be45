"""A journal in memory: what ``--ephemeral`` runs on, and what the house is tested with."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from twisted.internet.defer import Deferred, fail, succeed

from chatroom.chat.events import Batch, Event, TopicChanged
from chatroom.chat.ports import JournalError, Listener, RoomRecord

T = TypeVar("T")
Later = Callable[[float, Callable[[], object]], object]
"""Such as ``reactor.callLater``."""


@dataclass(slots=True)
class _Room:
    last: int = 0
    topic: str = ""
    events: list[Event] = field(default_factory=list)
    """The newest ones; the last of them has the seq ``last``."""

    @property
    def first(self) -> int:
        return self.last - len(self.events) + 1


class MemoryJournal:
    """
    Keeps the newest *keep* events of each room and forgets all of them with the process.

    What is appended in one turn of the reactor is committed in the next, as one batch per room.
    """

    def __init__(self, later: Later, secret: bytes | None = None, keep: int = 10_000) -> None:
        self.secret = secret or secrets.token_bytes(32)
        self.broken: JournalError | None = None
        """While this is set, every commit fails with it: it stands in for a full disk in tests."""
        self._later = later
        self._keep = keep
        self._rooms: dict[str, _Room] = {}
        self._open: list[Event] = []
        self._flushes: list[Deferred[None]] = []
        self._listener: Listener | None = None
        self._closed = False

    def open(self, listener: Listener) -> int:
        """Open for reading and appending; no crash has ever left anyone here."""
        self._listener = listener
        self._closed = False
        return 0

    def append(self, event: Event) -> None:
        """Put *event* into the batch that the next turn commits."""
        assert self._listener is not None, "open the journal first"
        if not self._open:
            self._later(0, self._commit)
        self._open.append(event)

    def flush(self) -> Deferred[None]:
        """Wait until everything appended so far has been committed, or has failed."""
        if not self._open:
            return succeed(None)
        flushed: Deferred[None] = Deferred()
        self._flushes.append(flushed)
        return flushed

    def room(self, name: str) -> Deferred[RoomRecord]:
        """Look up *name*."""
        room = self._look_up(name)
        return self._read(RoomRecord(room.last, room.topic))

    def after(self, room: str, seq: int, limit: int) -> Deferred[Batch]:
        """Read forward; what is no longer kept shows as a ``first`` beyond ``seq + 1``."""
        kept = self._look_up(room)
        start = max(seq + 1 - kept.first, 0)
        events = kept.events[start : start + limit]
        return self._read(Batch(room, kept.first + start if events else seq + 1, events))

    def before(self, room: str, seq: int | None, limit: int) -> Deferred[Batch]:
        """Read backward from just below *seq*, or from the end."""
        kept = self._look_up(room)
        below = kept.last + 1 if seq is None else seq
        stop = min(max(below - kept.first, 0), len(kept.events))
        start = max(stop - limit, 0)
        events = kept.events[start:stop]
        return self._read(Batch(room, kept.first + start if events else below, events))

    def conversations(self, identity: str) -> Deferred[list[str]]:
        """Name the conversations of *identity*, the oldest first."""
        talks = [room for room in self._rooms if room.startswith("@")]
        return self._read([room for room in talks if identity in room[1:].split(":")])

    def close(self) -> Deferred[None]:
        """Commit what is open; from then on, nothing can be read or appended."""

        def close(_: None) -> None:
            self._closed = True

        return self.flush().addCallback(close)

    def _look_up(self, name: str) -> _Room:
        return self._rooms.get(name) or _Room()

    def _read(self, found: T) -> Deferred[T]:
        return fail(JournalError("the journal is closed")) if self._closed else succeed(found)

    def _commit(self) -> None:
        """Store the open events and tell the listener; what it appends meanwhile waits a turn."""
        assert self._listener is not None
        events, self._open = self._open, []
        flushes, self._flushes = self._flushes, []
        error = JournalError("the journal is closed") if self._closed else self.broken
        try:
            if error is None:
                self._listener.committed(self._store(events))
            else:
                self._listener.failed(events, error)
        finally:
            for flushed in flushes:
                flushed.callback(None)

    def _store(self, events: list[Event]) -> list[Batch]:
        rooms: dict[str, list[Event]] = {}
        for event in events:
            rooms.setdefault(event.room, []).append(event)
        return [self._store_in(name, added) for name, added in rooms.items()]

    def _store_in(self, name: str, added: list[Event]) -> Batch:
        room = self._rooms.setdefault(name, _Room())
        first = room.last + 1
        room.last += len(added)
        room.events += added
        del room.events[: -self._keep]
        for event in added:
            if isinstance(event, TopicChanged):
                room.topic = event.topic
        return Batch(name, first, added)
