"""Commands of the server's admins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..events import AUDIT
from ..refusals import BadInput
from ..replies import AuditLog, Bans
from ..roles import Role
from ..turns import ROWS_A_LINE
from .moderation import seconds
from .registry import PAGE, command, number, require, rest, span, word

if TYPE_CHECKING:
    from ..session import Session


@command(
    "gban",
    group="administration",
    help="keep someone off the server: a NICK, account:NICK, address:NICK or a network",
    needs=Role.ADMIN,
)
@dataclass(frozen=True, slots=True)
class BanFromServer:
    target: str = word("NICK")
    duration: str | None = span("DURATION")
    reason: str = rest("REASON", default="")

    async def run(self, session: Session) -> None:
        require(session, self)
        await session.hub.administration.ban(session, self.target, seconds(self.duration), self.reason)


@command("gunban", group="administration", help="let someone onto the server again", needs=Role.ADMIN)
@dataclass(frozen=True, slots=True)
class UnbanFromServer:
    target: str = word("NICK")

    async def run(self, session: Session) -> None:
        require(session, self)
        await session.hub.administration.unban(session, self.target)


@command("gbans", group="administration", help="list who is banned from the server", needs=Role.ADMIN)
@dataclass(frozen=True, slots=True)
class ListServerBans:
    async def run(self, session: Session) -> None:
        require(session, self)
        hub = session.hub
        shown, banned = await hub.standing.bans.newest_in_turns("ban", hub.world.now(), PAGE, session.work)
        require(session, self)
        session.reply(Bans("", tuple(shown), banned - len(shown)))


@command("announce", group="administration", help="tell everyone on the server", needs=Role.ADMIN)
@dataclass(frozen=True, slots=True)
class Announce:
    text: str = rest("TEXT")

    async def run(self, session: Session) -> None:
        require(session, self)
        session.hub.administration.announce(session, self.text)


@command(
    "shutdown",
    group="administration",
    help="shut the server down, after a countdown of DELAY; /shutdown cancel stops that",
    needs=Role.ADMIN,
)
@dataclass(frozen=True, slots=True)
class ShutDown:
    delay: str | None = span("DELAY")
    reason: str = rest("REASON", default="")

    async def run(self, session: Session) -> None:
        require(session, self)
        if self.delay is None and self.reason == "cancel":
            session.hub.administration.shut_down(session, None, "")
        else:
            session.hub.administration.shut_down(session, seconds(self.delay) or 0.0, self.reason)


@command("audit", group="administration", help="show the last N entries of the log of who ruled", needs=Role.ADMIN)
@dataclass(frozen=True, slots=True)
class ShowAudit:
    count: int = number("N", default=20)
    before: int | None = field(default=None)

    async def run(self, session: Session) -> None:
        require(session, self)
        most = session.hub.limits.page
        if self.count > most:
            raise BadInput(f"At most {most} entries at a time.")
        await session.work(self.count / ROWS_A_LINE)
        page = await session.hub.journal.before(AUDIT, self.before, self.count)
        require(session, self)
        session.reply(AuditLog(tuple(page), bool(page.events) and page.first > 1))
