"""Webhooks: reads what senders post that were made for Slack, and makes lines of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from chatroom.chat.limits import Limits
from chatroom.chat.refusals import BadInput
from chatroom.chat.syntax.blanks import is_blank
from chatroom.dialects.sanitize import clean

from .request_parts import is_json, json_object, lines_of, plain

_FORM = "application/x-www-form-urlencoded"

_MAX_PARTS = 100
"""Attachments, blocks or fields that are read of one list."""

_LABEL = 32
"""Characters of a label: as many as a nick has."""

_MARKUP = re.compile(r"<([^<>|\s]+)(?:\|([^<>\n]*))?>")
"""Links and mentions: ``<https://example.org|text>``, ``<!here>``, ``<@U024BE7LH>``."""

_MENTION = re.compile(r"[!@#](.*?)(?:\^.*)?")
_IN_LABELS = re.compile(r"[()<>\[\]\n]+")
"""What could end a label, and begin something else."""


@dataclass(frozen=True, slots=True)
class Hook:
    """
    What was posted.

    :param label: the name that the sender gives itself; "": none.
    :param room: the room that it names; "": none.
    """

    text: str
    label: str = ""
    room: str = ""


def read_hook(kind: str, body: bytes, limits: Limits) -> Hook:
    """
    Read a *body* of the type *kind*; what is too long is cut.

    :raises BadInput: if it says nothing, or is not what it claims to be.
    """
    values = _payload(kind, body)
    if values is None:
        values = {"text": plain(body)}
    text = cut(lines_of("\n".join(_lines(values))), limits)
    if is_blank(text):
        raise BadInput("no_text: there is nothing to say in that.")
    channel = _string(values, "channel")
    return Hook(text, _label(_string(values, "username")), clean(channel[:200]).strip().lstrip("#@"))


def cut(text: str, limits: Limits) -> str:
    """Shorten *text* to one message."""
    lines = text.split("\n")
    if len(lines) > limits.paste:
        text = "\n".join([*lines[: limits.paste - 1], "…"])
    data = text.encode()
    if len(data) > limits.line:
        text = data[: limits.line - len("…".encode())].decode(errors="ignore") + "…"
    return text


def _payload(kind: str, body: bytes) -> Mapping[str, Any] | None:
    """Return the object that was posted; None if it is only text."""
    if is_json(kind):
        return json_object(body)
    if kind == _FORM:
        try:
            fields = parse_qs(body.decode(), max_num_fields=100)
        except ValueError:
            raise BadInput("invalid_payload: that is no form.") from None
        if "payload" in fields:
            return json_object(fields["payload"][0].encode(errors="replace"))
        if "text" in fields:
            return {name: found[0] for name, found in fields.items()}
    # Some senders leave the type out.
    return json_object(body) if body.lstrip()[:1] == b"{" else None


def _lines(values: Mapping[str, Any]) -> Iterator[str]:
    text = _string(values, "text")
    if not is_blank(text):
        yield _without_markup(text)
    elif "blocks" in values:
        yield from _of_blocks(values["blocks"])
    for attachment in _objects(values.get("attachments")):
        yield from _of_attachment(attachment)


def _of_attachment(values: Mapping[str, Any]) -> Iterator[str]:
    title, link = _string(values, "title"), _string(values, "title_link")
    parts = [
        _string(values, "pretext"),
        f"{title} ({link})" if title and link else title or link,
        _string(values, "text"),
        *(f"{_string(one, 'title')}: {_string(one, 'value')}" for one in _objects(values.get("fields"))),
    ]
    lines = [_without_markup(part) for part in parts if not is_blank(part)]
    lines += _of_blocks(values.get("blocks"))
    yield from lines or [_without_markup(_string(values, "fallback"))]


def _of_blocks(blocks: Any) -> Iterator[str]:
    for block in _objects(blocks):
        parts = [block.get("text"), *_objects(block.get("fields")), *_objects(block.get("elements"))]
        for part in parts:
            text = part if isinstance(part, str) else _string(part, "text") if isinstance(part, dict) else ""
            if not is_blank(text):
                yield _without_markup(text)


def _without_markup(text: str) -> str:
    """Show links and mentions as people read them, and characters for their names."""
    return html.unescape(_MARKUP.sub(_shown, text))


def _shown(found: re.Match[str]) -> str:
    target, label = found[1], found[2]
    mention = _MENTION.fullmatch(target)
    if mention is not None:
        return f"@{label or mention[1]}"
    return f"{label} ({target})" if label and label != target else target


def _label(name: str) -> str:
    label = " ".join(_IN_LABELS.sub(" ", clean(name[: 4 * _LABEL])).split())[:_LABEL].rstrip()
    return "" if is_blank(label) else label


def _string(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def _objects(values: Any) -> Iterable[Mapping[str, Any]]:
    found = values if isinstance(values, list) else []
    return [one for one in found[:_MAX_PARTS] if isinstance(one, dict)]
