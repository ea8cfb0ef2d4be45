"""Rows: an event as a journal stores it, flat, in columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zlib import crc32

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.event import QUOTED, Marks, Quote, Reaction, quote
from chatroom.chat.events import EVENTS, Event, Joined, Said

EventRow = tuple[str, float, str, str, str, str, "str | None"]
"""An event as a journal stores it: ``(type, at, by, nick, text, target, mark)``; see `_mark`."""

_OF = "\x1f"
"""Stands before the session in a mark, and between that and the ref."""
_ASK = "."
"""Stands between the session and the ask: no session has it in its mark."""
About = Sequence[Any]
"""
What is stored and read beside a row that is about a message, or has marks.

It is ``(re, marks, quoted)``: the seq of the message that the event is about, its own marks, and ``(nick, text,
deleted)`` of that message as it is now, or None if it is gone.
"""

SIZE = """
    CASE WHEN re IS NULL AND marks IS NULL THEN length(text) ELSE
        length(text) + coalesce(length(marks), 0) + CASE WHEN type <> 'edited' THEN 0 ELSE coalesce((
            SELECT length(one.text) FROM event AS one WHERE one.room = event.room AND one.seq = event.re
        ), 0) END
    END
"""
"""The number of characters that an event in the table ``event`` has when it is read."""


def about(table: str) -> str:
    """Write the expression for what is beside the rows of *table*, which has the columns of ``event``."""
    return f"""
        CASE WHEN {table}.re IS NULL AND {table}.marks IS NULL THEN NULL ELSE json_array(
            {table}.re, json({table}.marks), json((
                SELECT json_array(
                    one.nick,
                    CASE WHEN {table}.type = 'edited' THEN one.text ELSE substr(one.text, 1, {QUOTED + 2}) END,
                    json_extract(one.marks, '$.deleted')
                ) FROM event AS one WHERE one.room = {table}.room AND one.seq = {table}.re
            ))
        ) END
    """


def to_row(event: Event) -> EventRow:
    """Flatten *event* for storage; the journal adds the room, the seq, and what it is about."""
    if type(event) is Said:
        # Most of what is ever stored.
        ref = event.ref
        mark = ref if not (event.session or event.ask) and (ref is None or ref[:1] != _OF) else _mark(event)
        return "said", event.at, event.by, event.nick, event.text, "", mark
    if type(event) is Joined:
        return "joined", event.at, event.by, event.nick, "", "", _mark(event)
    if event.more:
        names = [name for name in event.more if name not in ("re", "quote")]
        more = json.dumps([getattr(event, name) for name in names], ensure_ascii=False)
        return event.type, event.at, event.by, event.nick, more, "", _mark(event)
    if isinstance(event, Edited):
        return event.type, event.at, event.by, event.nick, "", "", _mark(event)
    words = [getattr(event, name) if name else "" for name in event.words]
    return event.type, event.at, event.by, event.nick, words[0], words[1], _mark(event)


def _mark(event: Event) -> str | None:
    """Return what marks *event* for its sender alone: the ref, behind session and ask unless they are empty."""
    session, ask, ref = event.session, event.ask, event.ref
    if not (session or ask) and (ref is None or ref[:1] != _OF):
        return ref
    if ask:
        session = f"{session}{_ASK}{ask}"
    return f"{_OF}{session}" if ref is None else f"{_OF}{session}{_OF}{ref}"


def _parts(mark: str | None) -> tuple[str, str, str | None]:
    """Return the session, the ask and the ref that `_mark` put together."""
    if mark is None or not mark.startswith(_OF):
        return "", "", mark
    of, marked, ref = mark[1:].partition(_OF)
    session, _, ask = of.partition(_ASK)
    return session, ask, ref if marked else None


def from_row(room: str, row: EventRow, beside: About | None = None) -> Event:
    """
    Build the event that `to_row` flattened.

    :param beside: what it is about, and its marks.
    :raises KeyError: if this version does not know the type.
    """
    kind, at, by, nick, text, target, mark = row
    session, ask, ref = _parts(mark)
    made = EVENTS[kind]
    if beside is not None:
        return _with_more(room, row, beside)
    if made.more:
        more = dict(zip(made.more, json.loads(text), strict=True))
    else:
        more = {name: value for name, value in zip(made.words, (text, target), strict=True) if name}
    return made(room=room, at=at, by=by, nick=nick, ref=ref, session=session, ask=ask, **more)


def checksum(kind: str, at: float, by: str, nick: str, text: str, target: str, ref: str | None) -> int:
    """Checksum of an event, stored beside its place in the index, so that damage shows."""
    return crc32(json.dumps([kind, at, by, nick, text, target, ref]).encode())


def _with_more(room: str, row: EventRow, beside: About) -> Event:
    kind, at, by, nick, text, _, mark = row
    session, ask, ref = _parts(mark)
    re, marks, quoted = beside
    _, said, deleted = quoted or ("", "", None)
    if kind == Edited.type:
        return Edited(room, at, by, nick, re, said, ref=ref, session=session, ask=ask)
    if kind == Deleted.type:
        return Deleted(room, at, by, nick, re, *json.loads(text), ref=ref, session=session, ask=ask)
    if kind == Reacted.type:
        emoji, added = json.loads(text)
        return Reacted(
            room, at, by, nick, re, "" if deleted else emoji, added, _quote(quoted), ref=ref, session=session, ask=ask
        )
    return replace(from_row(room, row), marks=replace(marks_of(marks), re=re, quote=_quote(quoted)))


def _quote(quoted: Sequence[Any] | None) -> Quote | None:
    return quote(quoted[0], quoted[1]) if quoted else None


def stored(marks: Marks) -> str | None:
    """Write *marks* as JSON, without what the message answers; None if there is nothing more."""
    found: dict[str, Any] = {}
    if marks.edited:
        found["edited"] = True
    if marks.deleted:
        found["deleted"] = marks.deleted
    if marks.reactions:
        found["reactions"] = [[one.emoji, one.by, one.nicks] for one in marks.reactions]
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) if found else None


def marks_of(found: dict[str, Any] | None) -> Marks:
    """Read what `stored` wrote, parsed."""
    values = found or {}
    return Marks(
        edited=bool(values.get("edited", False)),
        deleted=values.get("deleted", ""),
        reactions=tuple(Reaction(emoji, tuple(by), tuple(nicks)) for emoji, by, nicks in values.get("reactions", ())),
    )
