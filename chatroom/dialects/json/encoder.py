"""The JSON encoder: events and replies written as objects, as ``docs/protocol.md`` describes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import c_make_encoder  # type: ignore[attr-defined]
from json.encoder import encode_basestring as _string
from operator import attrgetter
from typing import Any, NamedTuple

from chatroom.chat.changes import Reacted
from chatroom.chat.event import Marks
from chatroom.chat.events import BOT, EVENTS, Batch, Event, Joined, Said, names_of
from chatroom.chat.replies import Excerpt, Reply, RoomEntered

_TIMES = frozenset({"active", "at", "since", "until"})
"""The fields that are seconds since the epoch inside and ISO 8601 in UTC on the wire, or null."""

_PLAIN = frozenset({str, int, float, bool, type(None)})
"""Classes of values that are sent as they are."""

_NAMES = {kind: names_of(kind) for kind in EVENTS.values()}

_JSON = "json"
"""The cache key for an excerpt's encoded objects."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_chunks = c_make_encoder and c_make_encoder(None, _ENCODER.default, _string, None, ":", ",", False, False, True)
"""What ``_ENCODER`` makes anew for each value, which takes longer than to encode a small one."""


def encode(value: Any) -> str:
    """Write *value*, which must not contain itself, as JSON, as short as it can be."""
    return "".join(_chunks(value, 0)) if _chunks else _ENCODER.encode(value)


def event_lines(batch: Batch) -> list[str]:
    """Encode each event of *batch* as everyone but its author gets it."""
    lines = []
    for seq, event in enumerate(batch.events, batch.first):
        if type(event) is Said and event.marks is None and event.by[:4] != BOT:
            # Most events, so without another call, and without building the object first.
            line = (
                f'{{"type":"said","room":{_string(event.room)},"seq":{seq},"at":"{iso(event.at)}",'
                f'"nick":{_string(event.nick)},"text":{_string(event.text)}}}'
            )
        elif type(event) is Joined and event.by[:4] != BOT:
            # As many as the rooms of those who come back.
            line = (
                f'{{"type":"joined","room":{_string(event.room)},"seq":{seq},"at":"{iso(event.at)}",'
                f'"nick":{_string(event.nick)}}}'
            )
        else:
            line = encode(event_object(seq, event))
        lines.append(line)
    return lines


def event_object(seq: int, event: Event) -> dict[str, Any]:
    """Build the object for one event, as everyone but its author gets it."""
    values: dict[str, Any] = {
        "type": event.type,
        "room": event.room,
        "seq": seq,
        "at": iso(event.at),
        "nick": event.nick,
    }
    if event.by[:4] == BOT:
        values["bot"] = True
    for name in _NAMES[type(event)]:
        values[name] = getattr(event, name)
    if event.more and "until" in values:
        values["until"] = iso_or_null(values["until"])
    if type(event) is Reacted and event.quote is not None:
        values["quote"] = _fields(event.quote)
    if event.marks is not None:
        values |= _marks(event.marks)
    return values


def reply_line(reply: Reply, ref: str | None) -> str:
    """Encode one reply with the *ref* of its command, if it has one."""
    if type(reply) is RoomEntered and type(reply.recent) is Excerpt:
        # As many as the rooms of those who come back, so without building the object first.
        return _room_line(reply, reply.recent, ref)
    values = {"type": reply.type, **_fields(reply)}
    if ref is not None:
        values["ref"] = ref
    items = list(values.items())
    for place, (name, value) in enumerate(items):
        if type(value) is Excerpt:
            # There is always something before it and behind it.
            before, behind = encode(dict(items[:place])), encode(dict(items[place + 1 :]))
            return f'{before[:-1]},"{name}":{_quoted(value)},{behind[1:]}'
    return encode(values)


def _room_line(reply: RoomEntered, recent: Excerpt, ref: str | None) -> str:
    settings = encode(dict(reply.settings)) if reply.settings else "{}"
    mark = "" if ref is None else f',"ref":{_string(ref)}'
    return (
        f'{{"type":"room","room":{_string(reply.room)},"topic":{_string(reply.topic)},"people":{encode(reply.people)},'
        f'"seq":{reply.seq},"recent":{_quoted(recent)},"role":"{reply.role}","settings":{settings},'
        f'"read":{_number(reply.read)},"unread":{_number(reply.unread)},"mentions":{_number(reply.mentions)}{mark}}}'
    )


def _number(value: int | None) -> str:
    return "null" if value is None else str(value)


def _quoted(excerpt: Excerpt) -> str:
    text = excerpt.renderings.get(_JSON)
    if text is None:
        text = excerpt.renderings[_JSON] = encode([event_object(*one) for one in excerpt])
    return text


def _marks(marks: Marks) -> dict[str, Any]:
    """Return the fields for *marks*: only those that say something."""
    found: dict[str, Any] = {}
    if marks.re is not None:
        found["re"] = marks.re
        found["quote"] = None if marks.quote is None else _fields(marks.quote)
    if marks.edited:
        found["edited"] = True
    if marks.deleted:
        found["deleted"] = marks.deleted
    if marks.reactions:
        found["reactions"] = [{"emoji": one.emoji, "nicks": list(one.nicks)} for one in marks.reactions]
    return found


def iso(seconds: float) -> str:
    """Write a time as ISO 8601 in UTC, to the millisecond: ``2026-11-23T12:34:56.789Z``."""
    whole, millionths = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{_second(whole)}.{millionths // 1000:03}Z"


def iso_or_null(seconds: float | None) -> str | None:
    """Write a time as `iso` does; None: never."""
    return None if seconds is None else iso(seconds)


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().removesuffix("+00:00")


class _Plan(NamedTuple):
    """How the fields of a class are sent: their names, what reads them all, and which are left out when empty."""

    sent: tuple[str, ...]
    values: Callable[[Any], tuple[Any, ...]]
    sparse: frozenset[str]


class _Plans(dict[type[Any], _Plan]):
    """The plans of the classes that have been sent."""

    def __missing__(self, kind: type[Any]) -> _Plan:
        found = [one for one in fields(kind) if one.metadata.get("sent", True)]
        sparse = frozenset([one.name for one in found if one.metadata.get("sparse")])
        sent = tuple([one.name for one in found])
        self[kind] = plan = _Plan(sent, _values(sent), sparse)
        return plan


_PLANS = _Plans()


def _values(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """Make what reads the attributes *names* of an object; with fewer than two, `attrgetter` makes no tuple."""
    return attrgetter(*names) if len(names) > 1 else lambda value: tuple([getattr(value, name) for name in names])


def _fields(value: Any) -> dict[str, Any]:
    sent, values, sparse = _PLANS[type(value)]
    return {
        name: iso_or_null(one) if name in _TIMES else one if type(one) in _PLAIN else _json_value(one)
        for name, one in zip(sent, values(value), strict=True)
        if one or name not in sparse
    }


def _json_value(value: Any) -> Any:
    if isinstance(value, tuple):
        if type(value) is Excerpt:
            return value
        if len(value) == 2 and isinstance(value[1], Event):
            return event_object(*value)
        return [one if type(one) in _PLAIN else _json_value(one) for one in value]
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value):
        return _fields(value)
    return value
