"""The journal in memory: for ``--ephemeral``, and for tests of the house."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from twisted.internet.defer import Deferred, fail, succeed

from chatroom.chat.events import Batch, Event, Left
from chatroom.chat.histogram import Histogram
from chatroom.chat.ports import (
    MOST_UNREAD,
    READING,
    AccountRecords,
    JournalError,
    JournalListener,
    Present,
    Query,
    RecordChange,
    RetentionLimit,
    RoomRecord,
    StandingRecord,
    Waiting,
)
from chatroom.chat.replies import Numbered

from ._calls import CLOSED, Later
from ._memory_readings import MemoryReadings
from ._memory_records import MemoryRecords
from ._memory_rooms import MemoryRoom
from ._memory_search import Log, Scan
from ._presence import CRASHED
from ._records import Row, encode, parted
from ._search_queue import SearchQueue

T = TypeVar("T")
_SLICE = 500
"""Records read in one turn, some 2 ms."""


class MemoryJournal:
    """
    Keeps the newest *keep* events of each room, until the process ends.

    What is appended in one turn of the reactor is committed in the next, as one batch per room.
    """

    indexing = False
    epoch = 0
    leads = True

    def __init__(
        self,
        later: Later,
        secret: bytes | None = None,
        keep: int = 10_000,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.secret = secret or secrets.token_bytes(32)
        self.broken: JournalError | None = None
        """While this is set, every commit fails with it; tests use it for a full disk."""
        self.times = Histogram()
        self._later = later
        self._keep = keep
        self._now = now
        self._rooms: dict[str, MemoryRoom] = {}
        self._names: list[str] = []
        """The names of all rooms, oldest first."""
        self._talks: dict[str, list[str]] = {}
        """The conversations of each party, oldest first."""
        self._records = MemoryRecords()
        self._readings = MemoryReadings(lambda room: self._look_up(room).first)
        self._open: list[Event] = []
        self._rows: list[Row] = []
        self._asked: list[Deferred[None]] = []
        self._flushes: list[Deferred[None]] = []
        self._listener: JournalListener | None = None
        self._closed = False
        self._searches = SearchQueue()

    @property
    def queue(self) -> int:
        """Return the number of events and changes that are not committed yet."""
        return len(self._open) + len(self._asked)

    def open(self, listener: JournalListener, *, keep: bool = False) -> list[Present]:
        """Open for reading and appending, perhaps for the next house of a test: what is not committed is lost."""
        self._listener = listener
        self._open, self._rows, self._asked, self._flushes = [], [], [], []
        self._closed = False
        present = [Present(name, *one) for name, room in self._rooms.items() for one in room.present.items()]
        if not keep:
            self._store([Left(room, self._now(), by, nick, CRASHED) for room, by, nick in present], [])
        return present

    def append(self, event: Event, changes: Sequence[RecordChange] = ()) -> None:
        """Put *event*, and *changes* with it, into the batch that the next turn commits."""
        rows = encode(changes, event) if changes else ()
        self._begin()
        self._open.append(event)
        self._rows += rows

    def change(self, changes: Sequence[RecordChange]) -> Deferred[None]:
        """Put *changes* into the batch that the next turn commits."""
        rows = encode(changes)
        self._begin()
        self._rows += rows
        self._asked.append(Deferred())
        return self._asked[-1]

    def change_from_outside(self, changes: Sequence[RecordChange], noticed_after: float = 0.0) -> None:
        """
        Act, for tests, as another program that commits *changes* now, between this journal's own commits.

        :param noticed_after: seconds until the listener gets the values as they are by then.
        """
        rows = encode(changes)
        self._store([], rows)
        places = dict.fromkeys(row[:3] for row in parted(rows)[0])
        self._later(noticed_after, lambda: self._tell_of_changes(list(places)))

    def _tell_of_changes(self, places: Sequence[tuple[str, str, str]]) -> None:
        if not self._closed and self._listener is not None:
            self._listener.changed([self._records.now(scope, (kind, key)) for scope, kind, key in places])

    def _begin(self) -> None:
        assert self._listener is not None, "open the journal first"
        if not self._open and not self._asked:
            self._later(0, self._commit)

    def flush(self) -> Deferred[None]:
        """Wait until everything appended so far has been committed, or has failed."""
        if not self._open and not self._asked:
            return succeed(None)
        flushed: Deferred[None] = Deferred()
        self._flushes.append(flushed)
        return flushed

    def room(self, name: str) -> Deferred[RoomRecord]:
        """Look up *name*."""
        room = self._look_up(name)
        return self._read(RoomRecord(room.last, room.topic))

    def after(self, room: str, seq: int, limit: int) -> Deferred[Batch]:
        """Read forward; a ``first`` beyond ``seq + 1`` shows that older events have been removed."""
        kept = self._look_up(room)
        start = max(seq + 1 - kept.first, 0)
        events = kept.page(start, start + limit)
        return self._read(Batch(room, kept.first + start if events else seq + 1, events))

    def before(self, room: str, seq: int | None, limit: int) -> Deferred[Batch]:
        """Read backward from just below *seq*, or from the end."""
        kept = self._look_up(room)
        below = kept.last + 1 if seq is None else seq
        stop = min(max(below - kept.first, 0), len(kept.events))
        start = max(stop - limit, 0)
        events = kept.page(start, stop)
        return self._read(Batch(room, kept.first + start if events else below, events))

    def conversations(self, identity: str, limit: int = 1000) -> Deferred[list[str]]:
        """List the *limit* newest conversations of *identity*, the newest first."""
        return self._read(self._latest(identity, limit))

    def latest_conversations(self, identities: Collection[str], limit: int) -> Deferred[dict[str, list[str]]]:
        """List the *limit* newest conversations of each of *identities* that has any, the newest first."""
        return self._read({one: self._latest(one, limit) for one in identities if one in self._talks})

    def _latest(self, identity: str, limit: int) -> list[str]:
        return self._talks.get(identity, [])[: -limit - 1 : -1]

    def names(self, after: str = "", limit: int = 1000) -> Deferred[list[str]]:
        """List the *limit* oldest rooms created after *after*, including conversations but not the audit log."""
        first = self._rooms[after].number if after in self._rooms else 0
        # One more, because the audit log is left out.
        names = [name for name in self._names[first : first + limit + 1] if name[:1] != "&"]
        return self._read(names[:limit])

    def standing(self, scope: str = "") -> list[StandingRecord]:
        """Read all records of *scope*."""
        if self._closed:
            raise JournalError(CLOSED)
        return self._records.of(scope, self._records.places(scope))

    def records(self, scope: str) -> Deferred[list[StandingRecord]]:
        """Read all records of *scope*, a slice in each turn; what is changed meanwhile may be among them."""
        return Deferred.fromCoroutine(self._read_records(scope))

    async def _read_records(self, scope: str) -> list[StandingRecord]:
        places = self._records.places(scope)
        records: list[StandingRecord] = []
        for start in range(0, len(places), _SLICE):
            if start:
                await self._turn()
            records += self._records.of(scope, places[start : start + _SLICE])
        return await self._read(records)

    def _turn(self) -> Deferred[None]:
        """Wait for the next turn of the reactor."""
        turn: Deferred[None] = Deferred()
        self._later(0, partial(turn.callback, None))
        return turn

    def find(self, kind: str, key: str, limit: int = 1000) -> Deferred[list[StandingRecord]]:
        """Read *limit* records of this *kind* and *key* in any scope."""
        if kind == READING:
            return self._read(self._readings.find(key, limit))
        return self._read(self._records.find((kind, key), limit))

    def of_account(self, account: str, positions: int, conversations: int) -> Deferred[AccountRecords]:
        """Read positions, records of what is unread, and conversations of *account*."""
        return self._read(
            AccountRecords(
                self._readings.find(account, positions),
                self._records.find(("unread", account), 1000),
                self._talks.get(account, [])[: -conversations - 1 : -1],
            )
        )

    def waiting(self, account: str, after: Mapping[str, int]) -> Deferred[dict[str, Waiting]]:
        """Count what comes after these seqs, in all these rooms."""
        found = {}
        for room, seq in after.items():
            unread = min(self._look_up(room).unread(seq), MOST_UNREAD)
            found[room] = Waiting(unread, self._readings.mentions(account, room, seq))
        return self._read(found)

    def search(self, query: Query) -> Deferred[list[Numbered]]:
        """Find what was said by a full scan, a slice in each turn; newest first."""
        return self._searches.run(query.asker, lambda: Deferred.fromCoroutine(self._search(query)))

    async def _search(self, query: Query) -> list[Numbered]:
        rooms = [*query.rooms, *self._talks.get(query.party, ())] if query.party else query.rooms
        scan = Scan(query, [partial(self._log, name, query.sealed.get(name, 0)) for name in dict.fromkeys(rooms)])
        while scan.step():
            await self._turn()
        return await self._read(scan.found())

    def _log(self, name: str, sealed: int) -> Log:
        room = self._look_up(name)
        unseen = max(0, sealed + 1 - room.first)
        return room.first + unseen, room.events[unseen:]

    def trim(self, room: str, keep: RetentionLimit) -> Deferred[int]:
        """Remove the oldest events at once."""
        kept = self._look_up(room)
        gone = kept.unwanted(keep, self._now())
        if not self._closed:
            kept.remove(gone)
        return self._read(gone)

    def close(self) -> Deferred[None]:
        """Commit what is open; from then on, nothing can be read or appended."""

        def close(_: None) -> None:
            self._closed = True
            self._searches.stop()

        return self.flush().addCallback(close)

    def _look_up(self, name: str) -> MemoryRoom:
        return self._rooms.get(name) or MemoryRoom()

    def _read(self, found: T) -> Deferred[T]:
        return fail(JournalError(CLOSED)) if self._closed else succeed(found)

    def _commit(self) -> None:
        """Store the open events and tell the listener; what it appends meanwhile waits a turn."""
        assert self._listener is not None
        events, self._open = self._open, []
        rows, self._rows = self._rows, []
        asked, self._asked = self._asked, []
        flushes, self._flushes = self._flushes, []
        error = JournalError(CLOSED) if self._closed else self.broken
        begun = time.perf_counter()
        try:
            if error is None:
                batches = self._store(events, rows)
                self.times.note(time.perf_counter() - begun)
                if batches:
                    self._listener.committed(batches)
            elif events:
                self._listener.failed(events, error)
        finally:
            for done in asked:
                if error is None:
                    done.callback(None)
                else:
                    done.errback(error)
            for flushed in flushes:
                flushed.callback(None)

    def _store(self, events: list[Event], rows: Iterable[Row]) -> list[Batch]:
        standing, apart = parted(rows)
        self._records.write(standing)
        rooms: dict[str, list[Event]] = {}
        for event in events:
            rooms.setdefault(event.room, []).append(event)
        batches = [self._store_in(name, added) for name, added in rooms.items()]
        if apart:
            self._readings.write(apart, batches)
        return batches

    def _store_in(self, name: str, added: list[Event]) -> Batch:
        room = self._rooms.get(name) or self._begin_room(name)
        first = room.last + 1
        room.add(added, self._keep)
        return Batch(name, first, added)

    def _begin_room(self, name: str) -> MemoryRoom:
        self._names.append(name)
        if name.startswith("@"):
            for party in dict.fromkeys(name[1:].split(":")):
                self._talks.setdefault(party, []).append(name)
        room = self._rooms[name] = MemoryRoom(number=len(self._names))
        return room
