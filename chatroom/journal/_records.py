"""Standing records: encoded as JSON, stored and read by SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Any, NamedTuple
from zlib import crc32

from chatroom.chat.events import Event
from chatroom.chat.ports import MENTION, READING, RecordChange, StandingRecord, Value

_MAX_ROWS = 1000
"""Rows of one statement at most: times five columns, well below SQLite's 32,766 parameters."""
RECORDS = "SELECT json_group_array(json_array(scope, kind, key, json(value))) FROM (SELECT * FROM record WHERE {})"
# All in one row, as with events: every row is a step that gives up the interpreter lock.
_NOTED = """
    SELECT json_group_array(json_array(id, scope, kind, key, json(value)))
    FROM (SELECT * FROM change WHERE id > ? ORDER BY id LIMIT ?) LEFT JOIN record USING (scope, kind, key)
"""
# One statement sees one state of the file, so the values are of one moment.


_APART = frozenset([READING, MENTION])
_SEQS = 2**53
"""Larger numbers are no seqs; twice as large ones still fit in a column."""


class Row(NamedTuple):
    """
    A change as it is stored: *value* is JSON, or None to delete the record.

    *event* is the one in the same room that a reading position or a mention was appended with, if any.
    """

    scope: str
    kind: str
    key: str
    value: str | None
    event: Event | None = None


def encode(changes: Iterable[RecordChange], event: Event | None = None) -> list[Row]:
    """
    Encode *changes*, which are stored with *event*, as a journal stores them.

    The caller does this before anything is queued: a mistake must not spoil the commit of others.

    :raises ValueError: if a value cannot be written as JSON in UTF-8, or cannot be a position or a mention.
    :raises TypeError: if JSON has no such type.
    """
    rows = []
    for scope, kind, key, value in changes:
        f"{scope}{kind}{key}".encode()
        text = None if value is None else json.dumps(value, allow_nan=False, separators=(",", ":"))
        row = Row(scope, kind, key, text)
        if kind in _APART:
            row = row._replace(event=event if event is not None and event.room == scope else None)
            _check(row, value)
        rows.append(row)
    return rows


def _check(row: Row, value: Value | None) -> None:
    if row.kind == MENTION:
        fine = row.event is not None and value is not None
    elif value is None:
        fine = True
    else:
        seq, member = value.get("seq", 0), value.get("member", False)
        fine = row.scope != "" and type(seq) is int and 0 <= seq < _SEQS and type(member) is bool
    if not fine:
        raise ValueError(f"{row.kind}: {value}")


def parted(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """Separate standing records from positions and mentions, which have tables of their own."""
    standing: list[Row] = []
    apart: list[Row] = []
    for row in rows:
        (apart if row.kind in _APART else standing).append(row)
    return standing, apart


def checksum(value: str) -> int:
    """Checksum that is stored beside *value*, so that damage shows."""
    return crc32(value.encode())


def write(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Store *rows*, of which the last for each place counts; within a transaction."""
    last = {row[:3]: row.value for row in rows}
    kept = [(*place, value, checksum(value)) for place, value in last.items() if value is not None]
    gone = [place for place, value in last.items() if value is None]
    _each(connection, "INSERT OR REPLACE INTO record VALUES {}", kept)
    _each(connection, "DELETE FROM record WHERE (scope, kind, key) IN (VALUES {})", gone)


def note(connection: sqlite3.Connection, rows: Iterable[Row]) -> None:
    """Note *rows* for a running server to read; within the transaction that writes them."""
    places = dict.fromkeys(row[:3] for row in rows)
    _each(connection, "INSERT INTO change (scope, kind, key) VALUES {}", list(places))


def noted(connection: sqlite3.Connection, after: int, limit: int) -> tuple[list[RecordChange], int]:
    """
    Read up to *limit* notes after the one numbered *after*.

    :returns: the changed records as they are stored now, and the number of the last note that was read.
    """
    [found] = connection.execute(_NOTED, (after, limit)).fetchone()
    rows = sorted(json.loads(found), key=itemgetter(0))
    changes = {(scope, kind, key): RecordChange(scope, kind, key, value) for _, scope, kind, key, value in rows}
    return list(changes.values()), rows[-1][0] if rows else after


def forget_notes(connection: sqlite3.Connection) -> int:
    """Remove all notes, because a server that starts reads the records themselves; return the last one's number."""
    last = 0
    # A full disk must not prevent starting: to read a note twice does no harm.
    with suppress(sqlite3.Error):
        [last] = connection.execute(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'change'"
        ).fetchone()
        connection.execute("DELETE FROM change")
    return int(last)


def of_scope(connection: sqlite3.Connection, scope: str) -> list[StandingRecord]:
    """Read all records of *scope*."""
    return _read(connection, "scope = ? ORDER BY kind, key", (scope,))


def page_of(connection: sqlite3.Connection, scope: str, after: tuple[str, str], limit: int) -> list[StandingRecord]:
    """Read the first *limit* records of *scope* beyond those of the kind and key *after*."""
    return _read(connection, "scope = ? AND (kind, key) > (?, ?) ORDER BY kind, key LIMIT ?", (scope, *after, limit))


def find(connection: sqlite3.Connection, kind: str, key: str, limit: int) -> list[StandingRecord]:
    """Read *limit* records of this *kind* and *key* at most."""
    return _read(connection, "kind = ? AND key = ? ORDER BY scope LIMIT ?", (kind, key, limit))


def _read(connection: sqlite3.Connection, which: str, values: Sequence[str | int]) -> list[StandingRecord]:
    [found] = connection.execute(RECORDS.format(which), values).fetchone()
    return records(found)


def records(found: str) -> list[StandingRecord]:
    """Make the records in *found*, a row of `RECORDS`."""
    return [StandingRecord(*row) for row in json.loads(found)]


def _each(connection: sqlite3.Connection, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    for start in range(0, len(rows), _MAX_ROWS):
        chunk = rows[start : start + _MAX_ROWS]
        places = ", ".join([f"({', '.join('?' * len(chunk[0]))})"] * len(chunk))
        connection.execute(statement.format(places), [value for row in chunk for value in row])
