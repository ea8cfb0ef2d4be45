"""Metadata: what people and channels tell of themselves, such as a name to display (IRCv3, draft/metadata-3)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from chatroom.chat.fair_queue import NAMES_A_LINE
from chatroom.chat.people.person import Person
from chatroom.chat.rooms.room import Room, Seat
from chatroom.dialects.irc.names import channel

if TYPE_CHECKING:
    from .client import Client

    Target = Person[Seat] | Room
    Values = Mapping[str, str]

METADATA = "draft/metadata-3"
"""The capability."""

MAX_KEYS, MAX_VALUE, MAX_SUBSCRIPTIONS = 20, 300, 50
"""Keys of one person or channel, bytes of a value, and keys whose changes one client is told."""

OFFERED = f"max-subs={MAX_SUBSCRIPTIONS},max-keys={MAX_KEYS},max-value-bytes={MAX_VALUE},before-connect"
"""The value of the capability."""

_KEY = re.compile("[a-z0-9_./-]{1,64}", re.ASCII)

_MOST = 500
"""Values told to one client at once, without having been asked for by name."""


def is_key(text: str) -> bool:
    """Return whether *text* can be a key."""
    return _KEY.fullmatch(text) is not None


class Metadata:
    """The values, in memory: of people while they are here, of rooms while they are in use."""

    def __init__(self) -> None:
        self._of: WeakKeyDictionary[Target, tuple[int, dict[str, str]]] = WeakKeyDictionary()
        """With the seq up to which a room was sealed by then: whoever opens it anew finds nothing."""

    def of(self, target: Target) -> Values:
        """Return the values of *target*, by key."""
        found = self._of.get(target)
        return found[1] if found is not None and found[0] == _sealed(target) else {}

    def put(self, target: Target, key: str, value: str) -> bool:
        """Set the *key* of *target* to *value*, or remove it if that is empty; return whether there is room for it."""
        values = dict(self.of(target))
        values.pop(key, None)
        if value and len(values) >= MAX_KEYS:
            return False
        if value:
            values[key] = value
        self._of[target] = _sealed(target), values
        return True

    def move(self, former: Person[Seat], person: Person[Seat]) -> None:
        """Give *person* what *former* had, who has turned out to be them."""
        if former is not person and (values := self.of(former)):
            self._of[person] = 0, dict(values)

    def people(self) -> Iterator[tuple[Person[Seat], Values]]:
        """Iterate over everyone who has any."""
        for target, (_, values) in list(self._of.items()):
            if isinstance(target, Person) and values:
                yield target, values


def _sealed(target: Target) -> int:
    return target.history.sealed if isinstance(target, Room) else 0


# What clients are told.


def line_of(door: Client, target: str, key: str, value: str) -> str:
    """Write for *door* that the *key* of *target* has this *value*; empty: it is not set."""
    if not value:
        return door.viewer.numeric("766", target, key, "That key is not set")
    return door.viewer.numeric("761", target, key, "*", value)


def wanted(door: Client, target: Target, keys: Iterable[str]) -> list[str]:
    """Write the values of *target* that are set, of those that *keys* name."""
    values, name = door.server.metadata.of(target), name_of(target)
    return [line_of(door, name, key, values[key]) for key in keys if key in values]


def name_of(target: Target) -> str:
    """Return the nick or channel that *target* is."""
    return channel(target.name) if isinstance(target, Room) else target.nick


def batch(door: Client, target: str, lines: list[str]) -> list[str]:
    """Put *lines* about *target* into a batch, if the client knows those."""
    return door.viewer.batch("metadata", [target], lines) if door.viewer.look.batches else lines


def synchronized(door: Client, rooms: Iterable[Room], keys: Iterable[str]) -> list[str]:
    """Write the values of *rooms*, and of everyone in them, that *keys* name."""
    rooms, keys, lines = list(rooms), list(keys), list[str]()
    if not keys:
        return lines
    for room in rooms:
        lines += wanted(door, room, keys)
    people = list(door.server.metadata.people())
    door.session.charge(len(people) / NAMES_A_LINE)
    me = door.session.person
    for person, _ in people:
        if len(lines) >= _MOST:
            break
        if person is not me and not me.ignores(person) and any(_tells(room, person) for room in rooms):
            lines += wanted(door, person, keys)
    return lines[:_MOST]


def _tells(room: Room, person: Person[Seat]) -> bool:
    """Return whether *person* is in *room* and may tell it anything."""
    return person.identity in room.seats and not room.is_silenced(person)


def tell_change(door: Client, target: Target, key: str, value: str) -> None:
    """Tell the clients that want to know that *door* has set the *key* of *target*."""
    _tell(door, target, {key: value}, _rooms_of(target))


def tell_entered(door: Client, room: Room) -> None:
    """Tell the clients in *room* about the person of *door*, who has just come in."""
    person = door.session.person
    if values := door.server.metadata.of(person):
        _tell(door, person, values, [room])


def _rooms_of(target: Target) -> list[Room]:
    return [target] if isinstance(target, Room) else [seat.room for seat in target.seats.values()]


def _tell(door: Client, target: Target, values: Values, rooms: Iterable[Room]) -> None:
    clients, author = list(door.server.presence.clients), door.session.person
    door.session.charge(len(clients) / NAMES_A_LINE)
    here = {room.name for room in rooms if not room.is_silenced(author)}
    for other in clients:
        person = other.session.person
        if other is door or not other.subscribed or person.ignores(author):
            continue
        if person is not author and here.isdisjoint(person.seats):
            continue
        for key in other.subscribed & values.keys():
            other.show(line_of(other, name_of(target), key, values[key]))
