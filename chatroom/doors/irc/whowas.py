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
    account: str
    """The nick of their account; empty without one."""
    at: float


class Departures:
    """The latest departures, in memory: longer ago, `LastSeen` knows the nick and the time."""

    def __init__(self) -> None:
        self._latest: deque[tuple[str, Departure]] = deque(maxlen=_REMEMBERED)
        self._people: dict[str, Departure] = {}

    def note(self, person: Person[Seat], nick: str, now: float) -> None:
        """Remember that *person* has had *nick* until *now*."""
        account = "" if person.account is None else person.account.nick
        departure = Departure(nick, person.username, person.identity, person.realname or nick, account, now)
        self._latest.append((names.key(nick), departure))
        self._people.pop(person.identity, None)
        self._people[person.identity] = departure
        if len(self._people) > _REMEMBERED:
            del self._people[next(iter(self._people))]

    def last(self, identity: str) -> Departure | None:
        """Return the latest departure of the person with this *identity*; None: unknown, or too long ago."""
        return self._people.get(identity)

    def of(self, nick: str) -> list[Departure]:
        """List those who had *nick*, the latest first."""
        key = names.key(nick)
        return [departure for held, departure in reversed(self._latest) if key and held == key]
