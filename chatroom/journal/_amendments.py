"""Amendments: what a change writes into the row of the message that it is about, and into the search index."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from chatroom.chat.changes import CHANGES, Change, Deleted, Edited
from chatroom.chat.event import Marks
from chatroom.chat.events import TALK, Event
from chatroom.chat.outcomes import target_of, with_reaction

from ._rows import checksum, marks_of, stored
from ._tokens import indexed

Place = tuple[int, int, Event]
"""The id of a room, the seq of an event that was just stored there, and the event."""

_TALK = ", ".join(f"'{kind.type}'" for kind in TALK)
_ABOUT = """
    UPDATE event SET re = json_extract(value, '$[2]'), marks = json_extract(value, '$[3]') FROM json_each(?)
    WHERE (room, seq) = (json_extract(value, '$[0]'), json_extract(value, '$[1]'))
"""
_FIND = f"""
    SELECT type, at, "by", nick, target, ref, marks, (SELECT id FROM said WHERE said.room = ?1 AND said.seq = ?2)
    FROM event WHERE room = ?1 AND seq = ?2 AND type IN ({_TALK})
"""
_UNMENTION = "DELETE FROM mention WHERE room = (SELECT name FROM room WHERE id = ?) AND seq = ?"
# FTS5 removes a row only by the text that it was given, so before that changes.
_FORGET = "INSERT INTO words (words, rowid, text, nick, room) SELECT 'delete', * FROM spoken WHERE id = ?"
_LEARN = "INSERT INTO words (rowid, text, nick, room) SELECT * FROM spoken WHERE id = ?"


def amend(connection: sqlite3.Connection, places: Iterable[Place]) -> None:
    """Write what the events at *places* are about, and what they change; inside the transaction that stores them."""
    places = [place for place in places if target_of(place[2]) is not None or place[2].marks is not None]
    rows = [
        [room, seq, target_of(event), stored(event.marks) if event.marks is not None else None]
        for room, seq, event in places
    ]
    if rows:
        connection.execute(_ABOUT, (json.dumps(rows),))
    for room, _, event in places:
        if isinstance(event, CHANGES):
            _change(connection, room, event)


def _change(connection: sqlite3.Connection, room: int, change: Change) -> None:
    found = connection.execute(_FIND, (room, change.re)).fetchone()
    if found is None:
        return  # it has been removed meanwhile
    *event, written, number = found
    marks = marks_of(json.loads(written) if written else None)
    if marks.deleted:
        return
    if isinstance(change, Edited):
        _rewrite(connection, room, change, event, number, replace(marks, edited=True))
    elif isinstance(change, Deleted):
        if number is not None:
            connection.execute(_FORGET, (number,))
            connection.execute("DELETE FROM said WHERE id = ?", (number,))
        connection.execute(_UNMENTION, (room, change.re))
        _set_text(connection, room, change, "", Marks(deleted=change.nick))
    else:
        reactions = with_reaction(marks.reactions, change.by, change.nick, change.emoji, added=change.added)
        _set_marks(connection, room, change.re, replace(marks, reactions=reactions))


def _rewrite(
    connection: sqlite3.Connection, room: int, change: Edited, event: list[str], number: int | None, marks: Marks
) -> None:
    """Give the message its new text, in the index as well if it is there."""
    if number is not None:
        connection.execute(_FORGET, (number,))
    _set_text(connection, room, change, change.text, marks)
    if number is not None:
        kind, at, by, nick, target, ref = event
        new = checksum(kind, float(at), by, nick, change.text, target, ref)
        connection.execute("UPDATE said SET sum = ?, tokens = ? WHERE id = ?", (new, indexed(change.text), number))
        connection.execute(_LEARN, (number,))


def _set_text(connection: sqlite3.Connection, room: int, change: Change, text: str, marks: Marks) -> None:
    connection.execute("UPDATE event SET text = ? WHERE room = ? AND seq = ?", (text, room, change.re))
    _set_marks(connection, room, change.re, marks)
    connection.execute(
        "INSERT INTO erasure (room, seq, at, deleted) VALUES (?, ?, ?, ?)",
        (room, change.re, change.at, isinstance(change, Deleted)),
    )


def _set_marks(connection: sqlite3.Connection, room: int, seq: int, marks: Marks) -> None:
    connection.execute("UPDATE event SET marks = ? WHERE room = ? AND seq = ?", (stored(marks), room, seq))
