"""Roles: what a person is on the server and in a room.  The command table says which role a command needs."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Protocol


class Account(Protocol):
    """The part of an account that rights depend on."""

    @property
    def admin(self) -> bool:
        """Whether its owner is an admin of the server."""


class Actor(Protocol):
    """A person whose rights are checked."""

    @property
    def account(self) -> Account | None:
        """Their account, if logged in."""


class Place(Protocol):
    """The part of a room that rights depend on."""

    name: str

    @property
    def closed(self) -> bool:
        """Whether entry is restricted."""

    @property
    def ruled(self) -> bool:
        """Whether the room has an operator."""

    def is_operator(self, person: Any) -> bool:
        """Return whether *person* is an operator here."""


class Role(IntEnum):
    """A role in a room or on the server; each includes the rights of those before it."""

    GUEST = 0
    ACCOUNT = 1
    OPERATOR = 2
    ADMIN = 3


WORDS = {role: role.name.lower() for role in Role}
"""What each role is called for people and programs."""


def role_of(person: Actor) -> Role:
    """Return the role of *person* on the server."""
    if person.account is None:
        return Role.GUEST
    return Role.ADMIN if person.account.admin else Role.ACCOUNT


def role_in(person: Actor, room: Place) -> Role:
    """Return the role of *person* in *room*."""
    role = role_of(person)
    return Role.OPERATOR if role < Role.OPERATOR and room.is_operator(person) else role
