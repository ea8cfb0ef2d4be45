"""How plain text words replies about people: who they are, who is kept out, what one prefers."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Sequence

from chatroom.chat import replies
from chatroom.chat.replies import Person, Reply

from .events import join_names

_WIDTH = 76
"""Characters to a line of a long list: what fits a terminal of 80 with something before it."""

_RULING = ("operator", "admin")
"""The roles that others should know of."""


def _who(reply: replies.Who) -> list[str]:
    people = [_person(person) for person in reply.people]
    if reply.page > 1 and not people:
        return [f"-- No more people in #{reply.room}."]
    count = f"{len(people) + reply.more:,}{' more' if reply.page > 1 else ''}"
    more = f"-- … and {reply.more:,} more: /who {reply.room} {reply.page + 1}"
    return [f"-- In #{reply.room} ({count}):", *_wrapped(people), *([more] if reply.more else [])]


def _whois(reply: replies.Whois) -> list[str]:
    person = reply.person
    where = f"is in {join_names(['#' + room for room in reply.rooms])}" if reply.rooms else "is in no room"
    state = f"silent for {_duration(person.idle)}" if person.connected else "reconnecting"
    lines = [f"-- {person.nick} {where}; here since {_moment(reply.since)}, through the {person.door} door, {state}."]
    if reply.account:
        role = " of an admin" if person.role == "admin" else ""
        lines.append(f"-- {person.nick} is logged in to the account {reply.account}{role}.")
    if person.away is not None:
        lines.append(f"-- {person.nick} is away{': ' if person.away else ''}{person.away or '.'}")
    if reply.address:
        lines.append(f"-- {person.nick} has the address {reply.address}.")
    return lines


def _bans(reply: replies.Bans) -> list[str]:
    where = f"#{reply.room}" if reply.room else "this server"
    if not reply.bans:
        return [f"-- Nobody is banned from {where}, or muted there."]
    lines = [f"-- Banned from {where}, or muted there ({len(reply.bans) + reply.more:,}):", *map(_ban, reply.bans)]
    return [*lines, f"-- … and {reply.more:,} more"] if reply.more else lines


def _ban(ban: replies.Ban) -> str:
    did = "muted" if ban.kind == "mute" else "banned"
    until = f"until {_moment(ban.until)}" if ban.until is not None else "for good"
    why = f" ({ban.reason})" if ban.reason else ""
    return f"-- {ban.target}, {did} by {ban.by} on {_moment(ban.at)}, {until}{why}"


def _seen(reply: replies.Seen) -> list[str]:
    if reply.here:
        return [f"-- {reply.nick} is here now."]
    if reply.at is None:
        return [f"-- It is not known when {reply.nick} was here."]
    return [f"-- {reply.nick} was last here on {_moment(reply.at)}."]


def _preferences(reply: replies.Preferences) -> list[str]:
    told = {"all": "everything that is said", "mentions": "your nick and private messages", "none": "nothing"}
    bell = f"You are notified of {told[reply.notify]}." if reply.notify in told else "You have not chosen a bell."
    away = "You are not away." if reply.away is None else f"You are away{': ' if reply.away else '.'}{reply.away}"
    lines = {
        "ignore": f"You ignore {join_names(reply.ignore)}." if reply.ignore else "You ignore nobody.",
        "notify": bell,
        "color": f"Colours are {'on' if reply.color else 'off'}.",
        "plain": f"Plain lines for a screen reader are {'on' if reply.plain else 'off'}.",
        "away": away,
    }
    return [f"-- {line}" for name, line in lines.items() if name in (reply.changed or lines)]


def _password_wanted(reply: replies.PasswordWanted) -> list[str]:
    return [f"-- A password is needed for /{reply.command}."]


def _logged_in(reply: replies.LoggedIn) -> list[str]:
    role = ", as an admin" if reply.role == "admin" else ""
    return [f"-- You are logged in to the account {reply.account}{role}."]


def _logged_out(reply: replies.LoggedOut) -> list[str]:
    return [f"-- You are a guest again: {reply.reason}" if reply.reason else "-- You are a guest again."]


PEOPLE: dict[type[Reply], Callable[..., list[str]]] = {
    replies.Who: _who,
    replies.Whois: _whois,
    replies.Bans: _bans,
    replies.Seen: _seen,
    replies.Preferences: _preferences,
    replies.PasswordWanted: _password_wanted,
    replies.LoggedIn: _logged_in,
    replies.LoggedOut: _logged_out,
}


def _person(person: Person) -> str:
    notes = [person.role] if person.role in _RULING else []
    if person.away is not None:
        notes.append("away")
    if not person.connected:
        notes.append("reconnecting")
    elif person.idle >= 300:
        notes.append(_duration(person.idle))
    return f"{person.nick} ({', '.join(notes)})" if notes else person.nick


def _duration(seconds: int) -> str:
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _wrapped(people: Sequence[str]) -> list[str]:
    # A line ends between two of them, not between somebody and the note behind their nick.
    text = ", ".join(person.replace(" ", "\0") for person in people)
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return ["-- " + line.replace("\0", " ") for line in lines]
