"""Copying a journal on disk into an empty database: everything, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg

from chatroom.chat.ports import JournalError

from .._database import DATABASE_ERRORS, Database, explain, schema
from .._takeover import recover
from .._writer import Writer
from .connection import naming
from .offline import OfflinePostgres
from .rows import storable

_PAGE = 10_000
"""Rows read at a time."""

_TABLES = (
    ("room (id, name, topic)", "SELECT id, name, topic FROM room ORDER BY id"),
    ("party (identity, room)", "SELECT identity, room FROM party"),
    # In the order of time, so that what is newest is indexed first.
    (
        'event (room, seq, type, at, "by", nick, text, target, mark, re, marks)',
        'SELECT room, seq, type, at, "by", nick, text, target, ref, re, marks FROM event ORDER BY at, room, seq',
    ),
    ("presence (room, identity, nick)", "SELECT room, identity, nick FROM presence"),
    ("record (scope, kind, key, value)", "SELECT scope, kind, key, value FROM record"),
    ("reading (account, room, seq, member)", "SELECT account, room, seq, member <> 0 FROM reading"),
    ("mention (account, room, seq)", "SELECT account, room, seq FROM mention"),
)
"""What is copied, and how it is read; the search index is made anew."""

_FINISH = (
    b"SELECT setval(pg_get_serial_sequence('room', 'id'), coalesce((SELECT max(id) FROM room), 0) + 1, false)",
    # All of it is old: indexed backward from the newest, behind the chat.
    b"UPDATE indexed SET low = newest, high = newest FROM (SELECT coalesce(max(id), 0) AS newest FROM event) AS one",
)


def copy_into(address: str, folder: Path, now: float) -> int:
    """
    Copy the journal in *folder*, which no server may be using, into the empty database at *address*.

    :param now: seconds since the epoch.
    :returns: the number of events.
    :raises JournalError: if that is not possible; then nothing has been copied.
    """
    source = Database(folder, schema(), now)
    try:
        recover(folder, Writer(source.writer))
        with OfflinePostgres(address, making=True) as target, naming(address):
            if target.rooms() or target.records():
                raise JournalError("it is not empty")
            with target.owned() as fence:
                return _copy(source.reader, target.connection(), fence)
    except DATABASE_ERRORS as error:
        raise JournalError(f"{source.path}: {explain(error)}") from error
    finally:
        source.close()


def _copy(source: sqlite3.Connection, target: psycopg.Connection[Any], fence: tuple[int, str]) -> int:
    counts = {}
    with target.transaction():
        # It may take longer than the lease lasts: a takeover waits for what this locks, until all is there.
        target.execute("SELECT check_fence(%s, %s)", fence)
        [secret] = source.execute("SELECT value FROM meta WHERE key = 'secret'").fetchone()
        target.execute("DELETE FROM meta WHERE key = 'secret'")
        target.execute("INSERT INTO meta VALUES ('secret', %s)", (bytes(secret).hex(),))
        for table, rows in _TABLES:
            counts[table.split(" ")[0]] = _copy_table(source.execute(rows), target, table)
        for statement in _FINISH:
            target.execute(statement)
    target.execute("ANALYZE")
    return counts["event"]


def _copy_table(rows: sqlite3.Cursor, target: psycopg.Connection[Any], table: str) -> int:
    count = 0
    with target.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copying:
        for row in _pages(rows):
            copying.write_row(tuple(_storable(row)))
            count += 1
    return count


def _pages(rows: sqlite3.Cursor) -> Iterator[Sequence[Any]]:
    while page := rows.fetchmany(_PAGE):
        yield from page


def _storable(row: Iterable[Any]) -> Iterator[Any]:
    return (storable(value) if isinstance(value, str) else value for value in row)
