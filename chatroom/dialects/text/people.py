"""How text words replies about people: who they are, who is banned, what somebody prefers."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import fields

from chatroom.chat import replies
from chatroom.chat.replies import PersonLine, Reply, SessionLine, spoken_doors

from .events import join_names
from .zone import local, recent

_WIDTH = 76
"""Characters in a line of a long list: it fits a terminal of 80, with a mark in front."""

_ROLES = ("operator", "admin", "bot")
"""The roles that are shown behind a nick."""

_SHORT_DOORS = {"line": "nc", "json": "client"}
"""The doors in a list of people, of those who came through several."""

_IDLE = 300
"""Seconds of silence after which a list of people shows somebody as idle."""

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))
"""The units of idle times, with their seconds."""


def _who(reply: replies.Who) -> list[str]:
    people = [_person(person) for person in reply.people]
    if reply.page > 1 and not people:
        return [f"-- No more people in #{reply.room}."]
    count = f"{len(people) + reply.more:,}{' more' if reply.page > 1 else ''}"
    more = f"-- … and {reply.more:,} more: /who {reply.room} {reply.page + 1}"
    return [f"-- In #{reply.room} ({count}):", *_wrapped(people), *([more] if reply.more else [])]


def _whois(reply: replies.Whois) -> list[str]:
    person = reply.person
    where = f"is in {join_names(['#' + room for room in reply.rooms])}" if reply.rooms else "is not in any room"
    idle = f"idle for {_duration(person.idle)}" if person.idle >= 60 else "active now"
    state = idle if person.connected else "reconnecting"
    door = spoken_doors(person.doors or (person.door,))
    lines = [f"-- {person.nick} {where}; here since {_moment(reply.since)} via {door}, {state}."]
    if reply.account:
        role = " (admin)" if person.role == "admin" else ""
        lines.append(f"-- {person.nick} is logged in as {reply.account}{role}.")
    if person.away is not None:
        lines.append(f"-- {person.nick} is away{': ' if person.away else ''}{person.away or '.'}")
    if reply.address:
        lines.append(f"-- The address of {person.nick} is {reply.address}.")
    return lines


def _sessions(reply: replies.Sessions) -> list[str]:
    rows = [_session(one) for one in reply.sessions]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
    more = ["-- /sessions end N ends one, /sessions end others all but this one."] if len(rows) > 1 else []
    return ["-- Your sessions:", *(f"-- {line.rstrip()}" for line in lines), *more]


def _session(session: SessionLine) -> list[str]:
    """Return the columns of a row; the last one is empty if the address is not known."""
    state = "this one" if session.current else f"active {recent(session.active)}"
    return [
        str(session.number),
        spoken_doors([session.door]),
        f"since {recent(session.since)}",
        state if session.connected else "reconnecting",
        session.address,
    ]


def _bans(reply: replies.Bans) -> list[str]:
    where = f"in #{reply.room}" if reply.room else "on this server"
    if not reply.bans:
        return [f"-- Nobody is banned or muted {where}."]
    lines = [f"-- Banned or muted {where} ({len(reply.bans) + reply.more:,}):", *map(_ban, reply.bans)]
    return [*lines, f"-- … and {reply.more:,} more"] if reply.more else lines


def _ban(ban: replies.Ban) -> str:
    did = "muted" if ban.kind == "mute" else "banned"
    until = f"until {_moment(ban.until)}" if ban.until is not None else "forever"
    why = f" ({ban.reason})" if ban.reason else ""
    return f"-- {ban.target}, {did} by {ban.by} on {_moment(ban.at)}, {until}{why}"


def _seen(reply: replies.Seen) -> list[str]:
    if reply.here:
        return [f"-- {reply.nick} is here now."]
    if reply.at is None:
        return [f"-- It is not known when {reply.nick} was last here."]
    return [f"-- {reply.nick} was last here on {_moment(reply.at)}."]


_NOTIFICATIONS = {
    "all": "Notifications: every line.",
    "mentions": "Notifications: mentions and private messages.",
    "none": "Notifications are off.",
}


_SWITCHES = {one.name: one.metadata["words"] for one in fields(replies.Preferences) if "words" in one.metadata}


def _preferences(reply: replies.Preferences) -> list[str]:
    away = "You are not away." if reply.away is None else f"You are away{': ' if reply.away else '.'}{reply.away}"
    lines = {
        "ignore": f"You are ignoring {join_names(reply.ignore) or 'nobody'}.",
        "notify": _NOTIFICATIONS.get(reply.notify, "Notifications are not set."),
        **{name: f"{words} {'on' if getattr(reply, name) else 'off'}." for name, words in _SWITCHES.items()},
        "away": away,
    }
    return [f"-- {line}" for name, line in lines.items() if name in (reply.changed or reply.asked or lines)]


def _password_wanted(reply: replies.PasswordWanted) -> list[str]:
    return [f"-- /{reply.command} needs a password."]


def _logged_in(reply: replies.LoggedIn) -> list[str]:
    if reply.new_password:
        return ["-- Your password is changed."]
    role = " (admin)" if reply.role == "admin" else ""
    return [f"-- Logged in as {reply.account}{role}."]


def _logged_out(reply: replies.LoggedOut) -> list[str]:
    return [f"-- You are a guest again: {reply.reason}" if reply.reason else "-- You are a guest again."]


PEOPLE: dict[type[Reply], Callable[..., list[str]]] = {
    replies.Who: _who,
    replies.Whois: _whois,
    replies.Bans: _bans,
    replies.Sessions: _sessions,
    replies.Seen: _seen,
    replies.Preferences: _preferences,
    replies.PasswordWanted: _password_wanted,
    replies.LoggedIn: _logged_in,
    replies.LoggedOut: _logged_out,
}


def _person(person: PersonLine) -> str:
    notes = [person.role] if person.role in _ROLES else []
    if len(person.doors) > 1:
        notes += [_SHORT_DOORS.get(door, door) for door in person.doors]
    if person.away is not None:
        notes.append("away")
    if not person.connected:
        notes.append("reconnecting")
    elif person.idle >= _IDLE:
        notes.append(_duration(person.idle))
    return f"{person.nick} ({', '.join(notes)})" if notes else person.nick


def _duration(seconds: int) -> str:
    unit, size = next((one for one in _UNITS if seconds >= one[1]), _UNITS[-1])
    count = seconds // size
    return f"{count} {unit}{'s' if count > 1 else ''}"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", local(seconds))


def _wrapped(people: Sequence[str]) -> list[str]:
    # Break lines between people only, never between a nick and the note behind it.
    text = ", ".join(person.replace(" ", "\0") for person in people)
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return ["-- " + line.replace("\0", " ") for line in lines]
