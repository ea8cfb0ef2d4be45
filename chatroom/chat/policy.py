"""Policy: what the configuration decides for the house; replaceable while the server runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from .limits import Limits
from .ports import RetentionLimit
from .syntax import names

LOBBY = "lobby"
"""The default room for people who name no other."""


@dataclass(frozen=True, slots=True)
class DefaultRoom:
    """
    A room that exists even when empty.

    :param topic: its topic until somebody sets another.
    :param operators: accounts (by nick) that are always its operators; see `Policy.appoints`.
    """

    name: str
    topic: str = ""
    operators: tuple[str, ...] = ()


@dataclass(frozen=True)
class Policy:
    """
    The policy of the server.

    :param message_of_the_day: lines shown after hello.
    :param reserved: keys of reserved nicks, besides `names.RESERVED`.
    :param rooms: listed even when empty; the names are those of `names.room`.
    :param keep: history kept for each room.
    :param keep_of: exceptions for single rooms, by name.
    :param plain_login: whether passwords are accepted over unencrypted connections.
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
        Return whether the configuration makes the account with this nick *key* an operator of any room.

        Only an admin can create it: otherwise the first stranger to register the nick would run the room.
        """
        return any(key == names.key(nick) for room in self.rooms for nick in room.operators)

    @cached_property
    def _by_name(self) -> dict[str, DefaultRoom]:
        return {room.name: room for room in self.rooms}

    @cached_property
    def _appointed(self) -> dict[str, frozenset[str]]:
        return {room.name: frozenset(map(names.key, room.operators)) for room in self.rooms}

    def is_default(self, room: str) -> bool:
        """Return whether *room* is a default room, where the first person to join does not become operator."""
        return room == LOBBY or room in self._by_name

    def first_topic(self, room: str) -> str:
        """Return the configured topic of *room*, used until somebody sets one."""
        default = self._by_name.get(room)
        return default.topic if default is not None else ""

    def appointed(self, room: str) -> frozenset[str]:
        """Return the nick keys of the accounts that the configuration makes operators of *room*."""
        return self._appointed.get(room, frozenset())
