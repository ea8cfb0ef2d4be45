"""Commands of a room's operators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .. import durations
from ..refusals import BadInput
from ..replies import Bans
from ..roles import Role
from .registry import PAGE, command, number, require, rest, span, word

if TYPE_CHECKING:
    from ..session import Session


@command("kick", group="moderation", help="put someone out of the current room", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Kick:
    nick: str = word("NICK")
    reason: str = rest("REASON", default="")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.kick(session, room, self.nick, self.reason)


@command(
    "ban",
    group="moderation",
    help="keep out a NICK, account:NICK, address:NICK or network, for 10m, 2h, 1d or for good",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Ban:
    target: str = word("NICK")
    duration: str | None = span("DURATION")
    reason: str = rest("REASON", default="")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.ban(session, room, self.target, seconds(self.duration), self.reason)


@command("unban", group="moderation", help="let someone in again", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Unban:
    target: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.unban(session, room, self.target)


@command(
    "bans", group="moderation", help="list who is banned from the current room, or muted there", needs=Role.OPERATOR
)
@dataclass(frozen=True, slots=True)
class ListBans:
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        now, standing = session.hub.world.now(), room.standing
        bans, banned = await standing.bans.newest_in_turns("ban", now, PAGE, session.work)
        mutes, muted = await standing.mutes.newest_in_turns("mute", now, PAGE, session.work)
        require(session, self, session.room(room.name))
        shown = (*bans, *mutes)[:PAGE]
        session.reply(Bans(room.name, shown, banned + muted - len(shown)))


@command(
    "mute", group="moderation", help="let someone say nothing here, for 10m, 2h, 1d or for good", needs=Role.OPERATOR
)
@dataclass(frozen=True, slots=True)
class Mute:
    target: str = word("NICK")
    duration: str | None = span("DURATION")
    reason: str = rest("REASON", default="")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.mute(session, room, self.target, seconds(self.duration), self.reason)


@command("unmute", group="moderation", help="let someone speak again", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Unmute:
    target: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.unmute(session, room, self.target)


@command(
    "slow",
    group="moderation",
    help="let everyone say one line in SECONDS only; without any, as many as they like",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Slow:
    seconds: int | None = number("SECONDS", default=None)
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.slow(session, room, self.seconds or 0)


@command(
    "lock", group="moderation", help="let in only who knows KEY, or without one, who is invited", needs=Role.OPERATOR
)
@dataclass(frozen=True, slots=True)
class Lock:
    key: str = word("KEY", default="", secret=True)
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.lock(session, room, self.key)


@command("unlock", group="moderation", help="let everyone in again", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Unlock:
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.unlock(session, room)


@command(
    "private",
    group="moderation",
    help="let only members know of the current room, and only the invited in; off ends that",
    needs=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Private:
    switch: str = word("on|off", default="on")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        if self.switch not in ("on", "off"):
            raise BadInput("Usage: /private, or /private off")
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.private(session, room, self.switch == "on")


@command(
    "invite",
    group="moderation",
    help="ask someone into the current room, whether it is locked or not",
    needs_where_closed=Role.OPERATOR,
)
@dataclass(frozen=True, slots=True)
class Invite:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.invite(session, room, self.nick)


@command("op", group="moderation", help="make someone an operator of the current room", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Op:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.appoint(session, room, self.nick, operator=True)


@command("deop", group="moderation", help="make someone an operator no longer", needs=Role.OPERATOR)
@dataclass(frozen=True, slots=True)
class Deop:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, self, room)
        await session.hub.ruling.appoint(session, room, self.nick, operator=False)


def seconds(duration: str | None) -> float | None:
    """
    Read a duration that may be left out, which means for good.

    :raises BadInput: if it cannot be read.
    """
    return None if duration is None else durations.parse(duration)
