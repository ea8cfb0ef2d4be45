"""Rows: an event as a journal stores it, flat, in columns."""

from __future__ import annotations

import json

from chatroom.chat.events import EVENTS, Event, Said

EventRow = tuple[str, float, str, str, str, str, "str | None"]
"""An event as a journal stores it: ``(type, at, by, nick, text, target, mark)``; see `_mark`."""

_OF = "\x1f"
"""Stands before the session in a mark, and between that and the ref."""


def to_row(event: Event) -> EventRow:
    """Flatten *event* for storage; the journal adds the room and the seq."""
    if type(event) is Said:
        # Most of what is ever stored.
        mark = event.ref if not event.session and (event.ref is None or event.ref[:1] != _OF) else _mark(event)
        return "said", event.at, event.by, event.nick, event.text, "", mark
    if event.more:
        more = json.dumps([getattr(event, name) for name in event.more], ensure_ascii=False)
        return event.type, event.at, event.by, event.nick, more, "", _mark(event)
    words = [getattr(event, name) if name else "" for name in event.words]
    return event.type, event.at, event.by, event.nick, words[0], words[1], _mark(event)


def _mark(event: Event) -> str | None:
    """Return what marks *event* for its sender alone: the ref, behind the session unless that is the first."""
    session, ref = event.session, event.ref
    if not session and (ref is None or not ref.startswith(_OF)):
        return ref
    return f"{_OF}{session}" if ref is None else f"{_OF}{session}{_OF}{ref}"


def from_row(room: str, row: EventRow) -> Event:
    """
    Build the event that `to_row` flattened.

    :raises KeyError: if this version does not know the type.
    """
    kind, at, by, nick, text, target, mark = row
    session, ref = "", mark
    if mark is not None and mark.startswith(_OF):
        session, marked, ref = mark[1:].partition(_OF)
        ref = ref if marked else None
    made = EVENTS[kind]
    if made.more:
        more = dict(zip(made.more, json.loads(text), strict=True))
    else:
        more = {name: value for name, value in zip(made.words, (text, target), strict=True) if name}
    return made(room=room, at=at, by=by, nick=nick, ref=ref, session=session, **more)
