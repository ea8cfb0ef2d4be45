"""Presence: what the events of a commit change about who is in which room."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from chatroom.chat.events import Event, Joined, Left, Renamed

CRASHED = "the server stopped unexpectedly"
"""Why everyone has left who was still in a room after a crash."""

Who = tuple[str, str]
"""A room and an identity."""


class PresenceChanges(NamedTuple):
    """The nicks of those who were *renamed* or have *joined*, and those who have *left*: each at most once."""

    renamed: dict[Who, str]
    left: list[Who]
    joined: dict[Who, str]


def presence_changes(events: Iterable[Event]) -> PresenceChanges:
    """Work out what *events*, in order, change."""
    renamed: dict[Who, str] = {}
    inside: dict[Who, str | None] = {}
    for event in events:
        who = event.room, event.by
        if isinstance(event, Joined):
            inside[who] = event.nick
        elif isinstance(event, Left):
            inside[who] = None
        elif isinstance(event, Renamed):
            if who not in inside:
                renamed[who] = event.new
            elif inside[who] is not None:
                inside[who] = event.new
    return PresenceChanges(
        renamed,
        [who for who, nick in inside.items() if nick is None],
        {who: nick for who, nick in inside.items() if nick is not None},
    )
