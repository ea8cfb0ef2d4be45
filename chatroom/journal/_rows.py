"""Rows: an event as a journal stores it, flat, in columns."""

from __future__ import annotations

import json

from chatroom.chat.events import EVENTS, Event, Said

EventRow = tuple[str, float, str, str, str, str, "str | None"]
"""An event as a journal stores it: ``(type, at, by, nick, text, target, ref)``."""


def to_row(event: Event) -> EventRow:
    """Flatten *event* for storage; the journal adds the room and the seq."""
    if type(event) is Said:
        # Most of what is ever stored.
        return "said", event.at, event.by, event.nick, event.text, "", event.ref
    if event.more:
        more = json.dumps([getattr(event, name) for name in event.more], ensure_ascii=False)
        return event.type, event.at, event.by, event.nick, more, "", event.ref
    words = [getattr(event, name) if name else "" for name in event.words]
    return event.type, event.at, event.by, event.nick, words[0], words[1], event.ref


def from_row(room: str, row: EventRow) -> Event:
    """
    Build the event that `to_row` flattened.

    :raises KeyError: if this version does not know the type.
    """
    kind, at, by, nick, text, target, ref = row
    made = EVENTS[kind]
    if made.more:
        more = dict(zip(made.more, json.loads(text), strict=True))
    else:
        more = {name: value for name, value in zip(made.words, (text, target), strict=True) if name}
    return made(room=room, at=at, by=by, nick=nick, ref=ref, **more)
