"""Roles: what somebody is on the server and in a room.  What each command needs, its entry in the table says."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .room import Room
    from .someone import Someone


class Role(IntEnum):
    """What somebody is: in a room, or on the server.  Each may do whatever those before it may."""

    GUEST = 0
    ACCOUNT = 1
    OPERATOR = 2
    ADMIN = 3


def role_of(session: Someone) -> Role:
    """Tell what *session* is on the server."""
    if session.account is None:
        return Role.GUEST
    return Role.ADMIN if session.account.admin else Role.ACCOUNT


def role_in(session: Someone, room: Room) -> Role:
    """Tell what *session* is in *room*."""
    role = role_of(session)
    return max(role, Role.OPERATOR) if room.is_operator(session) else role
