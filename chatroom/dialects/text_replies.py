"""How plain text words each reply."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Sequence
from itertools import groupby

from chatroom.chat import replies
from chatroom.chat.replies import Numbered, Person, Reply

from .text_events import event_lines, listed

_WIDTH = 76
"""Characters to a line of a long list: what fits a terminal of 80 with something before it."""


def reply_lines(reply: Reply) -> list[str]:
    """Word *reply*, in the local time zone."""
    return _LINES[type(reply)](reply)


def _notice(reply: replies.Notice) -> list[str]:
    return [f"-- {reply.text}"]


def _refused(reply: replies.Refused) -> list[str]:
    return [f"!! {reply.text}"]


def _welcome(reply: replies.Welcome) -> list[str]:
    return [f"-- Welcome, {reply.nick}. Type to talk; /help lists the commands, exit leaves."]


def _entered(reply: replies.Entered) -> list[str]:
    others = len(reply.people) - 1
    alone = "You are alone here." if not others else f"{len(reply.people):,} people: {listed(reply.people, 20)}."
    lines = [f"-- You are in #{reply.room}. {alone}"]
    if reply.topic:
        lines.append(f"-- Topic: {reply.topic}")
    return lines + _past(reply.recent)


def _live(reply: replies.Live) -> list[str]:
    return []


def _named(reply: replies.Named) -> list[str]:
    return [f"-- You are {reply.nick} now."]


def _who(reply: replies.Who) -> list[str]:
    people = [_person(person) for person in reply.people]
    return [f"-- In #{reply.room} ({len(people):,}):", *_wrapped(", ".join(people))]


def _whois(reply: replies.Whois) -> list[str]:
    person = reply.person
    where = f"is in {listed(['#' + room for room in reply.rooms])}" if reply.rooms else "is in no room"
    state = f"silent for {_duration(person.idle)}" if person.connected else "reconnecting"
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(reply.since))
    return [f"-- {person.nick} {where}; here since {since}, through the {person.door} door, {state}."]


def _rooms(reply: replies.Rooms) -> list[str]:
    if not reply.rooms:
        return ["-- Nobody is in any room."]
    widest = max(len(row.room) for row in reply.rooms) + 1
    return [f"-- {'#' + row.room:<{widest}}  {row.people:>5,}  {row.topic}".rstrip() for row in reply.rooms]


def _topic(reply: replies.Topic) -> list[str]:
    return [f"-- The topic of #{reply.room}: {reply.topic}" if reply.topic else f"-- #{reply.room} has no topic."]


def _recalled(reply: replies.Recalled) -> list[str]:
    if not reply.events:
        return [f"-- Nothing has been said in #{reply.room} yet."]
    return [f"-- #{reply.room}, the last {len(reply.events)}:", *_past(reply.events), "-- That was it."]


def _gap(reply: replies.Gap) -> list[str]:
    return [f"-- … {reply.last - reply.first + 1:,} lines of #{reply.room} skipped"]


def _time(reply: replies.Time) -> list[str]:
    return [time.strftime("-- %A, %Y-%m-%d %H:%M:%S %Z", time.localtime(reply.at))]


def _help(reply: replies.Help) -> list[str]:
    if len(reply.commands) == 1:
        [(usage, does)] = reply.commands
        return [f"-- {usage}: {does}"]
    widest = max(len(usage) for usage, _ in reply.commands)
    rows = [f"-- {usage:<{widest}}  {does}" for usage, does in reply.commands]
    return [
        *rows,
        f"-- {'exit':<{widest}}  leave the chat",
        f"-- {'//TEXT':<{widest}}  say a line that begins with /",
    ]


def _pong(reply: replies.Pong) -> list[str]:
    return ["-- pong"]


def _goodbye(reply: replies.Goodbye) -> list[str]:
    return [f"-- {reply.text}"]


_LINES: dict[type[Reply], Callable[..., list[str]]] = {
    replies.Notice: _notice,
    replies.Refused: _refused,
    replies.Welcome: _welcome,
    replies.Entered: _entered,
    replies.Live: _live,
    replies.Named: _named,
    replies.Who: _who,
    replies.Whois: _whois,
    replies.Rooms: _rooms,
    replies.Topic: _topic,
    replies.Recalled: _recalled,
    replies.Gap: _gap,
    replies.Time: _time,
    replies.Help: _help,
    replies.Pong: _pong,
    replies.Goodbye: _goodbye,
}


def _past(events: Sequence[Numbered]) -> list[str]:
    """History: as it was shown, with the day wherever it is not today's."""
    lines = []
    today = time.localtime()[:3]
    for day, run in groupby((event for _, event in events), lambda event: time.localtime(event.at)[:3]):
        shown = list(run)
        if day != today:
            lines.append(time.strftime("-- %A, %Y-%m-%d", time.localtime(shown[0].at)))
        lines += event_lines(shown)
    return lines


def _person(person: Person) -> str:
    if not person.connected:
        return f"{person.nick} (reconnecting)"
    return f"{person.nick} ({_duration(person.idle)})" if person.idle >= 300 else person.nick


def _duration(seconds: int) -> str:
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"


def _wrapped(text: str) -> list[str]:
    return [f"-- {line}" for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)]
