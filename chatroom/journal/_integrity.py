"""Integrity check: finds damage in a database, by SQLite's own checks and by ours."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from chatroom.chat.events import TALK
from chatroom.chat.ports import JournalError

from . import _readings, _records
from ._database import DATABASE_ERRORS, explain, schema, version_of
from ._ids import APART, identifier
from ._rows import about, checksum, from_row, marks_of

_MAX_PROBLEMS = 20
"""Problems of one kind that are reported."""
_TYPES = frozenset(kind.type for kind in TALK)
_MAX_DRIFT = 3600 * 1_000_000 * APART
"""How far an id may be from its time, an hour: events of one moment get neighbouring ids."""
_EVENTS = f"""
    SELECT name, seq, type, at, "by", nick, text, target, ref, id, sum,
        seq BETWEEN coalesce(first, 1) AND coalesce(last, 0), {about("event")}
    FROM event JOIN (SELECT id AS number, name FROM room) ON number = event.room
    LEFT JOIN (SELECT id, room AS place, seq AS number_there, sum FROM said)
        ON place = event.room AND number_there = seq
    LEFT JOIN (SELECT room AS indexed_room, first, last FROM indexed) ON indexed_room = event.room
    ORDER BY event.room, seq
"""


def find_problems(connection: sqlite3.Connection, path: Path) -> list[str]:
    """
    Check everything, and say in plain words what is wrong; nothing is raised.

    :param connection: one that may write: only then does SQLite check a search index.
    :param path: what to call the file.
    """
    known = len(schema())
    found: list[str] = []
    # Text that is not UTF-8 is one altered event, and must not end the check.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    try:
        version = version_of(connection, path, known)
    except JournalError as error:
        return [str(error).removeprefix(f"{path}: ")]
    except DATABASE_ERRORS as error:
        return [explain(error)]
    if version < known:
        return [f"its version is {version}, and this chatroom needs {known}: start the server once to upgrade it"]
    for check in (_structure, _schema, _numbers, _events, _standing_records, _positions, _rest, _index):
        found += islice(_guarded(check, connection), _MAX_PROBLEMS)
    return list(dict.fromkeys(found))


def _guarded(check: Callable[[sqlite3.Connection], Iterator[str]], connection: sqlite3.Connection) -> Iterator[str]:
    try:
        yield from check(connection)
    except DATABASE_ERRORS as error:
        yield explain(error)
    except (TypeError, ValueError):  # a number where there should be a text, or the reverse
        yield "the journal is damaged"


def _structure(connection: sqlite3.Connection) -> Iterator[str]:
    for [line] in connection.execute(f"PRAGMA integrity_check({_MAX_PROBLEMS})"):
        if line != "ok":
            yield "the file is damaged: " + " ".join(str(line).split())
    for table, _, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"the file is damaged: a row of {table} belongs to no {parent}"


def _schema(connection: sqlite3.Connection) -> Iterator[str]:
    """Compare our tables, views and triggers with what the scripts make; other programs may have added more."""
    question = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'words!_%' ESCAPE '!'"
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript("\n".join(schema()))
        wanted = fresh.execute(question).fetchall()
    got = dict(connection.execute(question).fetchall())
    for name, sql in wanted:
        if got.get(name) != sql:
            yield f"the file is damaged: {name} differs from the schema"


def _numbers(connection: sqlite3.Connection) -> Iterator[str]:
    rows = connection.execute(
        "SELECT name, count(seq), min(seq), max(seq) FROM room LEFT JOIN event ON room = id GROUP BY id"
    )
    for name, count, first, last in rows:
        if not count:
            yield f"the room {name} has no events, not even its newest"
        elif first < 1 or last - first + 1 != count:
            yield f"events are missing in the room {name}: it has {count} of {first} to {last}"


def _events(connection: sqlite3.Connection) -> Iterator[str]:
    for room, seq, *event, number, stored, indexed, beside in connection.execute(_EVENTS):
        if not _is_event(room, event, beside):
            yield f"event {seq} of the room {room} cannot be read"
        elif number is None:
            if indexed and event[0] in _TYPES and not _is_deleted(beside):
                yield f"event {seq} of the room {room} cannot be searched for"
        elif stored != checksum(event[0], *event[1:]) or abs(number - identifier(event[1])) > _MAX_DRIFT:
            yield f"event {seq} of the room {room} has been altered"


def _is_deleted(beside: str | None) -> bool:
    return beside is not None and marks_of(json.loads(beside)[1]).deleted != ""


def _is_event(room: str, event: list[Any], beside: str | None) -> bool:
    kind, at, *words, ref = event
    texts = all(isinstance(word, str) for word in words) and isinstance(ref, str | None)
    if not (texts and isinstance(at, float)):
        return False
    try:
        from_row(room, (kind, at, words[0], words[1], words[2], words[3], ref), json.loads(beside) if beside else None)
    except (KeyError, ValueError, TypeError):
        return False
    return True


def _standing_records(connection: sqlite3.Connection) -> Iterator[str]:
    for scope, kind, key, value, stored in connection.execute("SELECT * FROM record"):
        try:
            whole = isinstance(json.loads(value), dict) and _records.checksum(value) == stored
        except (ValueError, TypeError):
            whole = False
        if not whole:
            yield f"the record {kind} {key} of {f'the room {scope}' if scope else 'the server'} has been altered"


def _positions(connection: sqlite3.Connection) -> Iterator[str]:
    for account, room, seq, member, stored in connection.execute("SELECT * FROM reading"):
        if stored != _readings.checksum(account, room) - 2 * seq - member:
            yield f"the position of the account {account} in the room {room} has been altered"
    lost = connection.execute(
        "SELECT DISTINCT mention.account, mention.room FROM mention LEFT JOIN reading USING (account, room)"
        " WHERE reading.seq IS NULL OR mention.seq <= reading.seq"
    )
    for account, room in lost:
        yield f"a mention of the account {account} in the room {room} is not after what it has read"


def _rest(connection: sqlite3.Connection) -> Iterator[str]:
    secrets = connection.execute("SELECT value FROM meta WHERE key = 'secret'").fetchall()
    if [len(bytes(value)) for (value,) in secrets] != [32]:
        yield "the secret that signs resume tokens is missing or damaged"
    topics = connection.execute(
        "SELECT name, topic, (SELECT text FROM event WHERE room = id AND type = 'topic' ORDER BY seq DESC LIMIT 1)"
        " AS told FROM room WHERE told IS NOT NULL AND told != topic"
    )
    for name, _, _ in topics:
        yield f"the topic of the room {name} is not the one that was set last"


def _index(connection: sqlite3.Connection) -> Iterator[str]:
    """Compare the search index with what was said; SQLite's integrity_check leaves it out."""
    try:
        connection.execute("INSERT INTO words (words, rank) VALUES ('integrity-check', 1)")
    except DATABASE_ERRORS as error:
        yield f"the search index does not fit what was said: {explain(error)}"
