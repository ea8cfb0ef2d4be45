"""Presence: tells IRC clients of people who share a room with them, or whom they watch (MONITOR)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chatroom.chat.fair_queue import NAMES_A_LINE
from chatroom.chat.people.directory import PersonChange
from chatroom.chat.syntax import names
from chatroom.dialects.irc.message import line, with_tags
from chatroom.dialects.irc.names import mask
from chatroom.dialects.json.encoder import iso

from .whowas import Departures

if TYPE_CHECKING:
    from chatroom.chat.hub import Hub
    from chatroom.chat.people.person import Person
    from chatroom.chat.rooms.room import Seat

    from .client import Client

MAX_WATCHED = 100
"""Nicks that one client watches."""

_CAPABILITY = {
    PersonChange.AWAY: "away-notify",
    PersonChange.ACCOUNT: "account-notify",
    PersonChange.REALNAME: "setname",
}
_WATCHING = "extended-monitor"


class Presence:
    """
    Watches everyone in the house for the IRC clients that want to know.

    What it tells is not stored: it is about now.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.clients: set[Client] = set()
        """The clients that are written anything."""
        self._watchers: dict[str, dict[Client, None]] = {}
        """Who watches a nick, by its key."""
        self.departures = Departures()
        hub.core.people.observers.append(self._changed)

    def _changed(self, person: Person[Seat], change: PersonChange, former: str) -> None:
        if change is PersonChange.CAME:
            self._tell(person.nick, "730", self._mask(person))
        elif change is PersonChange.LEFT:
            self.departures.note(person, person.nick, self._hub.core.runtime.now())
            self._tell(person.nick, "731", person.nick)
        elif change is PersonChange.NICK:
            self.departures.note(person, former, self._hub.core.runtime.now())
            if names.key(former) != person.key:
                self._tell(former, "731", former)
                self._tell(person.nick, "730", self._mask(person))
        elif self.clients:
            self._tell_neighbours(person, change)

    @staticmethod
    def _mask(person: Person[Seat]) -> str:
        return mask(person.nick, person.identity, person.username)

    # MONITOR.

    def watch(self, door: Client, nick: str) -> None:
        """Let *door* know whenever somebody with this *nick* comes or leaves."""
        key = names.key(nick) or nick.lower()
        door.watched[key] = nick
        self._watchers.setdefault(key, {})[door] = None

    def unwatch(self, door: Client, nick: str) -> None:
        """Tell *door* no more about *nick*."""
        key = names.key(nick) or nick.lower()
        door.watched.pop(key, None)
        watchers = self._watchers.get(key, {})
        watchers.pop(door, None)
        if not watchers:
            self._watchers.pop(key, None)

    def left(self, door: Client) -> None:
        """Forget *door*, which is gone."""
        self.clients.discard(door)
        for nick in list(door.watched.values()):
            self.unwatch(door, nick)

    def _tell(self, nick: str, number: str, about: str) -> None:
        for door in list(self._watchers.get(names.key(nick), ())):
            door.show(door.viewer.numeric(number, about))

    # People who share a room.

    def _neighbours(self, person: Person[Seat]) -> Iterator[Client]:
        """Iterate over the clients that share a room with *person*, or watch them and want to know more than that."""
        rooms = set(person.room_names())
        person.session.charge(len(self.clients) / NAMES_A_LINE)
        for door in list(self.clients):
            other = door.session.person
            watches = person.key in door.watched and _WATCHING in door.viewer.look.capabilities
            if other is person or watches or not rooms.isdisjoint(other.seats):
                yield door

    def _tell_neighbours(self, person: Person[Seat], change: PersonChange) -> None:
        who, wanted = self._mask(person), _CAPABILITY[change]
        if change is PersonChange.AWAY:
            written = line(who, "AWAY", *([] if person.away is None else [person.away or "Away"]))
        elif change is PersonChange.ACCOUNT:
            written = line(who, "ACCOUNT", "*" if person.account is None else person.account.nick)
        else:
            written = f":{who} SETNAME :{person.realname}"
        for door in self._neighbours(person):
            look, mine = door.viewer.look, door.session.person is person
            if wanted in look.capabilities and not (mine and change is not PersonChange.REALNAME):
                tags = {"time": iso(self._hub.core.runtime.now())} if look.times else {}
                if look.accounts and person.account is not None:
                    tags["account"] = person.account.nick
                door.show(with_tags(written, tags))
