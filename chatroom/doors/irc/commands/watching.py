"""MONITOR: watching whether people are here (IRCv3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chatroom.chat.syntax import names
from chatroom.dialects.irc.message import Message, lists

from ..actions import MAX_NAMED, irc, lacks
from ..presence import MAX_WATCHED

if TYPE_CHECKING:
    from ..client import Client


@irc("MONITOR", least=1, always=True)
def monitor(door: Client, message: Message) -> None:
    """Watch nicks (+), watch them no more (-), none (C), list them (L), or tell who is here (S)."""
    what, nicks = message.params[0].upper(), message.named(1)
    presence = door.server.presence
    if what in ("+", "-") and not nicks:
        lacks(door, message)
    elif what == "+":
        _watch(door, nicks)
    elif what == "-":
        for nick in nicks:
            presence.unwatch(door, nick)
    elif what == "C":
        for nick in list(door.watched.values()):
            presence.unwatch(door, nick)
    elif what == "L":
        _list(door, "732", door.watched.values())
        door.tell("733", "End of MONITOR list")
    elif what == "S":
        _tell(door, door.watched.values())
    else:
        lacks(door, message)


def _watch(door: Client, nicks: list[str]) -> None:
    new: list[str] = []
    for place, nick in enumerate(nicks):
        if "*" in nick or "!" in nick or len(nick) > MAX_NAMED:
            # No mask, and no nick of anybody.
            continue
        if len(door.watched) >= MAX_WATCHED and (names.key(nick) or nick.lower()) not in door.watched:
            door.tell("734", str(MAX_WATCHED), ",".join(nicks[place:])[:400], "Monitor list is full.")
            break
        door.server.presence.watch(door, nick)
        new.append(nick)
    _tell(door, new)


def _tell(door: Client, nicks: Iterable[str]) -> None:
    """Tell who of *nicks* is here."""
    present, absent = [], []
    for nick in nicks:
        person = door.hub.core.nicks.get(names.key(nick))
        if person is not None and person.nick:
            present.append(door.server.mask(person))
        else:
            absent.append(nick)
    _list(door, "730", present)
    _list(door, "731", absent)


def _list(door: Client, number: str, words: Iterable[str]) -> None:
    found = lists(door.server.name, number, [door.viewer.nick], words)
    start = len(f":{door.server.name} {number} {door.viewer.nick} :")
    door.write(*(one[:start] + one[start:].replace(" ", ",") for one in found))
