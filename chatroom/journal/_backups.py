"""Backups: erases the former text of messages from the copies that upgrades have left beside the journal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from ._database import DATABASE_ERRORS, NAME, as_journal_errors, connect, copy, explain
from .atomic_files import atomic_file

_TEXTS = """
    SELECT json_group_array(json_array(name, erasure.seq, coalesce(text, '')))
    FROM erasure JOIN room ON room.id = erasure.room
    LEFT JOIN event ON event.room = erasure.room AND event.seq = erasure.seq
"""
_OLD = """
    SELECT event.room, event.seq FROM json_each(?) AS wanted JOIN room ON name = json_extract(wanted.value, '$[0]')
    JOIN event ON event.room = room.id AND event.seq = json_extract(wanted.value, '$[1]')
    WHERE event.text <> json_extract(wanted.value, '$[2]')
"""

Text = tuple[str, int, str]
"""The name of a room, the seq of a message there, and its text now: none if it has been removed since."""


def texts(connection: sqlite3.Connection) -> list[Text]:
    """Read the messages whose former text has to be erased."""
    with as_journal_errors():
        return [(room, seq, text) for room, seq, text in json.loads(connection.execute(_TEXTS).fetchone()[0])]


def erase_in_backups(folder: Path, messages: Sequence[Text]) -> list[str]:
    """
    Give *messages* their present text in every backup that an upgrade has made in *folder*; blocks for seconds.

    A backup with such a message is replaced as a whole; its index is left without it.

    :returns: for each that cannot be read, so that nothing could be restored from it either, a line that says so.
    :raises OSError: if one cannot be written.
    """
    unreadable = []
    for path in sorted(folder.absolute().glob(f"{NAME}.v*.bak")):
        try:
            _erase_in(path, messages)
        except DATABASE_ERRORS as error:
            unreadable.append(f"{path}: {explain(error)}")
    return unreadable


def _erase_in(path: Path, messages: Sequence[Text]) -> None:
    # Opened in place, it would get files of its own beside it.
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        old = connection.execute(_OLD, (json.dumps(messages),)).fetchall()
        if old:
            with atomic_file(path, replacing=True) as partial:
                copy(connection, partial)
                _erase(partial, old, messages)


def _erase(path: Path, old: Sequence[tuple[int, int]], messages: Sequence[Text]) -> None:
    with closing(connect(path, "rw")) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        indexed = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'said'").fetchone()[0]
        for room, seq in old:
            if indexed:
                connection.execute(
                    "INSERT INTO words (words, rowid, text, nick, room) SELECT 'delete', * FROM spoken"
                    " WHERE id = (SELECT id FROM said WHERE room = ? AND seq = ?)",
                    (room, seq),
                )
                connection.execute("DELETE FROM said WHERE room = ? AND seq = ?", (room, seq))
            connection.execute(
                "UPDATE event SET text = coalesce((SELECT json_extract(value, '$[2]') FROM json_each(?3)"
                " WHERE json_extract(value, '$[0]') = (SELECT name FROM room WHERE id = ?1)"
                " AND json_extract(value, '$[1]') = ?2), '') WHERE room = ?1 AND seq = ?2",
                (room, seq, json.dumps(messages)),
            )
        if indexed:
            connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        connection.execute("VACUUM")
