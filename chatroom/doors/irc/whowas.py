"""WHOWAS: who was here lately, under which nick, as IRC shows it."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from chatroom.chat.people.person import Person
from chatroom.chat.rooms.room import Seat
from chatroom.chat.syntax import names

_REMEMBERED = 1000
"""People who left or changed their nick, of all that left; about 300 KB."""


class Departure(NamedTuple):
    """Somebody who left, or changed this nick, *at* a time in seconds since the epoch."""

    nick: str
    username: str
    identity: str
    realname: str
    at: float


class Departures:
    """The latest departures, in memory: longer ago, `LastSeen` knows the nick and the time."""

    def __init__(self) -> None:
        self._latest: deque[tuple[str, Departure]] = deque(maxlen=_REMEMBERED)

    def note(self, person: Person[Seat], nick: str, now: float) -> None:
        """Remember that *person* has had *nick* until *now*."""
        departure = Departure(nick, person.username, person.identity, person.realname or nick, now)
        self._latest.append((names.key(nick), departure))

    def of(self, nick: str) -> list[Departure]:
        """List those who had *nick*, the latest first."""
        key = names.key(nick)
        return [departure for held, departure in reversed(self._latest) if key and held == key]
