"""The reader: events and records, read by SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any

from chatroom.chat.events import Batch
from chatroom.chat.ports import READING, AccountRecords, JournalError, RoomRecord, StandingRecord, Waiting

from . import _readings, _records
from ._database import as_journal_errors
from ._rows import SIZE, about, from_row

_MAX_SEQ = 2**63 - 1
"""The largest number that SQLite stores."""
SLICE = 500
"""Records read at a time, which takes some 2 ms of the interpreter lock."""
_MAX_PAGE_TEXT = 65_536
"""Characters after which a page ends early, because parsing it holds the interpreter lock."""
_PLACES = """
    FROM event WHERE room = (SELECT id FROM room WHERE name = ?1) AND seq {0} ?2 ORDER BY seq {1} LIMIT
"""
_FITTING = f"""
    SELECT count(*) FROM (
        SELECT sum(size) OVER (ORDER BY seq {{1}} ROWS UNBOUNDED PRECEDING) - size AS before
        FROM (SELECT seq, {SIZE} AS size {{places}} ?3)
    ) WHERE before < ?4
"""
_EVENTS = f"""
    SELECT json_group_array(
        json_array(seq, type, printf('%!.17g', at), "by", nick, text, target, ref, json({about("page")}))
    ) FROM (
        SELECT * {{places}} CASE
            WHEN (SELECT sum(size) FROM (SELECT {SIZE} AS size {{places}} ?3)) <= ?4 THEN ?3 ELSE ({{fitting}})
        END
    ) AS page
"""
# All events in one row, because every row is a step that gives up the GIL: with a busy main thread,
# 500 rows of their own took 94 ms to fetch, and this takes 11 (idle: 0.6 ms either way).  JSON
# would round ``at`` to 15 digits; 17 make the very same float.
# How many fit is worked out only if not all do: it would make every page half as slow again.
_NAMES = """
    SELECT json_group_array(name) FROM (
        SELECT name FROM room WHERE id > coalesce((SELECT id FROM room WHERE name = ?), 0)
        AND substr(name, 1, 1) <> '&' ORDER BY id LIMIT ?
    )
"""
_CONVERSATIONS = """
    SELECT json_group_array(json_array(room, name)) FROM (
        SELECT room, name FROM party JOIN room ON id = room WHERE identity = ?1 ORDER BY room DESC LIMIT ?2
    )
"""
_OF_ACCOUNT = f"""
    SELECT
        ({_readings.POSITIONS}),
        ({_records.RECORDS.format("kind = 'unread' AND key = ?1 ORDER BY scope LIMIT 1000")}),
        ({_CONVERSATIONS.replace("?2", "?3")})
"""
_LATEST = """
    SELECT json_group_array(json_array(identity, room, name))
    FROM json_each(?1) AS asked CROSS JOIN party ON identity = asked.value CROSS JOIN room ON room.id = party.room
    WHERE room IN (SELECT room FROM party WHERE identity = asked.value ORDER BY room DESC LIMIT ?2)
"""


def _events(*order: str) -> str:
    """Write the query for a page; *order* is a comparison and a direction."""
    places = _PLACES.format(*order)
    return _EVENTS.format(places=places, fitting=_FITTING.format(*order, places=places))


_FORWARD, _BACKWARD = _events(">", "ASC"), _events("<", "DESC")


class Reader:
    """
    Reads a journal, on one thread and one connection.

    An error is a `JournalError`; anything else is a bug.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def room(self, name: str) -> RoomRecord:
        """Look up *name*."""
        with as_journal_errors():
            row = self.connection.execute(
                "SELECT (SELECT max(seq) FROM event WHERE room = id), topic FROM room WHERE name = ?", (name,)
            ).fetchone()
        return RoomRecord(row[0] or 0, row[1]) if row else RoomRecord(0, "")

    def after(self, room: str, seq: int, limit: int) -> Batch:
        """Read forward; a ``first`` beyond ``seq + 1`` shows that older events have been removed."""
        rows = self._rows(_FORWARD, room, seq, limit)
        return self._batch(room, rows, seq + 1)

    def before(self, room: str, seq: int | None, limit: int) -> Batch:
        """Read backward from just below *seq*, or from the end."""
        rows = self._rows(_BACKWARD, room, _MAX_SEQ if seq is None else seq, limit)
        return self._batch(room, rows, 1 if seq is None else seq)

    def conversations(self, identity: str, limit: int) -> list[str]:
        """List the *limit* newest conversations of *identity*, the newest first."""
        with as_journal_errors():
            row = self.connection.execute(_CONVERSATIONS, (identity, limit)).fetchone()
        return _newest_first(row[0])

    def latest_conversations(self, identities: Collection[str], limit: int) -> dict[str, list[str]]:
        """List the *limit* newest conversations of each of *identities* that has any, the newest first."""
        with as_journal_errors():
            row = self.connection.execute(_LATEST, (json.dumps([*identities]), limit)).fetchone()
        found: dict[str, list[tuple[int, str]]] = {}
        for identity, room, name in json.loads(row[0]):
            found.setdefault(identity, []).append((room, name))
        return {identity: [name for _, name in sorted(rooms, reverse=True)] for identity, rooms in found.items()}

    def names(self, after: str, limit: int) -> list[str]:
        """List the *limit* oldest rooms created after *after*, including conversations but not the audit log."""
        with as_journal_errors():
            row = self.connection.execute(_NAMES, (after, limit)).fetchone()
        return list(json.loads(row[0]))

    def records(self, scope: str) -> list[StandingRecord]:
        """Read all records of *scope*."""
        with as_journal_errors():
            return _records.of_scope(self.connection, scope)

    def some_records(self, scope: str, after: tuple[str, str], limit: int) -> list[StandingRecord]:
        """Read *limit* records of *scope* at most, beyond those of the kind and key *after*."""
        with as_journal_errors():
            return _records.page_of(self.connection, scope, after, limit)

    def find(self, kind: str, key: str, limit: int) -> list[StandingRecord]:
        """Read *limit* records of this *kind* and *key* in any scope."""
        with as_journal_errors():
            if kind == READING:
                return _readings.find(self.connection, key, limit)
            return _records.find(self.connection, kind, key, limit)

    def of_account(self, account: str, positions: int, conversations: int) -> AccountRecords:
        """Read so many positions and conversations of *account*, and its records of what is unread."""
        # Somebody who has just logged in waits for it: one statement takes two thirds of the time of three.
        with as_journal_errors():
            row = self.connection.execute(_OF_ACCOUNT, (account, positions, conversations)).fetchone()
        return AccountRecords(_readings.positions(account, row[0]), _records.records(row[1]), _newest_first(row[2]))

    def waiting(self, account: str, after: Mapping[str, int]) -> dict[str, Waiting]:
        """Count what comes after these seqs, in all these rooms."""
        # A seq may come from a stranger, and a larger one than this would not fit in a column.
        bounded = {room: max(min(seq, _MAX_SEQ), -_MAX_SEQ) for room, seq in after.items()}
        with as_journal_errors():
            return _readings.waiting(self.connection, account, bounded)

    def _rows(self, which: str, room: str, seq: int, limit: int) -> list[Any]:
        # A seq may come from a stranger, and a larger one than this would not fit in a column.
        bound = max(min(seq, _MAX_SEQ), -_MAX_SEQ)
        with as_journal_errors():
            answer = self.connection.execute(which, (room, bound, max(limit, 0), _MAX_PAGE_TEXT))
            rows: list[Any] = json.loads(answer.fetchone()[0])
        rows.sort(key=itemgetter(0))
        return rows

    @staticmethod
    def _batch(room: str, rows: Sequence[Any], empty: int) -> Batch:
        """
        Make a batch of *rows*; without any, it begins at *empty*.

        :raises JournalError: if an event between them is missing, or is of an unknown type.
        """
        first = rows[0][0] if rows else empty
        if rows and rows[-1][0] - first != len(rows) - 1:
            raise JournalError(f"the journal is damaged: events are missing in {room}")
        try:
            events = [from_row(room, (kind, float(at), *rest), beside) for _, kind, at, *rest, beside in rows]
            return Batch(room, first, events)
        except KeyError as error:
            raise JournalError(f"{room} has events that only a newer chatroom knows") from error


def _newest_first(found: str) -> list[str]:
    """Return the names of the conversations in *found*, a row of `_CONVERSATIONS`."""
    return [name for _, name in sorted(json.loads(found), reverse=True)]


class Snapshot:
    """
    A consistent snapshot: all records of one *scope* as of one commit, a slice at a time.

    :param connection: its own, so that other readers see newer commits meanwhile.
    """

    def __init__(self, connection: sqlite3.Connection, scope: str) -> None:
        self._reader = Reader(connection)
        self._scope = scope
        self._after = "", ""

    def next(self) -> list[StandingRecord]:
        """Read the next `SLICE` records, or what is left; at the end, nothing."""
        connection = self._reader.connection
        if not connection.in_transaction:
            with as_journal_errors():
                connection.execute("BEGIN")
        page = self._reader.some_records(self._scope, self._after, SLICE)
        if page:
            self._after = page[-1].kind, page[-1].key
        return page

    def close(self) -> None:
        """Release the commit, so that its pages can be checkpointed."""
        self._reader.connection.close()
