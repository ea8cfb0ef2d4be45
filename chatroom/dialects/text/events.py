"""Events in the text dialect."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from zoneinfo import ZoneInfo

from chatroom.chat.changes import Edited, Reacted
from chatroom.chat.events import BOT, Acted, Event, Joined, Kicked, Left, Noticed, Said, Whispered
from chatroom.chat.syntax.conversations import is_with_oneself

from . import zone
from .marked import marked, quoted
from .sentences import sentence
from .zone import local

_MAX_NAMED = 8
"""Names in one line about many people."""

_FURTHER = "\n      | "
"""Starts each further line of a pasted block, so that none of them can be mistaken for somebody else's line."""


def event_lines(events: Iterable[Event], viewer: str | None = "", *, rooms: bool = False) -> list[str]:
    """
    Render *events* as *viewer* reads them, in the time zone of who reads.

    :param viewer: an identity; None: nobody in particular, so both people of a conversation are named.
    :param rooms: name the room in each line.
    """
    lines: list[str] = []
    run: list[Event] = []
    kick: Kicked | None = None
    now = zone.current
    for event in events:
        kind = type(event)
        if kind is Said and not run:
            # Most of what is ever rendered, so without another call.
            start = _start_of_minute(int(event.at) // 60, event.room if rooms else "", now)
            text = event.text if event.marks is None else marked(event)  # type: ignore[attr-defined]
            line = f"{start}<{shown_nick(event) if event.by[:4] == BOT else event.nick}> {text}"
            if "\n" in line:
                lines += line.replace("\n", _FURTHER).split("\n")
            else:
                lines.append(line)
            continue
        if kind is Joined or kind is Left:
            run.append(event)
            continue
        if run:
            lines += _presence_lines(run, rooms, kick)
            run = []
        kick = event if type(event) is Kicked else None
        lines += _LINES.get(kind, _sentence)(event, viewer, rooms).split("\n")
    return lines + _presence_lines(run, rooms, kick) if run else lines


def is_part_of_kick(event: Event, before: Event | None) -> bool:
    """Return whether *event* only repeats that somebody has left, which the kick just *before* it says."""
    if type(before) is not Kicked or type(event) is not Left:
        return False
    return (event.room, event.nick) == (before.room, before.target)


def _start(event: Event, rooms: bool) -> str:
    return _start_of_minute(int(event.at) // 60, event.room if rooms else "", zone.current)


@lru_cache(maxsize=1024)
def _start_of_minute(minute: int, room: str, _zone: ZoneInfo | None) -> str:
    clock = time.strftime("%H:%M", local(minute * 60))
    return f"{clock} #{room} " if room else f"{clock} "


def _presence_lines(run: Sequence[Event], rooms: bool, kick: Kicked | None) -> list[str]:
    """
    Word many joins and leaves in few lines, while it stays clear who is here in the end.

    :param kick: the event just before *run*, if somebody was kicked: its line also says that they left.
    """
    if is_part_of_kick(run[0], kick):
        run = run[1:]
    lines: list[str] = []
    part: dict[str, Event] = {}
    room = ""
    for event in run:
        if part and (event.nick in part or event.room != room):
            lines += _part_lines(part.values(), rooms)
            part = {}
        room = event.room
        part[event.nick] = event
    return lines + _part_lines(part.values(), rooms)


def _part_lines(part: Iterable[Event], rooms: bool) -> list[str]:
    """Word joins and leaves of one room, in which each nick appears once."""
    by_reason: defaultdict[str | None, list[Event]] = defaultdict(list)
    for event in part:
        by_reason[event.reason if type(event) is Left else None].append(event)
    return [f"{_start(events[0], rooms)}-- {_did(events, reason)}" for reason, events in by_reason.items()]


def _did(events: Sequence[Event], reason: str | None) -> str:
    """Word that the people of *events* joined (*reason* is None), or left for a *reason* that may be empty."""
    people = join_names([event.nick for event in events], _MAX_NAMED)
    if reason is None:
        return f"{people} joined #{events[0].room}"
    return f"{people} left #{events[0].room}{f' ({reason})' if reason else ''}"


def shown_nick(event: Event) -> str:
    """Return the nick of whoever did *event*, with the label behind a bot's: no person's has anything behind it."""
    return f"{event.nick} (bot)" if event.bot and event.nick[-1:] != ")" else event.nick


def _said(event: Said, viewer: str | None, rooms: bool) -> str:
    return f"{_start(event, rooms)}<{shown_nick(event)}> {marked(event)}".replace("\n", _FURTHER)


def _edited(event: Edited, viewer: str | None, rooms: bool) -> str:
    return _sentence(event, viewer, rooms).replace("\n", _FURTHER)


def _acted(event: Acted, viewer: str | None, rooms: bool) -> str:
    return f"{_start(event, rooms)}* {event.nick} {marked(event)}".replace("\n", _FURTHER)


def _noticed(event: Noticed, viewer: str | None, rooms: bool) -> str:
    return f"{_start(event, rooms)}-{shown_nick(event)}- {marked(event)}".replace("\n", _FURTHER)


def _whispered(event: Whispered, viewer: str | None, rooms: bool) -> str:
    if viewer is not None and is_with_oneself(event.room):
        speaker, to = "you", "yourself"
    else:
        speaker = "you" if event.by == viewer else event.nick
        to = event.to if viewer is None or event.by == viewer else "you"
    return f"{_start(event, False)}[{speaker} -> {to}] {marked(event)}".replace("\n", _FURTHER)


def _sentence(event: Event, viewer: str | None, rooms: bool) -> str:
    # A conversation has a name only internally.
    return f"{_start(event, rooms and event.room[:1] != '@')}-- {sentence(event)}"


def _reacted(event: Reacted, viewer: str | None, rooms: bool) -> str:
    start = _start(event, rooms and event.room[:1] != "@")
    if not event.emoji:
        return f"{start}* {event.nick} reacted to a deleted message"
    whom = "" if event.quote is None else f" {quoted(event.quote)}"
    return f"{start}* {event.nick} {'' if event.added else 'took back '}{event.emoji}{whom}"


_LINES: dict[type[Event], Callable[..., str]] = {
    Said: _said,
    Acted: _acted,
    Noticed: _noticed,
    Whispered: _whispered,
    Edited: _edited,
    Reacted: _reacted,
}


def join_names(names: Sequence[str], most: int | None = None) -> str:
    """Write names as people do: ``ann, bob and carol``; beyond *most*, count the rest."""
    if most is not None and len(names) > most:
        more = len(names) - most
        return f"{', '.join(names[:most])} and {more:,} other{'s' if more > 1 else ''}"
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), *names[-1:]])
