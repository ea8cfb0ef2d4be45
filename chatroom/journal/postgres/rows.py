"""Rows of the table ``event``: how they are read, and characters that PostgreSQL cannot store."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from chatroom.chat.event import QUOTED
from chatroom.chat.events import TALK, Batch, Event
from chatroom.chat.ports import JournalError

from .._rows import from_row

TALKING = ", ".join(f"'{kind.type}'" for kind in TALK)
"""The types of messages, for SQL."""

COLUMNS = f"""
    event.type, event.at, event."by", event.nick, event.text, event.target, event.mark, event.re, event.marks,
    about.nick, CASE WHEN event.type = 'edited' THEN about.text ELSE substr(about.text, 1, {QUOTED + 2}) END,
    about.marks ->> 'deleted'
"""
"""What `event_of` needs, of the tables ``event`` and ``about``: the message that an event is about."""

ABOUT = "LEFT JOIN event AS about ON about.room = event.room AND about.seq = event.re"

_ESCAPE = "\x1a"
"""
Stands for itself before ``1``, and before ``0`` for NUL, the one character that PostgreSQL's text cannot have.

It is a control character, which nobody can type.
"""


def storable(text: str) -> str:
    """Write *text* so that it can be stored."""
    return text.replace(_ESCAPE, f"{_ESCAPE}1").replace("\0", f"{_ESCAPE}0")


def restored(text: str) -> str:
    """Read what `storable` wrote."""
    return text.replace(f"{_ESCAPE}0", "\0").replace(f"{_ESCAPE}1", _ESCAPE) if _ESCAPE in text else text


def parameter(text: str) -> str:
    """Make *text*, which may come from a stranger, something that can be compared with what is stored."""
    return storable(text.encode("utf-8", "replace").decode())


def as_json(value: object) -> str:
    """Write *value*, lists, dicts and what they have, as JSON that PostgreSQL takes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in text or "\\u001a" in text:
        text = json.dumps(_storable(value), ensure_ascii=False, separators=(",", ":"))
    return text


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {name: _storable(part) for name, part in value.items()}
    return [_storable(part) for part in value] if isinstance(value, (list, tuple)) else value


def event_of(room: str, row: Sequence[Any]) -> Event:
    """
    Build the event of *room* whose `COLUMNS` are in *row*.

    :raises KeyError: if this version does not know its type.
    """
    kind, at, by, nick, text, target, mark, re, marks, *about = row
    values = (kind, at, restored(by), restored(nick), restored(text), restored(target), mark and restored(mark))
    if re is None and marks is None:
        return from_row(room, values)
    quoted = None if about[0] is None else [restored(about[0]), restored(about[1]), about[2]]
    return from_row(room, values, (re, marks, quoted))


def batch_of(room: str, rows: Sequence[Sequence[Any]], empty: int) -> Batch:
    """
    Make a batch of *rows*, each a seq and `COLUMNS`; without any, it begins at *empty*.

    :raises JournalError: if an event between them is missing, or is of an unknown type.
    """
    first: int = rows[0][0] if rows else empty
    if rows and rows[-1][0] - first != len(rows) - 1:
        raise JournalError(f"the journal is damaged: events are missing in {room}")
    try:
        return Batch(room, first, [event_of(room, row[1:]) for row in rows])
    except KeyError as error:
        raise JournalError(f"{room} has events that only a newer chatroom knows") from error
