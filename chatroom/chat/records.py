"""Events as a journal stores them: flat, in a row of columns."""

from __future__ import annotations

import json

from .events import EVENTS, Event, Said

Record = tuple[str, float, str, str, str, str, "str | None"]
"""An event as a journal stores it: ``(type, at, by, nick, text, target, ref)``."""


def to_record(event: Event) -> Record:
    """Flatten *event* for storage; the room and the seq are the journal's to keep."""
    if type(event) is Said:
        # Most of what is ever stored.
        return "said", event.at, event.by, event.nick, event.text, "", event.ref
    if event.more:
        more = json.dumps([getattr(event, name) for name in event.more], ensure_ascii=False)
        return event.type, event.at, event.by, event.nick, more, "", event.ref
    words = [getattr(event, name) if name else "" for name in event.words]
    return event.type, event.at, event.by, event.nick, words[0], words[1], event.ref


def from_record(room: str, record: Record) -> Event:
    """
    Build the event that `to_record` flattened.

    :raises KeyError: if the type is one that this version does not know.
    """
    kind, at, by, nick, text, target, ref = record
    made = EVENTS[kind]
    if made.more:
        more = dict(zip(made.more, json.loads(text), strict=True))
    else:
        more = {name: value for name, value in zip(made.words, (text, target), strict=True) if name}
    return made(room=room, at=at, by=by, nick=nick, ref=ref, **more)
