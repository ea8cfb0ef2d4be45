"""Commands of a room's operators."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .. import durations
from ..refusals import BadInput
from ..replies import Bans
from ..roles import require
from .table import PAGE, command, number, rest, span, word

if TYPE_CHECKING:
    from ..session import Session


@command("kick", help="put someone out of the current room")
@dataclass(frozen=True, slots=True)
class Kick:
    nick: str = word("NICK")
    reason: str = rest("REASON", default="")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        await session.hub.ruling.kick(session, session.room(self.room), self.nick, self.reason)


@command("ban", help="keep out a NICK, account:NICK, address:NICK or network, for 10m, 2h, 1d or for good")
@dataclass(frozen=True, slots=True)
class Ban:
    target: str = word("NICK")
    duration: str | None = span("DURATION")
    reason: str = rest("REASON", default="")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        await session.hub.ruling.ban(session, room, self.target, seconds(self.duration), self.reason)


@command("unban", help="let someone in again")
@dataclass(frozen=True, slots=True)
class Unban:
    target: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        await session.hub.ruling.unban(session, session.room(self.room), self.target)


@command("bans", help="list who is banned from the current room, or muted there")
@dataclass(frozen=True, slots=True)
class ListBans:
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        require(session, "bans", room)
        now, standing = session.hub.world.now(), room.standing
        bans, banned = await standing.bans.newest_in_turns("ban", now, PAGE, session.work)
        mutes, muted = await standing.mutes.newest_in_turns("mute", now, PAGE, session.work)
        require(session, "bans", session.room(room.name))
        shown = (*bans, *mutes)[:PAGE]
        session.reply(Bans(room.name, shown, banned + muted - len(shown)))


@command("mute", help="let someone say nothing here, for 10m, 2h, 1d or for good")
@dataclass(frozen=True, slots=True)
class Mute:
    target: str = word("NICK")
    duration: str | None = span("DURATION")
    reason: str = rest("REASON", default="")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        room = session.room(self.room)
        await session.hub.ruling.mute(session, room, self.target, seconds(self.duration), self.reason)


@command("unmute", help="let someone speak again")
@dataclass(frozen=True, slots=True)
class Unmute:
    target: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        await session.hub.ruling.unmute(session, session.room(self.room), self.target)


@command("slow", help="let everyone say one line in SECONDS only; without any, as many as they like")
@dataclass(frozen=True, slots=True)
class Slow:
    seconds: int | None = number("SECONDS", default=None)
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        await session.hub.ruling.slow(session, session.room(self.room), self.seconds or 0)


@command("lock", help="let in only who knows KEY, or without one, who is invited")
@dataclass(frozen=True, slots=True)
class Lock:
    key: str = field(default="", repr=False, metadata={"shown": "KEY", "kind": "word"})
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        await session.hub.ruling.lock(session, session.room(self.room), self.key)


@command("unlock", help="let everyone in again")
@dataclass(frozen=True, slots=True)
class Unlock:
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        await session.hub.ruling.unlock(session, session.room(self.room))


@command("private", help="let only members know of the current room, and only the invited in; off ends that")
@dataclass(frozen=True, slots=True)
class Private:
    switch: str = word("on|off", default="on")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        if self.switch not in ("on", "off"):
            raise BadInput("Usage: /private, or /private off")
        await session.hub.ruling.private(session, session.room(self.room), self.switch == "on")


@command("invite", help="ask someone into the current room, whether it is locked or not")
@dataclass(frozen=True, slots=True)
class Invite:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        await session.hub.ruling.invite(session, session.room(self.room), self.nick)


@command("op", help="make someone an operator of the current room")
@dataclass(frozen=True, slots=True)
class Op:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        await session.hub.ruling.appoint(session, session.room(self.room), self.nick, operator=True)


@command("deop", help="make someone an operator no longer")
@dataclass(frozen=True, slots=True)
class Deop:
    nick: str = word("NICK")
    room: str | None = field(default=None)

    async def run(self, session: Session) -> None:
        await session.hub.ruling.appoint(session, session.room(self.room), self.nick, operator=False)


def seconds(duration: str | None) -> float | None:
    """
    Read a duration that may be left out, which means for good.

    :raises BadInput: if it cannot be read.
    """
    return None if duration is None else durations.parse(duration)
