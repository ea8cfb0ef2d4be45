"""The writer: commits events and records by SQL, and gives each event its seq."""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Protocol

from chatroom.chat.changes import CHANGES
from chatroom.chat.events import TALK, Batch, Event, Joined, Left, Renamed, TopicChanged
from chatroom.chat.ports import Present, RecordChange

from . import _readings, _records
from ._amendments import amend
from ._database import as_journal_errors
from ._presence import CRASHED, presence_changes
from ._redo_log import RedoFile
from ._rows import to_row

SLICE = 100
"""Changes by another program that are read and applied at a time: one account takes some 30 µs."""
_COLUMNS = 9
_COLUMN_NAMES = 'room, seq, type, at, "by", nick, text, target, ref'
_ROWS = 2048
"""Rows of one statement at most: times nine columns, well below SQLite's 32,766 parameters."""
_EXACT = 8
"""
Up to this many rows, each number of rows has its own statement.

A statement that is prepared keeps 1 KB for each of its rows, so those for 1, 2, 3, … to 64 rows would keep 2 MB.
"""
_PADDED = 64
"""
Up to this many rows, statements are padded to the next multiple of four: a row of padding takes 1.7 µs, and all these
keep 0.6 MB.
"""
_KNOWN = 10_000
"""Rooms whose ids and last seqs the writer remembers, about 2 MB."""
_TALKS = 1000
"""
The same for conversations: most conversations of guests are over before the next begins.

A lookup, which needs a transaction, takes 5 µs more than the 13 of a whisper.
"""
_SAID = frozenset(TALK)
_STATE = (Joined, Left, Renamed, TopicChanged)
"""The events that change other tables: presence in a room, or its topic."""
_WHO = "json_extract(value, '$[0]'), json_extract(value, '$[1]')"
_NICK = "json_extract(value, '$[2]')"
_INSERT_PRESENCE = f"INSERT OR REPLACE INTO presence SELECT {_WHO}, {_NICK} FROM json_each(?)"
_DELETE_PRESENCE = f"DELETE FROM presence WHERE (room, identity) IN (SELECT {_WHO} FROM json_each(?))"
_UPDATE_PRESENCE = f"UPDATE presence SET nick = {_NICK} FROM json_each(?) WHERE (room, identity) = ({_WHO})"


@cache
def _insert(rows: int) -> str:
    """
    Write the statement that inserts up to *rows* events; it skips rows whose first value is NULL.

    Every step of a statement gives up the GIL, and when the reactor's thread is busy, getting it
    back takes up to the switch interval of 5 ms.  So a commit is one statement that commits by
    itself: with 100 events and a busy main thread, 11 ms, where BEGIN, three INSERTs and COMMIT
    took 27.  And so that few texts have to be prepared, rows are padded, see `_padded`; that
    costs less than reading the same rows from JSON (500 events: 1.3 ms against 2.8).
    """
    row = f"({', '.join('?' * _COLUMNS)})"
    values = ", ".join([row] * rows)
    return f"INSERT INTO event ({_COLUMN_NAMES}) SELECT * FROM (VALUES {values}) WHERE column1 IS NOT NULL"


def _padded(rows: int) -> int:
    """Return the number of rows of the statement that inserts this many: a multiple of four, then a power of two."""
    if rows <= _EXACT:
        return rows
    return -(-rows // 4) * 4 if rows <= _PADDED else 1 << (rows - 1).bit_length()


def by_room(events: Sequence[Event]) -> dict[str, list[Event]]:
    """Group *events* by their rooms, in the order of each room's first."""
    rooms: dict[str, list[Event]] = {}
    for event in events:
        rooms.setdefault(event.room, []).append(event)
    return rooms


class Grown(Protocol):
    """Takes note of new events."""

    def __call__(self, room: int, count: int, *, said: bool) -> object:
        """Note that the room with the id *room* has *count* new events; whether anything was *said* there."""


def _unnoted(room: int, count: int, *, said: bool) -> None:
    """Take no note."""


class _Known:
    """A cache of the ids and last seqs of rooms, evicting the least recently used."""

    def __init__(self) -> None:
        self._rooms: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._talks: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def get(self, name: str) -> tuple[int, int] | None:
        """Return the entry of the room *name*, or None."""
        return (self._talks if name.startswith("@") else self._rooms).get(name)

    def put(self, name: str, number: int, last: int) -> None:
        """Add or refresh the room *name*, evicting another one if there are too many."""
        among, most = (self._talks, _TALKS) if name.startswith("@") else (self._rooms, _KNOWN)
        among[name] = number, last
        among.move_to_end(name)
        if len(among) > most:
            among.popitem(last=False)

    def forget(self, name: str) -> None:
        """Remove the room *name*, if present."""
        self._rooms.pop(name, None)
        self._talks.pop(name, None)


class Writer:
    """
    Writes a journal, on one thread and one connection.

    An error is a `JournalError`; anything else is a bug.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        grown: Grown = _unnoted,
        *,
        noting: bool = False,
    ) -> None:
        """
        :param grown: called when a room has new events.
        :param noting: whether to note changes for a server that may be running at the same time.
        """
        self._connection = connection
        self._grown = grown
        self._noting = noting
        self._version = self._foreign_version()
        self._heard = 0
        """The number of the last note read from another program."""
        self._known = _Known()
        self._owed: list[Event] = []
        """What only the redo log has so far, in these files, in the order in which it was written."""
        self._files: list[RedoFile] = []
        self.owing = True
        """Whether the former text of a message may still have to be erased: see `Eraser`."""

    def secret(self, fresh: bytes) -> bytes:
        """Return the secret of this journal; if it has none yet, *fresh* becomes it."""
        with as_journal_errors():
            self._connection.execute("INSERT OR IGNORE INTO meta VALUES ('secret', ?)", (fresh,))
            row = self._connection.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()
        return bytes(row[0])

    def present(self) -> list[Present]:
        """Read who is in which room."""
        with as_journal_errors():
            inside = self._connection.execute(
                "SELECT name, identity, nick FROM presence JOIN room ON id = room ORDER BY room, identity"
            ).fetchall()
        return [Present(*one) for one in inside]

    def send_off(self, present: Sequence[Present], now: float) -> None:
        """After a crash, commit a `Left` event for everyone who is still *present*."""
        if present:
            self.commit([Left(room, now, by, nick, CRASHED) for room, by, nick in present])

    def commit(self, events: Sequence[Event], rows: Sequence[_records.Row] = ()) -> list[Batch]:
        """
        Store *events* in one transaction and give them their seqs; rooms in the order of their first event.

        :param rows: changes of records, which are stored with them.
        :raises JournalError: if they could not be stored; then nothing was.
        """
        rooms = by_room(events)
        with as_journal_errors():
            try:
                batches = self._try(rooms, events, rows)
            except sqlite3.IntegrityError:
                # Another program has appended to one of the rooms; now their last seqs are looked up.
                batches = self._try(rooms, events, rows)
        if self._files:
            self._owed = []
            self._files = [file for file in self._files if not file.clear()]
        return batches

    def owe(self, events: Sequence[Event], file: RedoFile) -> None:
        """Store *events* with the next commit, before what that is about; then clear *file*, which has them."""
        self._owed += events
        self._files.append(file)

    def last(self, room: str) -> int:
        """Return the seq of the newest event of *room*, 0 if there is none."""
        with as_journal_errors():
            row = self._connection.execute(
                "SELECT coalesce(max(seq), 0) FROM event WHERE room = (SELECT id FROM room WHERE name = ?)", (room,)
            ).fetchone()
        return int(row[0])

    def begin(self) -> None:
        """Skip earlier changes by other programs: all records are still to be read."""
        with as_journal_errors():
            self._heard = _records.forget_notes(self._connection)

    def foreign_changes(self) -> list[RecordChange]:
        """
        Read the next records that another program has changed, as they are stored now.

        It runs on the thread that commits, so its place in the order of commits is known exactly.

        :returns: at most `SLICE` changes; none if there is nothing new.
        """
        with as_journal_errors():
            version = self._foreign_version()
            if version == self._version:
                return []
            changes, self._heard = _records.noted(self._connection, self._heard, SLICE)
        if not changes:
            self._version = version
        return changes

    def _foreign_version(self) -> int:
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def _try(
        self, rooms: Mapping[str, list[Event]], events: Sequence[Event], rows: Sequence[_records.Row]
    ) -> list[Batch]:
        try:
            return self._commit(rooms, events, rows)
        except BaseException:
            with suppress(sqlite3.Error):  # the next commit will run into the same error
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
            for name in (*rooms, *(event.room for event in self._owed)):
                self._known.forget(name)
            raise

    def _commit(
        self, rooms: Mapping[str, list[Event]], events: Sequence[Event], rows: Sequence[_records.Row]
    ) -> list[Batch]:
        state: list[Event] = []
        amending = False
        for event in events:
            if type(event) in _STATE:
                state.append(event)
            elif event.marks is not None or isinstance(event, CHANGES):
                amending = True
        owed = by_room(self._owed)
        every = {**owed, **rooms}
        known = {name: place for name in every if (place := self._known.get(name)) is not None}
        one = not state and not amending and len(known) == len(every) and not rows and not (owed and rooms)
        # A transaction is left open if a ROLLBACK failed, too.
        if one and len(events) + len(self._owed) <= _ROWS and not self._connection.in_transaction:
            batches = self._add(owed or rooms, known)
            return [] if owed else batches
        self._connection.execute("BEGIN IMMEDIATE")
        for name in every:
            if name not in known:
                known[name] = self._enter(name)
        self._add(owed, known)
        batches = self._add(rooms, known)
        if state:
            self._note_presence(state, known)
            self._note_topics(state, known)
        if amending:
            amend(self._connection, [(known[one.room][0], seq, event) for one in batches for seq, event in one])
        if rows:
            self._write(rows, batches)
        self._connection.execute("COMMIT")
        self.owing = self.owing or amending
        return batches

    def _write(self, rows: Sequence[_records.Row], batches: Sequence[Batch]) -> None:
        standing, apart = _records.parted(rows)
        _records.write(self._connection, standing)
        if self._noting:
            _records.note(self._connection, standing)
        if apart:
            _readings.write(self._connection, apart, batches)

    def _enter(self, name: str) -> tuple[int, int]:
        """Find the id and the last seq of a room, and create the room if necessary."""
        row = self._connection.execute(
            "SELECT id, (SELECT max(seq) FROM event WHERE room = id) FROM room WHERE name = ?", (name,)
        ).fetchone()
        if row is not None:
            return row[0], row[1] or 0
        number = self._connection.execute("INSERT INTO room (name) VALUES (?)", (name,)).lastrowid
        assert number is not None
        if name.startswith("@"):
            for identity in set(name[1:].split(":")):
                self._connection.execute("INSERT INTO party VALUES (?, ?)", (identity, number))
        return number, 0

    def _add(self, rooms: Mapping[str, list[Event]], known: dict[str, tuple[int, int]]) -> list[Batch]:
        batches: list[Batch] = []
        values: list[Any] = []
        for name, events in rooms.items():
            number, last = known[name]
            batches.append(Batch(name, last + 1, events))
            for seq, event in enumerate(events, last + 1):
                values += (number, seq, *to_row(event))
            last += len(events)
            known[name] = number, last
            self._known.put(name, number, last)
            self._grown(number, len(events), said=not _SAID.isdisjoint(map(type, events)))
        for start in range(0, len(values), _ROWS * _COLUMNS):
            chunk = values[start : start + _ROWS * _COLUMNS]
            rows = _padded(len(chunk) // _COLUMNS)
            chunk += [None] * (rows * _COLUMNS - len(chunk))
            self._connection.execute(_insert(rows), chunk)
        return batches

    def _note_presence(self, events: Sequence[Event], known: Mapping[str, tuple[int, int]]) -> None:
        """Compute presence after *events*, then write the difference in three statements."""
        renamed, left, joined = presence_changes(events)
        went = dict.fromkeys(left, "")
        for statement, people in ((_UPDATE_PRESENCE, renamed), (_DELETE_PRESENCE, went), (_INSERT_PRESENCE, joined)):
            if people:
                rows = [[known[room][0], by, nick] for (room, by), nick in people.items()]
                self._connection.execute(statement, (json.dumps(rows),))

    def _note_topics(self, events: Sequence[Event], known: Mapping[str, tuple[int, int]]) -> None:
        topics = {event.room: event.topic for event in events if isinstance(event, TopicChanged)}
        for name, topic in topics.items():
            self._connection.execute("UPDATE room SET topic = ? WHERE id = ?", (topic, known[name][0]))
