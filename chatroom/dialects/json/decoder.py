"""The JSON decoder of the client: objects become events and replies again, with sanitized text."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from chatroom.chat import replies
from chatroom.chat.changes import Edited
from chatroom.chat.event import Marks
from chatroom.chat.events import BOT, EVENTS, TALK, Event, Said
from chatroom.chat.replies import Numbered, Reply

from ..sanitize import clean, clean_lines

ME = "me"
"""The author of the person's own events, from any of their sessions; the identities of others are not sent."""

_REPLIES: dict[str, type[Reply]] = {
    kind.type: kind
    for kind in vars(replies).values()
    if isinstance(kind, type) and issubclass(kind, Reply) and kind is not Reply
}
_MARKS = ("re", "quote", "edited", "deleted", "reactions")
"""The fields of messages with marks."""
_BIGGEST = 2**53
"""Larger integers are refused: not every JSON reader can tell them apart."""


class ServerMessage(NamedTuple):
    """One decoded object: what it is (None: unknown to this version), its seq and its ref."""

    what: Event | Reply | None
    seq: int = 0
    ref: str | None = None


def decode_message(values: Mapping[str, Any]) -> ServerMessage:
    """
    Decode the object *values* into an event or a reply.

    What only a newer server knows, or knows differently, is skipped; but an object with a ``ref`` is still
    an answer.
    """
    kind, ref = values.get("type"), values.get("ref")
    if not isinstance(ref, str):
        ref = None
    try:
        if kind in EVENTS:
            seq, event = _event(values, ref)
            return ServerMessage(event, seq, ref)
        return ServerMessage(_object(_REPLIES[str(kind)], values), 0, ref)
    except (KeyError, TypeError, ValueError, OverflowError):
        return ServerMessage(None, 0, ref)


def _event(values: Any, ref: str | None = None) -> Numbered:
    kind = EVENTS[values["type"]]
    by = ME if ref is not None or values.get("own") is True else BOT if values.get("bot") is True else ""
    event = _object(kind, {**values, "by": by, "ref": ref})
    if kind in (Said, Edited):
        # No other text may have several lines.
        event = replace(event, text=clean_lines(values["text"]))
    if kind in TALK and not values.keys().isdisjoint(_MARKS):
        # The identities of those who reacted are not sent.
        marks = {name: values[name] for name in _MARKS if name in values}
        marks["reactions"] = [{"by": [], **one} for one in values.get("reactions", [])]
        event = replace(event, marks=_object(Marks, marks))
    return _made(int, values["seq"]), event


def _object(kind: Any, values: Any) -> Any:
    if not isinstance(values, Mapping):
        raise TypeError(kind)
    known = _fields(kind)
    return kind(**{one.name: _made(hint, values[one.name]) for one, hint in known if _given(one, values)})


def _given(one: Field[Any], values: Mapping[str, Any]) -> bool:
    return one.name in values or (one.default is MISSING and one.default_factory is MISSING)


@cache
def _fields(kind: Any) -> list[tuple[Field[Any], Any]]:
    hints = get_type_hints(kind)
    return [(one, hints[one.name]) for one in fields(kind)]


def _made(hint: Any, value: Any) -> Any:
    """Convert *value* to the type that *hint* annotates; raises if that is impossible."""
    if hint == Numbered:
        return _event(value)
    origin, inner = get_origin(hint), get_args(hint)
    if origin is types.UnionType:
        return None if value is None else _made(inner[0], value)
    if origin is tuple:
        return _tuple(inner, value)
    if origin is not None:
        return {_made(inner[0], key): _made(inner[1], one) for key, one in dict(value).items()}
    if is_dataclass(hint) and isinstance(hint, type):
        return _object(hint, value)
    return _scalar(hint, value)


def _tuple(inner: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError(value)
    if inner[0] == Numbered:
        # Skip only the unknown kinds of events in a page of history, not the page.
        value = [one for one in value if one["type"] in EVENTS]
    hints = (inner[0],) * len(value) if inner[-1] is Ellipsis else inner
    return tuple(_made(hint, one) for hint, one in zip(hints, value, strict=True))


def _scalar(hint: Any, value: Any) -> Any:
    if hint is float:
        # Times are ISO 8601 on the wire and seconds inside.
        return datetime.fromisoformat(value).timestamp()
    if type(value) is not hint:
        raise TypeError(value)
    if hint is str:
        return clean(value)
    if hint is int and not 0 <= value < _BIGGEST:
        raise ValueError(value)
    return value
