"""Who may do what: one table, which ``docs/rules.md`` shows, and the questions that are asked of it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from .refusals import NotAllowed

if TYPE_CHECKING:
    from .room import Room
    from .someone import Someone


class Role(IntEnum):
    """What somebody is: in a room, or on the server.  Each may do whatever those before it may."""

    GUEST = 0
    ACCOUNT = 1
    OPERATOR = 2
    ADMIN = 3


NEEDS: dict[str, Role] = {
    "password": Role.ACCOUNT,
    "logout": Role.ACCOUNT,
    "account": Role.ACCOUNT,
    "kick": Role.OPERATOR,
    "ban": Role.OPERATOR,
    "unban": Role.OPERATOR,
    "bans": Role.OPERATOR,
    "mute": Role.OPERATOR,
    "unmute": Role.OPERATOR,
    "slow": Role.OPERATOR,
    "lock": Role.OPERATOR,
    "unlock": Role.OPERATOR,
    "private": Role.OPERATOR,
    "op": Role.OPERATOR,
    "deop": Role.OPERATOR,
    "gban": Role.ADMIN,
    "gunban": Role.ADMIN,
    "gbans": Role.ADMIN,
    "announce": Role.ADMIN,
    "shutdown": Role.ADMIN,
    "audit": Role.ADMIN,
}
"""The least role that a command needs; those that are not here need none, but being in the room."""

NEEDS_WHERE_CLOSED: dict[str, Role] = {"invite": Role.OPERATOR}
"""The same, for rooms that are locked or private."""

NEEDS_WHERE_RULED: dict[str, Role] = {"topic": Role.OPERATOR}
"""The same, for rooms that have operators."""

_WHO = {Role.ACCOUNT: "somebody with an account", Role.OPERATOR: "an operator of #{}", Role.ADMIN: "an admin"}


def role_of(session: Someone) -> Role:
    """Tell what *session* is on the server."""
    if session.account is None:
        return Role.GUEST
    return Role.ADMIN if session.account.admin else Role.ACCOUNT


def role_in(session: Someone, room: Room) -> Role:
    """Tell what *session* is in *room*."""
    role = role_of(session)
    return max(role, Role.OPERATOR) if room.is_operator(session) else role


def require(session: Someone, command: str, room: Room | None = None) -> None:
    """
    Make sure that *session* may use *command*, in *room* where it is about one.

    :raises NotAllowed: if not; the text says who may.
    """
    needs = NEEDS.get(command, Role.GUEST)
    if room is not None:
        if room.closed:
            needs = max(needs, NEEDS_WHERE_CLOSED.get(command, Role.GUEST))
        if room.ruled:
            needs = max(needs, NEEDS_WHERE_RULED.get(command, Role.GUEST))
    role = role_of(session) if room is None else role_in(session, room)
    if role < needs:
        who = _WHO[needs].format(room.name if room is not None else "")
        raise NotAllowed(f"Only {who} may use /{command} here." if room is not None else f"/{command} is for {who}.")
