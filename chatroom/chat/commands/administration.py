"""Commands of the server's admins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..refusals import BadInput
from ..replies import Bans
from ..roles import require
from .moderation import seconds
from .table import PAGE, command, number, rest, span, word

if TYPE_CHECKING:
    from ..session import Session


@command("gban", help="keep someone off the server: a NICK, account:NICK, address:NICK or a network")
@dataclass(frozen=True, slots=True)
class BanFromServer:
    target: str = word("NICK")
    duration: str | None = span("DURATION")
    reason: str = rest("REASON", default="")

    async def run(self, session: Session) -> None:
        await session.hub.administration.ban(session, self.target, seconds(self.duration), self.reason)


@command("gunban", help="let someone onto the server again")
@dataclass(frozen=True, slots=True)
class UnbanFromServer:
    target: str = word("NICK")

    async def run(self, session: Session) -> None:
        await session.hub.administration.unban(session, self.target)


@command("gbans", help="list who is banned from the server")
@dataclass(frozen=True, slots=True)
class ListServerBans:
    async def run(self, session: Session) -> None:
        require(session, "gbans")
        hub = session.hub
        shown, banned = await hub.standing.bans.newest_in_turns("ban", hub.world.now(), PAGE, session.work)
        require(session, "gbans")
        session.reply(Bans("", tuple(shown), banned - len(shown)))


@command("announce", help="tell everyone on the server")
@dataclass(frozen=True, slots=True)
class Announce:
    text: str = rest("TEXT")

    async def run(self, session: Session) -> None:
        session.hub.administration.announce(session, self.text)


@command("shutdown", help="shut the server down, after a countdown of DELAY; /shutdown cancel stops that")
@dataclass(frozen=True, slots=True)
class ShutDown:
    delay: str | None = span("DELAY")
    reason: str = rest("REASON", default="")

    async def run(self, session: Session) -> None:
        if self.delay is None and self.reason == "cancel":
            session.hub.administration.shut_down(session, None, "")
        else:
            session.hub.administration.shut_down(session, seconds(self.delay) or 0.0, self.reason)


@command("audit", help="show the last N entries of the log of who ruled")
@dataclass(frozen=True, slots=True)
class ShowAudit:
    count: int = number("N", default=20)
    before: int | None = field(default=None)

    async def run(self, session: Session) -> None:
        most = session.hub.limits.page
        if self.count > most:
            raise BadInput(f"At most {most} entries at a time.")
        await session.hub.administration.log(session, self.count, self.before)
