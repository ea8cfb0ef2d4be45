"""METADATA: values that people and channels have by keys, and who is told of changes (IRCv3, draft/metadata-3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chatroom.chat.rooms.room import Room
from chatroom.chat.rules.roles import Role, role_in
from chatroom.chat.syntax import names
from chatroom.dialects.irc.message import Message, line
from chatroom.dialects.sanitize import clean

from ..actions import MAX_NAMED, irc
from ..metadata import (
    MAX_KEYS,
    MAX_SUBSCRIPTIONS,
    MAX_VALUE,
    METADATA,
    batch,
    is_key,
    line_of,
    synchronized,
    tell_change,
    wanted,
)
from .rooms import known_room

if TYPE_CHECKING:
    from chatroom.chat.people.person import Person
    from chatroom.chat.rooms.room import Seat

    from ..client import Client

    Target = Person[Seat] | Room


_KEYS_A_LINE = 6
"""Keys, of 64 bytes at most, that fit into one line."""


class _Wrong(Exception):
    """The command is refused: the code of the failure, what it is about, and a sentence."""


@irc("METADATA", least=2, always=True)
def metadata(door: Client, message: Message) -> None:
    """Show or set values of somebody or a channel: GET, LIST, SET, CLEAR, SYNC; or SUB, UNSUB, SUBS to some keys."""
    target, what, words = message.params[0], message.params[1].upper(), message.params[2:]
    if METADATA not in door.viewer.look.capabilities:
        door.tell("421", "METADATA", "Unknown command")
        return
    try:
        if what in _SUBSCRIBING:
            _SUBSCRIBING[what](door, words)
        elif what in _ABOUT:
            shown, found = _target(door, target)
            _ABOUT[what](door, shown, found, words)
        else:
            raise _Wrong("SUBCOMMAND_INVALID", what[:MAX_NAMED] or "*", "There is no such subcommand")
    except _Wrong as wrong:
        door.write(line(door.server.name, "FAIL", "METADATA", *wrong.args))


def _target(door: Client, name: str) -> tuple[str, Target]:
    """Return whom or what *name* means, and how answers call that."""
    me = door.session.person
    if name in ("*", door.viewer.nick):
        return door.viewer.nick, me
    if name.startswith("#"):
        room = known_room(door, name) if door.registration.done else None
        if room is not None:
            return name, room
    elif door.registration.done:
        person = door.hub.core.nicks.get(names.key(name))
        if person is not None and person.nick:
            return person.nick, person
    raise _Wrong("INVALID_TARGET", name[:MAX_NAMED] or "*", "There is no such target")


def _check_may_read(door: Client, shown: str, target: Target, key: str) -> None:
    if isinstance(target, Room) and target.closed and door.session.person.identity not in target.seats:
        raise _Wrong("KEY_NO_PERMISSION", shown, key, "You are not on that channel")


def _check_may_set(door: Client, shown: str, target: Target, key: str) -> None:
    """Check that *target* is the client's own person, or a channel in which they are an operator."""
    me = door.session.person
    rules = isinstance(target, Room) and me.identity in target.seats and role_in(me, target) >= Role.OPERATOR
    if not ((rules or target is me) and me.may_use_nick(door.hub.core.accounts)):
        raise _Wrong("KEY_NO_PERMISSION", shown, key, "You cannot set that")


def _check_key(key: str) -> None:
    if not is_key(key):
        raise _Wrong("KEY_INVALID", _word(key), "A key has lower-case letters, digits, and _ . / -")


def _word(text: str) -> str:
    """Return *text* as one short word of an answer."""
    return text[:MAX_NAMED] or "*"


def _get(door: Client, shown: str, target: Target, keys: Sequence[str]) -> None:
    for key in keys:
        _check_key(key)
    _check_may_read(door, shown, target, (*keys, "*")[0])
    values = door.server.metadata.of(target)
    door.write(*batch(door, shown, [line_of(door, shown, key, values.get(key, "")) for key in keys[:MAX_KEYS]]))


def _list(door: Client, shown: str, target: Target, _: Sequence[str]) -> None:
    _check_may_read(door, shown, target, "*")
    values = door.server.metadata.of(target)
    door.write(*batch(door, shown, [line_of(door, shown, key, value) for key, value in values.items()]))


def _set(door: Client, shown: str, target: Target, words: Sequence[str]) -> None:
    key = words[0] if words else ""
    _check_key(key)
    _check_may_set(door, shown, target, key)
    value = clean(words[1]).strip() if len(words) > 1 else ""
    if len(value.encode()) > MAX_VALUE:
        raise _Wrong("INVALID_VALUE", key, f"A value has at most {MAX_VALUE} bytes")
    if not door.server.metadata.put(target, key, value):
        raise _Wrong("LIMIT_REACHED", shown, f"At most {MAX_KEYS} keys")
    door.write(line_of(door, shown, key, value))
    tell_change(door, target, key, value)


def _clear(door: Client, shown: str, target: Target, _: Sequence[str]) -> None:
    _check_may_set(door, shown, target, "*")
    keys = list(door.server.metadata.of(target))
    for key in keys:
        door.server.metadata.put(target, key, "")
    door.write(*batch(door, shown, [line_of(door, shown, key, "") for key in keys]))
    for key in keys:
        tell_change(door, target, key, "")


def _sync(door: Client, shown: str, target: Target, _: Sequence[str]) -> None:
    _check_may_read(door, shown, target, "*")
    keys = sorted(door.subscribed)
    if isinstance(target, Room) and door.session.person.identity in target.seats:
        lines = synchronized(door, [target], keys)
    else:
        lines = wanted(door, target, keys)
    door.write(*batch(door, shown, lines))


def _subscribe(door: Client, keys: Sequence[str]) -> None:
    for key in keys:
        _check_key(key)
    if len(door.subscribed.union(keys)) > MAX_SUBSCRIPTIONS:
        raise _Wrong("TOO_MANY_SUBS", keys[-1], f"At most {MAX_SUBSCRIPTIONS} keys")
    door.subscribed.update(keys)
    door.tell("770", *keys)
    rooms = [seat.room for seat in door.session.person.seats.values() if not seat.room.conversation]
    if lines := synchronized(door, rooms, dict.fromkeys(keys)):
        door.write(*batch(door, "*", lines))


def _unsubscribe(door: Client, keys: Sequence[str]) -> None:
    door.subscribed.difference_update(keys)
    door.tell("771", *map(_word, keys))


def _subscriptions(door: Client, _: Sequence[str]) -> None:
    keys = sorted(door.subscribed)
    for at in range(0, max(1, len(keys)), _KEYS_A_LINE):
        door.tell("772", *keys[at : at + _KEYS_A_LINE])


_SUBSCRIBING: dict[str, Callable[[Client, Sequence[str]], None]] = {
    "SUB": _subscribe,
    "UNSUB": _unsubscribe,
    "SUBS": _subscriptions,
}
_ABOUT: dict[str, Callable[[Client, str, Target, Sequence[str]], None]] = {
    "GET": _get,
    "LIST": _list,
    "SET": _set,
    "CLEAR": _clear,
    "SYNC": _sync,
}
