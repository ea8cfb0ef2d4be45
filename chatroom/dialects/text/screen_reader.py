"""Screen reader text: words instead of symbols, and little is repeated."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence

from chatroom.chat.changes import Edited
from chatroom.chat.events import Acted, Event, Joined, Kicked, Left, Noticed, Said, Whispered
from chatroom.chat.replies import Reply
from chatroom.chat.syntax.conversations import is_with_oneself

from ..views import Unsaid
from .events import join_names, shown_nick
from .marked import answering, marked_plainly
from .sentences import sentence
from .zone import local

_TIME_INTERVAL = 900
"""Seconds; the time is said once every quarter of an hour, instead of in every line."""

_MAX_NAMED = 3
"""Names in one line about people who came or went: listening to many takes long."""

_COLUMNS = re.compile(" {2,}")


class PlainWords:
    """
    Words events for one person, and remembers what was said and what is still to be said.

    People who come and go share one line, before the next thing that happens.  People who joined and left again by
    then are not mentioned.
    """

    def __init__(self) -> None:
        self._quarter = -1
        self._moved: dict[str, dict[str, bool]] = {}
        """Joins (True) and leaves (False) since the last line, by room and nick."""

    @property
    def unsaid(self) -> Unsaid:
        """What it remembers."""
        return Unsaid(self._quarter, {room: dict(moved) for room, moved in self._moved.items()})

    def recall(self, unsaid: Unsaid) -> None:
        """Remember what another one did."""
        self._quarter = unsaid.quarter
        self._moved = {room: dict(moved) for room, moved in unsaid.moved.items()}

    def lines(self, events: Iterable[Event], viewer: str | None = "", *, rooms: bool = False) -> list[str]:
        """Render *events* as *viewer* hears them (None: nobody in particular); *rooms* names the room in each."""
        lines: list[str] = []
        kicked = ("", "")
        for event in events:
            kind = type(event)
            if kind is Left and (event.room, event.nick) == kicked:
                # The line about the kick says that.
                kicked = ("", "")
                continue
            if kind is Joined or kind is Left:
                self._move(event)
                continue
            if kind is Kicked:
                kicked = (event.room, event.target)  # type: ignore[attr-defined]
            lines += self._time(event)
            lines += self._moves()
            where = f"In {event.room}, " if rooms and event.room[:1] != "@" else ""
            lines += _WORDS[kind](event, viewer, where) if kind in _WORDS else [_notice(event, where)]
        return lines

    def _time(self, event: Event) -> list[str]:
        quarter = int(event.at) // _TIME_INTERVAL
        if quarter == self._quarter:
            return []
        self._quarter = quarter
        return [time.strftime("Time: %H:%M", local(event.at))]

    def _move(self, event: Event) -> None:
        moved = self._moved.setdefault(event.room, {})
        came = type(event) is Joined
        if moved.get(event.nick, came) is came:
            moved[event.nick] = came
        else:
            del moved[event.nick]

    def _moves(self) -> list[str]:
        lines = []
        for room, moved in self._moved.items():
            came = [nick for nick, joined in moved.items() if joined]
            went = [nick for nick, joined in moved.items() if not joined]
            parts = [f"{join_names(came, _MAX_NAMED)} joined"] if came else []
            parts += [f"{join_names(went, _MAX_NAMED)} left"] if went else []
            if parts:
                lines.append(f"Notice: In {room}, {', and '.join(parts)}.")
        self._moved.clear()
        return lines


def plain_reply(reply: Reply, lines: Sequence[str]) -> list[str]:
    """Replace the symbols in *lines*, the wording of *reply*, by words; events in it are worded already."""
    room = getattr(reply, "room", "")
    plain: list[str] = []
    for line in lines:
        mark, text = line[:3], line[3:]
        if mark in _MARKS:
            if room:
                text = text.replace(f"#{room}", room)
            line = _COLUMNS.sub(", ", text.removeprefix("… "))
            if not plain:
                line = f"{_MARKS[mark]}: {line}"
        plain.append(line)
    return plain


_MARKS = {"-- ": "Notice", "!! ": "Refused"}


def _said(event: Said, viewer: str | None, where: str) -> list[str]:
    return _lines(f"{where}{shown_nick(event)} says{answering(event)}", marked_plainly(event))


def _noticed(event: Noticed, viewer: str | None, where: str) -> list[str]:
    return _lines(f"{where}{shown_nick(event)} gives notice{answering(event)}", marked_plainly(event))


def _lines(start: str, text: str) -> list[str]:
    first, *further = text.split("\n")
    many = f", in {len(further) + 1} lines" if further else ""
    return [f"{start}{many}: {first}", *_further(further)]


def _further(lines: Sequence[str]) -> list[str]:
    # Nobody else's line begins with such a number, so no pasted line can be mistaken for one.
    return [f"line {n}: {line}" for n, line in enumerate(lines, 2)]


def _acted(event: Acted, viewer: str | None, where: str) -> list[str]:
    first, *further = marked_plainly(event).split("\n")
    return [f"{where}{event.nick} {first}{answering(event)}", *_further(further)]


def _whispered(event: Whispered, viewer: str | None, where: str) -> list[str]:
    if viewer is not None and is_with_oneself(event.room):
        speaker, to = "You", "yourself"
    else:
        speaker = "You" if event.by == viewer else event.nick
        to = event.to if viewer is None or event.by == viewer else "you"
    return _lines(f"{speaker} to {to}, in private{answering(event)}", marked_plainly(event))


def _notice(event: Event, where: str) -> str:
    return f"Notice: {where}{sentence(event).replace(f'#{event.room}', event.room, 1)}"


def _edited(event: Edited, viewer: str | None, where: str) -> list[str]:
    return _lines(f"{where}{event.nick} edited", event.text) if event.text else [_notice(event, where)]


_WORDS: dict[type[Event], Callable[..., list[str]]] = {
    Said: _said,
    Acted: _acted,
    Noticed: _noticed,
    Whispered: _whispered,
    Edited: _edited,
}
