"""Sentences: how text words what happened in a room, except for talk, and for people who come and go."""

from __future__ import annotations

from collections.abc import Callable

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.events import (
    AuditEntry,
    Banned,
    Event,
    Kicked,
    Muted,
    RoleChanged,
    SettingChanged,
    TopicChanged,
)
from chatroom.chat.syntax.durations import spoken

from .marked import quoted


def sentence(event: Event) -> str:
    """Word *event*, without its time and without a full stop: ``ann banned bob for 1 hour (spam)``."""
    return event.sentence.format(event) if event.sentence else _SENTENCES[type(event)](event)


def describe_setting(name: str, value: str) -> str:
    """Describe a setting that is not at its default: ``Slow mode: one line per person every 10 seconds.``"""
    described = _DESCRIBED.get((name, value))
    if described is None:
        if name == "limit":
            return f"Limited: at most {_people(value)}."
        return f"Slow mode: {_pace(value)}." if name == "slow" else f"{name}: {value}"
    return described


_DESCRIBED = {
    ("lock", "key"): "Locked: you need its key or an invitation to enter.",
    ("lock", "invited"): "Invite-only: you need an invitation to enter.",
    ("private", "on"): "Private: only its members can see that it exists.",
    ("moderated", "on"): "Moderated: only operators, and those with a voice, may speak.",
    ("unlisted", "on"): "Unlisted: anyone may come in, but it is in no list.",
    ("freetopic", "on"): "Free topic: everyone here may set it.",
}


def _topic(event: TopicChanged) -> str:
    done = f"set the topic of #{event.room}: {event.topic}" if event.topic else f"removed the topic of #{event.room}"
    return f"{event.nick} {done}"


def _kicked(event: Kicked) -> str:
    return f"{event.nick} kicked {event.target}{_why(event.reason)}"


def _banned(event: Banned) -> str:
    return f"{event.nick} banned {event.target}{_how_long(event)}{_why(event.reason)}"


def _muted(event: Muted) -> str:
    return f"{event.nick} muted {event.target}{_how_long(event)}{_why(event.reason)}"


def _setting(event: SettingChanged) -> str:
    room = f"#{event.room}"
    done = {
        ("lock", "key"): f"locked {room} with a key",
        ("lock", "invited"): f"made {room} invite-only",
        ("lock", ""): f"unlocked {room}",
        ("private", "on"): f"made {room} private",
        ("private", ""): f"made {room} public",
        ("slow", ""): f"turned off slow mode in {room}",
        ("unlisted", "on"): f"left {room} out of the list of rooms",
        ("unlisted", ""): f"put {room} into the list of rooms",
        ("freetopic", "on"): f"let everyone set the topic of {room}",
        ("freetopic", ""): f"let only operators set the topic of {room}",
        ("moderated", "on"): f"let only some speak in {room}",
        ("moderated", ""): f"let everyone speak in {room}",
        ("limit", ""): f"let any number of people into {room}",
    }.get((event.setting, event.value))
    if done is None and event.setting == "slow":
        done = f"turned on slow mode in {room}: {_pace(event.value)}"
    if done is None and event.setting == "limit":
        done = f"limited {room} to {_people(event.value)}"
    return f"{event.nick} {done or f'set {event.setting} of {room} to {event.value}'}"


def _role(event: RoleChanged) -> str:
    if event.role == "voice":
        return f"{event.nick} gave {event.target} a voice in #{event.room}"
    if event.role == "no voice":
        return f"{event.nick} took the voice of {event.target} in #{event.room}"
    operator = f"an operator of #{event.room}"
    if event.nick == event.target:
        return f"{event.nick} is now {operator}" if event.role else f"{event.nick} is no longer {operator}"
    if event.role:
        return f"{event.nick} made {event.target} {operator}"
    return f"{event.nick} removed {event.target} as {operator}"


def _recorded(event: AuditEntry) -> str:
    where = f" in #{event.where}" if event.where else ""
    return f"{event.nick}, {event.act}{where}: {event.text}"


def _edited(event: Edited) -> str:
    return f"{event.nick} edited: {event.text}" if event.text else f"{event.nick} edited a message"


def _deleted(event: Deleted) -> str:
    whose = "" if event.by_author else f" of {event.author}"
    return f"{event.nick} deleted a message{whose}{_why(event.reason)}"


def _reacted(event: Reacted) -> str:
    if not event.emoji:
        return f"{event.nick} reacted to a deleted message"
    done = "reacted with" if event.added else "took back"
    whom = "" if event.quote is None else f" to {quoted(event.quote)}"
    return f"{event.nick} {done} {event.emoji}{whom}"


_SENTENCES: dict[type[Event], Callable[..., str]] = {
    Edited: _edited,
    Deleted: _deleted,
    Reacted: _reacted,
    TopicChanged: _topic,
    Kicked: _kicked,
    Banned: _banned,
    Muted: _muted,
    SettingChanged: _setting,
    RoleChanged: _role,
    AuditEntry: _recorded,
}
"""The words of those whose fields alone don't decide."""


def _how_long(event: Banned | Muted) -> str:
    # Times are not exact to the last digit, and `spoken` rounds up.
    return "" if event.until is None else f" for {spoken(round(event.until - event.at))}"


def _why(reason: str) -> str:
    return f" ({reason})" if reason else ""


def _people(number: str) -> str:
    return f"{number} {'person' if number == '1' else 'people'}"


def _pace(seconds: str) -> str:
    return f"one line per person every {spoken(int(seconds)) if seconds.isdecimal() else seconds}"
