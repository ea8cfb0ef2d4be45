"""Takeover: commits a few lines by the redo log, and has the database take them over a second later."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from twisted.internet.defer import Deferred, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.events import TALK, Batch, Event
from chatroom.chat.ports import JournalError, RoomRecord, Timer

from ._calls import Later, Worker, as_error
from ._records import Row
from ._redo_log import Entry, RedoFile, RedoLog, find
from ._rows import from_row, to_row
from ._writer import Writer, by_room

INTERVAL = 1.0
"""Seconds until the database takes over what the log has: many lines share a transaction, and the pages it changes."""
_MOST = 1024
"""Events after which it does so at once."""
_FEW = 8
"""Events of a commit up to which the log is the better way: the database takes as long for a few as for one."""
_ROOMS = 10_000
"""Rooms whose last seqs are remembered, about 1 MB."""
_KINDS = frozenset(TALK)
_log = Logger(namespace="chatroom.journal")

Tail = Sequence[tuple[int, Event]]
"""Consecutive events with their seqs."""


class Handed(NamedTuple):
    """What the writer has to take over: *events* in *file*, the *number*-th time that something was handed over."""

    number: int
    events: list[Event]
    file: RedoFile | None


class _Tail:
    """The newest events of a room: the first of them has the seq *first*."""

    __slots__ = ("events", "first")

    def __init__(self, first: int) -> None:
        self.first = first
        self.events: list[Event] = []


class Takeover:
    """
    Owns the redo log of an open journal.

    :param check_file: raises `FileGone` while writing is not possible.
    :param report: called with None after a takeover, or with why it failed.
    """

    def __init__(
        self,
        later: Later,
        worker: Worker,
        check_file: Callable[[], None],
        report: Callable[[JournalError | None], object],
    ) -> None:
        self._later = later
        self._worker = worker
        self._check_file = check_file
        self._report = report
        self._writer: Writer | None = None
        self._log: RedoLog | None = None
        self._lasts: dict[str, int] = {}
        """The last seqs of rooms, the least recently used first."""
        self._logged: dict[str, _Tail] = {}
        """What is in the file that is being written, by room."""
        self._count = 0
        """The number of events in that."""
        self._handed: deque[tuple[int, dict[str, _Tail]]] = deque()
        """What has been handed over, but not taken over yet, with its number."""
        self._number = 0
        self._running = False
        """Whether a takeover without a commit is under way."""
        self._timer: Timer | None = None

    def start(self, writer: Writer, log: RedoLog) -> None:
        """Begin to use *log*."""
        self._writer, self._log = writer, log

    def stop(self) -> RedoLog | None:
        """End, whether everything has been taken over or not; return the log."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        log, self._log, self._writer = self._log, None, None
        self._lasts.clear()
        self._logged = {}
        self._handed.clear()
        return log

    @property
    def settled(self) -> bool:
        """Whether the database has everything."""
        return not self._logged and not self._handed

    def commit(self, events: Sequence[Event]) -> list[Batch] | None:
        """Commit *events* by writing them to the log; None if they have to take the other way."""
        if self._log is None or len(events) > _FEW:
            return None
        lasts = self._lasts
        for event in events:
            if type(event) not in _KINDS or event.marks is not None or event.room not in lasts:
                return None
        batches = [Batch(room, lasts[room] + 1, said) for room, said in by_room(events).items()]
        entries: list[Entry] = [(batch.room, seq, to_row(event)) for batch in batches for seq, event in batch]
        if not self._log.append(entries):
            return None
        self.note(batches)
        for batch in batches:
            tail = self._logged.get(batch.room)
            if tail is None:
                tail = self._logged[batch.room] = _Tail(batch.first)
            tail.events += batch.events
        self._count += len(events)
        if self._count >= _MOST and not self._running:
            self._take()
        elif self._timer is None:
            self._timer = self._later(INTERVAL, self._due)
        return batches

    def note(self, batches: Sequence[Batch]) -> None:
        """Remember the seqs of *batches*, which have been committed."""
        lasts = self._lasts
        for batch in batches:
            lasts.pop(batch.room, None)
            lasts[batch.room] = batch.last
        while len(lasts) > _ROOMS:
            del lasts[next(iter(lasts))]

    def hand_over(self) -> Handed:
        """Hand over what was logged, to be given to `store`, and when that has succeeded, to `taken_over`."""
        if not self._logged or self._log is None:
            return Handed(self._number, [], None)
        logged, self._logged, self._count = self._logged, {}, 0
        self._number += 1
        self._handed.append((self._number, logged))
        return Handed(self._number, [event for tail in logged.values() for event in tail.events], self._log.take())

    def taken_over(self, handed: Handed) -> None:
        """Forget what has been *handed* over, and everything before."""
        while self._handed and self._handed[0][0] <= handed.number:
            self._handed.popleft()

    def settle(self) -> Deferred[None]:
        """Have the database take over what has been logged so far; whether that works or not."""
        return succeed(None) if self.settled else self._take()

    def tail(self, room: str) -> Tail:
        """Return the newest events of *room*, among them all that the database may not have yet."""
        found: list[tuple[int, Event]] = []
        if not self.settled:
            for tails in (*(tails for _, tails in self._handed), self._logged):
                tail = tails.get(room)
                if tail is not None:
                    found += enumerate(tail.events, tail.first)
        return found

    def _due(self) -> None:
        self._timer = None
        if not self.settled and not self._running:
            self._take()

    def _take(self) -> Deferred[None]:
        taken: Deferred[None] = Deferred()
        self._running = True
        try:
            assert self._writer is not None
            self._check_file()
        except JournalError as error:
            self._taken(taken, None, Failure(error))  # type: ignore[no-untyped-call]
        else:
            handed = self.hand_over()
            self._worker.run(partial(store, self._writer, handed), partial(self._taken, taken, handed))
        return taken

    def _taken(self, taken: Deferred[None], handed: Handed | None, result: list[Batch] | Failure) -> None:
        self._running = False
        error = as_error(result) if isinstance(result, Failure) else None
        if error is None and handed is not None:
            self.taken_over(handed)
        if self._timer is None and not self.settled and self._log is not None:
            self._timer = self._later(INTERVAL, self._due)
        self._report(error)
        taken.callback(None)


def with_last(record: RoomRecord, tail: Tail) -> RoomRecord:
    """Return *record* with the seq of the last event in *tail*, if that is newer."""
    return replace(record, last=max(record.last, tail[-1][0]))


def extend(page: Batch, tail: Tail, limit: int) -> Batch:
    """Return *page*, read forward, with what follows on it in *tail*; *limit* events at most."""
    more = [event for seq, event in tail if seq > page.last]
    if not more or tail[-1][0] - len(more) != page.last:
        return page
    return Batch(page.room, page.first, [*page.events, *more][:limit])


def extend_backward(page: Batch, tail: Tail, before: int | None, limit: int) -> Batch:
    """Return *page*, read backward from *before*, with what follows on it in *tail*; the *limit* newest at most."""
    more = [pair for pair in tail if (not page.events or pair[0] > page.last) and (before is None or pair[0] < before)]
    if not more:
        return page
    events = [*page.events, *(event for _, event in more)]
    start = max(len(events) - limit, 0)
    return Batch(page.room, more[-1][0] + 1 - len(events) + start, events[start:])


def recover(folder: Path, writer: Writer) -> None:
    """
    Have *writer* store what the log in *folder* still has after a crash, on any thread.

    An entry that the database has is skipped; one that does not follow on it, for example because a backup has been
    put back since, is dropped.

    :raises JournalError: if the log cannot be read, or the database not be written.
    """
    try:
        found = find(folder)
    except OSError as error:
        raise JournalError(f"{error.filename or folder}: {os.strerror(error.errno or 0)}") from error
    missing: list[Event] = []
    lasts: dict[str, int] = {}
    strange = 0
    for room, seq, row in found.entries:
        if room not in lasts:
            lasts[room] = writer.last(room)
        if seq == lasts[room] + 1 > 1:
            missing.append(from_row(room, row))
            lasts[room] = seq
        elif seq > lasts[room]:
            strange += 1
    if missing:
        writer.commit(missing)
        _log.info("Messages recovered from the redo log: {count}.", count=len(missing))
    if found.torn:
        _log.warn("The last write to the redo log was not finished; it is dropped, and nobody was shown it.")
    if strange:
        _log.warn("Messages in the redo log that do not belong to this journal, dropped: {count}.", count=strange)


def store(writer: Writer, handed: Handed, events: Sequence[Event] = (), rows: Sequence[Row] = ()) -> list[Batch]:
    """Commit what was *handed* over, then *events* and *rows*, on the writer's thread; return the batches of these."""
    if handed.file is not None:
        writer.owe(handed.events, handed.file)
    return writer.commit(events, rows)
