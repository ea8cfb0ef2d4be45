"""What the configuration decides for the house: all of it can be replaced while the server runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .limits import Limits
from .ports import RetentionLimit
from .syntax import names

LOBBY = "lobby"
"""The room that everyone enters who asks for no other."""


@dataclass(frozen=True, slots=True)
class DefaultRoom:
    """
    A room that is always there.

    :param topic: its topic as long as nobody has set another.
    :param operators: the nicks of accounts that are its operators whenever they are logged in; see `Policy.appoints`.
    """

    name: str
    topic: str = ""
    operators: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """
    How this server is run.

    :param message_of_the_day: lines told to whoever comes in.
    :param reserved: keys of nicks that nobody may have, beside `names.RESERVED`.
    :param rooms: listed even when empty; the names are those of `names.room`.
    :param keep: how much history of each room is kept.
    :param keep_of: the same for single rooms, by name, in place of *keep*.
    :param plain_login: whether passwords are taken over connections that others can read.
    """

    limits: Limits = field(default_factory=Limits)
    message_of_the_day: tuple[str, ...] = ()
    reserved: frozenset[str] = frozenset()
    rooms: tuple[DefaultRoom, ...] = ()
    keep: RetentionLimit = field(default_factory=RetentionLimit)
    keep_of: Mapping[str, RetentionLimit] = field(default_factory=dict)
    plain_login: bool = False

    def appoints(self, key: str) -> bool:
        """
        Tell whether the account whose nick has this *key* is an operator anywhere, or would be if there were one.

        Then only an admin can make it: the first stranger to register the nick would rule the room.
        """
        return any(key == names.key(nick) for room in self.rooms for nick in room.operators)

    @cached_property
    def _by_name(self) -> dict[str, DefaultRoom]:
        return {room.name: room for room in self.rooms}

    @cached_property
    def _appointed(self) -> dict[str, frozenset[str]]:
        return {room.name: frozenset(map(names.key, room.operators)) for room in self.rooms}

    def is_default(self, room: str) -> bool:
        """Tell whether *room* is there whoever opens it, so that nobody rules it for having come first."""
        return room == LOBBY or room in self._by_name

    def first_topic(self, room: str) -> str:
        """Return the topic of *room* for as long as nobody has set one."""
        default = self._by_name.get(room)
        return default.topic if default is not None else ""

    def appointed(self, room: str) -> frozenset[str]:
        """Return the keys of the accounts that the configuration makes operators of *room*."""
        return self._appointed.get(room, frozenset())
