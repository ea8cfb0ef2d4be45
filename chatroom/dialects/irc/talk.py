"""Talk in IRC: what people say, answer, correct, take back and react to."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.event import Marks, Quote
from chatroom.chat.events import Acted, Event, Noticed, Said, Whispered

from ..text.sentences import sentence
from .look import Look
from .message import MAX_LINE, line, pieces, with_tags
from .names import channel, msgid
from .tagged import Tagged

_REPLY = "+draft/reply"
_REACT, _UNREACT = "+draft/react", "+draft/unreact"

_END = 2
"""Bytes of a line's end: CR LF."""


def talk_lines(look: Look, seq: int, event: Event, target: str) -> list[str]:
    """
    Write *event*, one of the kinds here, as messages to *target*: a channel, or a nick.

    What has several lines becomes as many messages; with ``draft/multiline``, they are one batch.
    """
    return _LINES[type(event)](look, seq, event, target)


def _said(look: Look, seq: int, event: Said | Noticed, target: str) -> list[str]:
    who, label = look.source(event)
    text = f"{label}{_addressed(look, event)}"
    command = "NOTICE" if type(event) is Noticed else "PRIVMSG"
    return _messages(look, seq, event, who, command, target, text)


def _acted(look: Look, seq: int, event: Acted, target: str) -> list[str]:
    who, _ = look.source(event)
    tags = look.event_tags(event, seq, message=True)
    room = MAX_LINE - len(line(who, "PRIVMSG", target, "").encode()) - _END - len("\1ACTION \1")
    start = f":{who} PRIVMSG {target} :\1ACTION "
    lines = [one for one in _deleted_or(event.marks, event.text).split("\n") if one.strip()]
    return _tagged_once([f"{start}{piece}\1" for one in lines for piece in pieces(one, room)], tags)


def _whispered(look: Look, seq: int, event: Whispered, target: str) -> list[str]:
    who, _ = look.source(event)
    return _messages(look, seq, event, who, "PRIVMSG", target, _addressed(look, event))


def _messages(look: Look, seq: int, event: Event, who: str, command: str, target: str, text: str) -> list[str]:
    tags = look.event_tags(event, seq, message=True)
    if look.tags and event.marks is not None and event.marks.re is not None:
        tags[_REPLY] = msgid(event.room, event.marks.re)
    passing = look.people.passing_with(event.by, event.text)  # type: ignore[attr-defined]
    if passing is not None:
        command = passing.command
        if look.tags:
            tags.update(passing.tags)
    start = f":{who} {command} {target} :"
    room = MAX_LINE - len(start.encode()) - _END
    if len(text) * 4 <= room and "\n" not in text:
        # Nearly all of them.
        return [with_tags(start + text, tags)]
    if look.multiline and ("\n" in text or len(text.encode()) > room):
        parts = [[*pieces(one, room, whole=True)] or [""] for one in text.split("\n")]
        written = [(piece, at > 0) for one in parts for at, piece in enumerate(one)]
        return list(_batch(tags, seq, start, target, who, written))
    # Without a batch, a blank line would be a message of its own.
    lines = [one for one in text.split("\n") if one.strip()]
    return _tagged_once([start + piece for one in lines for piece in pieces(one, room)], tags)


def _tagged_once(lines: list[str], tags: dict[str, str]) -> list[str]:
    """Put *tags* on *lines*, the parts of one message; they cannot share its id."""
    rest = {key: value for key, value in tags.items() if key != "msgid"}
    return [with_tags(one, rest if at else tags) for at, one in enumerate(lines)]


def _batch(
    tags: dict[str, str], seq: int, start: str, target: str, who: str, written: list[tuple[str, bool]]
) -> Iterator[str]:
    """Write one message of several lines as a batch; a line that was split says so."""
    yield with_tags(f":{who} BATCH +m{seq} draft/multiline {target}", tags)
    for piece, goes_on in written:
        concat = {"draft/multiline-concat": ""} if goes_on else {}
        yield with_tags(start + piece, {"batch": f"m{seq}", **concat})
    yield f":{who} BATCH -m{seq}"


def _addressed(look: Look, event: Said | Noticed | Whispered) -> str:
    """
    Return what was said with the nick that it answers before it: most clients show no tags, though they ask for them.

    Who answers with an IRC client has written that, if they wanted to.
    """
    marks, text = event.marks, event.text
    if marks is None or marks.deleted:
        return _deleted_or(marks, text)
    answered: Quote | None = marks.quote
    if answered is None or text.lower().startswith(answered.nick.lower()):
        return text
    passing = look.people.passing_with(event.by, event.text)
    return text if passing is not None and _REPLY in passing.tags else f"{answered.nick}: {text}"


def _deleted_or(marks: Marks | None, text: str) -> str:
    return "(deleted)" if marks is not None and marks.deleted else text


def _edited(look: Look, seq: int, event: Edited, target: str) -> list[str]:
    who, _ = look.source(event)
    if not event.text:
        # The message has been deleted since.
        return []
    tags = look.event_tags(event, seq, message=True)
    if look.tags:
        tags[_REPLY] = msgid(event.room, event.re)
    start = f":{who} PRIVMSG {target} :"
    room = MAX_LINE - len(start.encode()) - _END
    text = " ".join(["(edited)", *event.text.split("\n")])
    return _tagged_once([start + piece for piece in pieces(text, room)], tags)


def _deleted(look: Look, seq: int, event: Deleted, target: str) -> list[str]:
    who, _ = look.source(event)
    if look.redaction:
        reason = [event.reason] if event.reason else []
        said = line(who, "REDACT", target, msgid(event.room, event.re), *reason)
    else:
        said = line(look.server, "NOTICE", target, sentence(event))
    return [with_tags(said, look.event_tags(event, seq))]


def _reacted(look: Look, seq: int, event: Reacted, target: str) -> list[str]:
    who, _ = look.source(event)
    tags = look.event_tags(event, seq, message=True)
    if look.tags and event.emoji:
        tags[_REACT if event.added else _UNREACT] = event.emoji
        tags[_REPLY] = msgid(event.room, event.re)
        return [with_tags(f":{who} TAGMSG {target}", tags)]
    return [with_tags(line(look.server, "NOTICE", target, sentence(event)), tags)]


def _tagged(look: Look, seq: int, event: Tagged, target: str) -> list[str]:
    who, _ = look.source(event)
    tags = look.event_tags(event, seq)
    return [with_tags(f":{who} TAGMSG {target}", {**tags, "msgid": event.id, **event.tags})]


_LINES: dict[type[Event], Callable[..., list[str]]] = {
    Said: _said,
    Noticed: _said,
    Acted: _acted,
    Whispered: _whispered,
    Edited: _edited,
    Deleted: _deleted,
    Reacted: _reacted,
    Tagged: _tagged,
}

TALKING = tuple(_LINES)
"""The events that this module writes."""


def target_of(event: Event) -> str:
    """Return where everyone in the room sees *event*."""
    return channel(event.room)
