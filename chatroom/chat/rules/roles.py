"""Roles: what somebody is on the server and in a room.  What each command needs, its entry in the table says."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Protocol


class Account(Protocol):
    """An account, as far as rights depend on it."""

    @property
    def admin(self) -> bool:
        """Whether its owner is an admin of the server."""


class Actor(Protocol):
    """Somebody who may be logged in."""

    @property
    def account(self) -> Account | None:
        """The account that they are logged in to."""


class Place(Protocol):
    """A room, as far as rights depend on it."""

    name: str

    @property
    def closed(self) -> bool:
        """Whether not everyone may come in."""

    @property
    def ruled(self) -> bool:
        """Whether there is anybody who is an operator here."""

    def is_operator(self, person: Any) -> bool:
        """Whether *person* is an operator here."""


class Role(IntEnum):
    """What somebody is: in a room, or on the server.  Each may do whatever those before it may."""

    GUEST = 0
    ACCOUNT = 1
    OPERATOR = 2
    ADMIN = 3


def role_of(person: Actor) -> Role:
    """Tell what *person* is on the server."""
    if person.account is None:
        return Role.GUEST
    return Role.ADMIN if person.account.admin else Role.ACCOUNT


def role_in(person: Actor, room: Place) -> Role:
    """Tell what *person* is in *room*."""
    role = role_of(person)
    return max(role, Role.OPERATOR) if room.is_operator(person) else role
