"""A journal over the disk that keeps its promises when the seed says so; and so it is with passwords."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from chatroom.chat.events import Batch, Event
from chatroom.chat.histogram import Histogram
from chatroom.chat.ports import (
    READING,
    AccountRecords,
    JournalError,
    JournalListener,
    Present,
    Query,
    RecordChange,
    RoomRecord,
    StandingRecord,
)
from chatroom.journal._records import Row, encode, parted

from .disk import Disk, Kept, Place
from .world import Future, SimWorld


class Commit:
    """The events appended since the last commit began, and those who wait for them."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.rows: list[Row] = []
        self.asked: list[Future] = []
        self.batches: list[Batch] = []
        self.error: JournalError | None = None
        self.noticed = False
        """Whether nothing was asked for, or the listener was told that it takes long: it is told how that ends."""

    @property
    def size(self) -> int:
        return len(self.events) + len(self.asked)


class SimJournal:
    """
    A journal in which every read and every step of a commit is a promise.

    :param coin: decides what a read sees: what is stored when it is asked, or when it is answered.
    :param watch: is told of every event that is appended, before it is stored, and of what the house is told.
    """

    leads = True

    def __init__(self, world: SimWorld, disk: Disk, coin: Callable[[], bool], watch: Any) -> None:
        self.secret = disk.secret
        self.times = Histogram()
        self.indexing = False
        self.epoch = 0
        self.closed = False
        self._world = world
        self._disk = disk
        self._coin = coin
        self._watch = watch
        self._open = Commit()
        self._stored: list[Commit | list[Row]] = []
        """What is stored, or could not be, and what others have stored: the listener has yet to be told."""
        self.in_flight: Counter[Place] = Counter()
        """How often each record is changed by what is on its way."""
        self._appended = self._settled = 0
        self._flushes: list[tuple[int, Future]] = []
        self._listener: JournalListener

    @property
    def queue(self) -> int:
        """How many events and changes are on their way."""
        return self._appended - self._settled

    def open(self, listener: JournalListener, *, keep: bool = False) -> list[Present]:
        """Open for reading and appending."""
        self._listener = listener
        present = self._disk.present()
        if not keep:
            self._disk.send_off(present)
        return present

    # Writing.

    def append(self, event: Event, changes: Sequence[RecordChange] = ()) -> None:
        """Put *event*, and *changes* with it, into the next commit."""
        self._watch.appended(event)
        self._begin()
        self._open.events.append(event)
        self._add(encode(changes, event))

    def change(self, changes: Sequence[RecordChange]) -> Future:
        """Put *changes* into the next commit."""
        self._begin()
        self._add(encode(changes))
        # What was stored is told of in its order, so whoever waits for that goes on in that order, too.
        future = Future(self._world, at_once=True)
        self._open.asked.append(future)
        return future

    def flush(self) -> Future:
        """Wait until everything so far is stored, or could not be."""
        future = self._world.future()
        if self.queue:
            self._flushes.append((self._appended, future))
        else:
            future.callback(None)
        return future

    def write_beside(self, rows: list[Row]) -> None:
        """Let another program store *rows*; that is noticed later, between two commits, and told in their order."""
        self._disk.commit([], rows)
        places = [row[:3] for row in parted(rows)[0]]
        self._world.schedule.add("notice", lambda: self._notice(places))

    def _notice(self, places: list[Place]) -> None:
        self._tell_later([Row(*place, self._disk.records.get(place)) for place in places])

    def _add(self, rows: Sequence[Row]) -> None:
        self._open.rows += rows
        self.in_flight.update(row[:3] for row in rows)

    def tell_of_disk(self) -> None:
        """Notice, without having been asked to store anything, whether that could be done."""
        noticed = Commit()
        noticed.error = JournalError("the disk is full") if self._disk.full else None
        self._tell_later(noticed, noticed=True)

    def _begin(self) -> None:
        if not self._open.size:
            self._world.schedule.add("write", self._write)
        self._appended += 1

    def _write(self) -> None:
        batch, self._open = self._open, Commit()
        if self.closed or self._disk.full:
            batch.error = JournalError("the journal is closed" if self.closed else "the disk is full")
        else:
            batch.batches = self._disk.commit(batch.events, batch.rows)
            self._watch.stored(batch.rows, batch.batches)
        self._tell_later(batch)

    def _tell_later(self, stored: Commit | list[Row], noticed: bool = False) -> None:
        if isinstance(stored, Commit):
            stored.noticed = noticed
        self._stored.append(stored)
        self._world.schedule.add("tell", self._tell)

    def _tell(self) -> None:
        stored = self._stored.pop(0)
        if isinstance(stored, list):
            self._watch.told(stored)
            self._listener.changed([RecordChange(*row[:3], row.value and json.loads(row.value)) for row in stored])
            return
        self.in_flight.subtract(row[:3] for row in stored.rows)
        if stored.error is None:
            self._watch.told(stored.rows)
            if stored.batches or stored.noticed:
                self._listener.committed(stored.batches)
        elif stored.events or stored.noticed:
            self._listener.failed(stored.events, stored.error)
        for future in stored.asked:
            if stored.error is None:
                future.callback(None)
            else:
                future.errback(stored.error)
        self._settled += stored.size
        while self._flushes and self._flushes[0][0] <= self._settled:
            self._flushes.pop(0)[1].callback(None)

    # Reading.

    def room(self, name: str) -> Future:
        """Look up *name*."""
        kept = self._disk.rooms.get
        return self._read("room", lambda: RoomRecord((kept(name) or Kept()).last, (kept(name) or Kept()).topic))

    def after(self, room: str, seq: int, limit: int) -> Future:
        """Read forward."""
        return self._read("after", lambda: self._after(room, seq, limit))

    def before(self, room: str, seq: int | None, limit: int) -> Future:
        """Read backward."""
        return self._read("before", lambda: self._before(room, seq, limit))

    def conversations(self, identity: str, limit: int = 1000) -> Future:
        """Name the conversations of *identity*."""
        return self._read("conversations", lambda: self._disk.talks(identity)[:limit])

    def latest_conversations(self, identities: Collection[str], limit: int) -> Future:
        """Name the conversations of each of *identities*."""
        return self._read("conversations", lambda: {one: self._disk.talks(one)[:limit] for one in identities})

    def names(self) -> Future:
        """Name the rooms."""
        return self._read("names", lambda: [room for room in self._disk.rooms if room[:1] != "&"])

    def standing(self, scope: str = "") -> list[StandingRecord]:
        """Read the records of *scope*, at once."""
        return self._disk.of_scope(scope)

    def records(self, scope: str) -> Future:
        """Read the records of *scope*."""
        return self._read("records", lambda: self._disk.of_scope(scope))

    def find(self, kind: str, key: str, limit: int = 1000) -> Future:
        """Read the records of this *kind* and *key*."""
        return self._read("find", lambda: self._disk.find(kind, key, limit))

    def of_account(self, account: str, positions: int, conversations: int) -> Future:
        """Read what is kept of *account*."""
        return self._read(
            "of_account",
            lambda: AccountRecords(
                self._disk.find(READING, account, positions),
                self._disk.find("unread", account, 1000),
                self._disk.talks(account)[:conversations],
            ),
        )

    def waiting(self, account: str, after: Mapping[str, int]) -> Future:
        """Count what comes after these seqs."""
        return self._read("waiting", lambda: self._disk.waiting(account, after))

    def search(self, query: Query) -> Future:
        """Search messages."""
        return self._read("search", lambda: self._disk.search(query))

    async def trim(self, room: str, keep: int) -> int:
        """Keep only the newest *keep* events of *room*."""
        kept = self._disk.rooms.get(room) or Kept()
        before, kept.first = kept.first, max(kept.first, kept.last - keep + 1)
        return kept.first - before

    async def close(self) -> None:
        """Commit and close; from then on, nothing can be read or appended."""
        await self.flush()
        self.closed = True

    def _after(self, room: str, seq: int, limit: int) -> Batch:
        first = (self._disk.rooms.get(room) or Kept()).first
        start = max(seq + 1, first)
        return self._disk.page(room, start, start + limit, seq + 1)

    def _before(self, room: str, seq: int | None, limit: int) -> Batch:
        below = (self._disk.rooms.get(room) or Kept()).last + 1 if seq is None else seq
        below = min(below, (self._disk.rooms.get(room) or Kept()).last + 1)
        return self._disk.page(room, max(below - limit, 1), below, below if seq is None else seq)

    def _read(self, what: str, work: Callable[[], Any]) -> Future:
        future = self._world.future()
        found = [work()] if self._coin() else []

        def answer() -> None:
            if self.closed or self._disk.unreadable:
                future.errback(JournalError("the journal is closed" if self.closed else "the disk is broken"))
            else:
                future.callback(found[0] if found else work())

        self._world.schedule.add(f"read {what} for {self._world.running}", lambda: self._when_read(answer))
        return future

    def _when_read(self, answer: Callable[[], object]) -> None:
        """Give the *answer* to a read."""
        answer()


def password_of(hashed: str) -> str:
    """Return the password behind the stand-in for a hash."""
    return hashed.split(":", 2)[2]


class SimPasswords:
    """Passwords that are not hashed at all, answered for when the seed says so."""

    def __init__(self, world: SimWorld) -> None:
        self._world = world

    def hash(self, password: str) -> Future:
        """Make a stored event."""
        # No two hashes are alike, as with a salt.
        return self._answer("hash", f"plain:{self._world.token()}:{password}")

    def verify(self, hashed: str | None, password: str) -> Future:
        """Check *password*."""
        return self._answer("verify", hashed is not None and password_of(hashed) == password)

    def _answer(self, what: str, answer: object) -> Future:
        future = self._world.future()
        self._world.schedule.add(f"{what} for {self._world.running}", lambda: future.callback(answer))
        return future
