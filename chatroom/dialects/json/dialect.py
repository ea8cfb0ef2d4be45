"""JSON lines: one object a line, for programs.  ``docs/protocol.md`` has every type and field."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring as _string
from typing import Any

from chatroom.chat.commands import Command, named, typed
from chatroom.chat.events import EVENTS, Batch, Event, Said, names_of
from chatroom.chat.refusals import BadInput, Refusal, TooLong
from chatroom.chat.replies import Reply

from ..base import Asked
from ..sanitize import clean, clean_lines

_TIMES = frozenset({"at", "since", "until"})
"""The fields that are seconds since the epoch inside and ISO 8601 in UTC on the wire, or null."""

_NAMES = {kind: names_of(kind) for kind in EVENTS.values()}

_LINES = ("say", "line", "msg", "reply")
"""The commands whose text may have several lines: a pasted block."""

_KEPT = "json lines"
"""Where a batch keeps its events' objects, encoded for anyone, whatever they are sent in."""
_MARKED = "json marked"
"""Where a batch keeps whose events have a ``ref``: only they are sent something of their own."""


def _refuse_constant(name: str) -> None:
    raise BadInput(f"That line is not JSON: {name} is no JSON number.")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode


class JsonDialect:
    """
    The JSON lines dialect.

    :param longest_ref: characters that a ``ref`` may have.
    """

    def __init__(self, longest_ref: int) -> None:
        self._longest_ref = longest_ref

    def decode(self, line: bytes, named: bool) -> Asked:
        """Read one object; an empty line asks nothing."""
        if not line.strip():
            return Asked(None)
        ref = None
        try:
            values = _parse(line)
            ref = self._ref(values)
            return Asked(_command(values), ref)
        except Refusal as refusal:
            return Asked(refusal, ref)

    def encode(self, batch: Batch, viewer: str = "") -> bytes:
        """Render each event as one line; the viewer's own events carry their ``ref``."""
        marked = batch.renderings.get(_MARKED)
        if marked is None:
            marked = batch.renderings[_MARKED] = {event.by for event in batch.events if event.ref is not None}
        if viewer in marked:
            return self.wire(self.lines(batch, viewer))
        shared: bytes | None = batch.renderings.get(self)
        if shared is None:
            shared = batch.renderings[self] = self.wire(self.lines(batch, ""))
        return shared

    def wire(self, lines: Sequence[str]) -> bytes:
        """Put *lines* as they are sent, each an object."""
        return "\n".join([*lines, ""]).encode()

    def lines(self, batch: Batch, viewer: str) -> list[str]:
        """Return a line for each event, as `encode` renders it."""
        lines: list[str] | None = batch.renderings.get(_KEPT)
        if lines is None:
            lines = batch.renderings[_KEPT] = [_event_line(seq, event) for seq, event in batch]
        if viewer:
            lines = [
                f'{line[:-1]},"ref":{_encode(event.ref)}}}' if event.by == viewer and event.ref is not None else line
                for line, event in zip(lines, batch.events, strict=True)
            ]
        return lines

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply* as one line."""
        values = {"type": reply.type, **_plain_fields(reply)}
        if ref is not None:
            values["ref"] = ref
        return self.wire([_encode(values)])

    def _ref(self, values: Mapping[str, Any]) -> str | None:
        ref = values.get("ref")
        if ref is None:
            return None
        if not isinstance(ref, str):
            raise BadInput("A ref must be a string.")
        if len(ref) > self._longest_ref:
            raise TooLong(f"A ref has at most {self._longest_ref} characters.")
        return ref


def _event_line(seq: int, event: Event) -> str:
    """Encode what `event_object` builds: what people say, without building it first."""
    if type(event) is not Said:
        return _encode(event_object(seq, event))
    return (
        f'{{"type":"said","room":{_string(event.room)},"seq":{seq},"at":"{iso(event.at)}",'
        f'"nick":{_string(event.nick)},"text":{_string(event.text)}}}'
    )


def event_object(seq: int, event: Event) -> dict[str, Any]:
    """Build the object for one event, as others than its maker get it."""
    values: dict[str, Any] = {
        "type": event.type,
        "room": event.room,
        "seq": seq,
        "at": iso(event.at),
        "nick": event.nick,
    }
    for name in _NAMES[type(event)]:
        values[name] = getattr(event, name)
    if event.more and "until" in values:
        values["until"] = _iso_or_null(values["until"])
    return values


def _iso_or_null(seconds: float | None) -> str | None:
    return None if seconds is None else iso(seconds)


def iso(seconds: float) -> str:
    """Write a time as ISO 8601 in UTC, to the millisecond: ``2026-11-23T12:34:56.789Z``."""
    whole, millionths = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{_second(whole)}.{millionths // 1000:03}Z"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().removesuffix("+00:00")


def _parse(line: bytes) -> dict[str, Any]:
    try:
        values = _decode(line.decode())
    except UnicodeDecodeError as error:
        raise BadInput(f"That line is not UTF-8 (at byte {error.start + 1}).") from None
    except RecursionError:
        raise BadInput("That JSON is nested too deeply.") from None
    except json.JSONDecodeError as error:
        raise BadInput(f"That line is not JSON: {error}.") from None
    except ValueError:
        # Python reads no whole number of more than 4,300 digits, for that takes time.
        raise BadInput("That line is not JSON: a number in it has too many digits.") from None
    if not isinstance(values, dict):
        raise BadInput('A command is a JSON object, such as {"type":"say","text":"hello"}.')
    cleaned = {name: _clean(value) for name, value in values.items()}
    text = values.get("text")
    if isinstance(text, str) and "\n" in text and values.get("type") in _LINES:
        cleaned["text"] = clean_lines(text)
    return cleaned


def _clean(value: Any) -> Any:
    # No command has a field that nests deeper than this.
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean(one) if isinstance(one, str) else one for one in value]
    if isinstance(value, dict):
        return {clean(name): one for name, one in value.items()}
    return value


def _command(values: dict[str, Any]) -> Command:
    kind = values.pop("type", None)
    if not isinstance(kind, str):
        raise BadInput('A command needs a "type", such as "say".')
    if kind != "line":
        return named(kind, values)
    text, room = values.get("text"), values.get("room")
    if not isinstance(text, str) or not text.strip():
        raise BadInput('A "line" needs a "text": what a person typed.')
    if "\n" in text and text.startswith("/") and not text.startswith("//"):
        raise BadInput("A command is one line. To say lines of which the first begins with a slash, begin it with //.")
    command = typed(text)
    if isinstance(room, str) and getattr(command, "room", "") is None:
        # What was typed names no room, so it is about the one it was typed in.
        command = replace(command, room=room)
    return command


def _plain_fields(value: Any) -> dict[str, Any]:
    return {
        one.name: _iso_or_null(getattr(value, one.name)) if one.name in _TIMES else _plain(getattr(value, one.name))
        for one in fields(value)
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        if len(value) == 2 and isinstance(value[1], Event):
            return event_object(*value)
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return dict(value)
    if is_dataclass(value):
        return _plain_fields(value)
    return value
