"""Admin commands: server bans, announcements, shutdown, reloading, the moderation log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..command_table import ROWS_PER_PAGE, command, duration, number, remainder, require, word
from ..events import AUDIT
from ..fair_queue import ROWS_A_LINE
from ..ports import RecordChange
from ..refusals import BadInput, NotHere, TooMany
from ..replies import AuditLog, Bans, Notice
from ..rules.roles import Role
from ..syntax.durations import spoken
from .moderation import seconds
from .targets import (
    check_reason,
    duration_phrase,
    literal_masks,
    masks_of,
    quoted,
    reason_phrase,
    record_value,
    removals,
)

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command(
    "gban",
    group="administration",
    help="ban a nick, account:NICK, address:NICK or network from the server",
    needs=Role.ADMIN,
)
@dataclass(frozen=True, slots=True)
class BanFromServer:
    target: str = word("NICK")
    duration: str | None = duration("DURATION")
    reason: str = remainder("REASON", default="")

    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        length = seconds(self.duration)
        masks = masks_of(hub, session, self.target, None)
        listed = hub.core.server_state.bans
        gone = listed.expired(hub.core.runtime.now())
        if len(listed) - len(gone) + len(masks) > hub.core.limits.bans:
            raise TooMany("The server's list of bans is full.")
        value = record_value(hub, session, self.target, length, self.reason)
        did = f"banned {self.target} from the server{duration_phrase(length)}{reason_phrase(self.reason)}"
        hub.ledger.audit(session, "gban", "", did)
        parties = {mask.removeprefix("party:") for mask in masks if mask.startswith("party:")}
        accounts = filter(None, map(hub.core.accounts.known, parties))
        ended = [hub.core.accounts.proofs(one).without_any().kept(one.id) for one in accounts]
        bans = [RecordChange("", "ban", mask, value) for mask in masks]
        await hub.ledger.keep([*removals("", "ban", gone), *bans, *ended])
        session.reply(Notice(f"{self.target} is banned from this server{duration_phrase(length)}."))
        await hub.server_bans.enforce()


@command("gunban", group="administration", help="lift a server ban", needs=Role.ADMIN)
@dataclass(frozen=True, slots=True)
class UnbanFromServer:
    target: str = word("NICK")

    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        masks = hub.core.server_state.bans.named(self.target, literal_masks(hub, self.target))
        if not masks:
            raise NotHere(f"{quoted(self.target)} is not banned from this server.")
        hub.ledger.audit(session, "gunban", "", f"unbanned {self.target} from the server")
        await hub.ledger.keep(removals("", "ban", masks))
        session.reply(Notice(f"{self.target} is no longer banned from this server."))


@command("gbans", group="administration", help="list the server bans", needs=Role.ADMIN, shows=True)
@dataclass(frozen=True, slots=True)
class ListServerBans:
    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        shown, banned = await hub.core.server_state.bans.newest_in_turns(
            "ban", hub.core.runtime.now(), ROWS_PER_PAGE, session.work
        )
        require(session, self)
        session.reply(Bans("", tuple(shown), banned - len(shown)))


@command("announce", group="administration", help="send a message to everyone on the server", needs=Role.ADMIN)
@dataclass(frozen=True, slots=True)
class Announce:
    text: str = remainder("TEXT")

    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        hub.ledger.audit(session, "announce", "", self.text)
        hub.core.people.announce(Notice(f"{session.person.nick} announces: {self.text}"), session)


@command(
    "shutdown",
    group="administration",
    help="shut down the server after DELAY; /shutdown cancel stops that",
    needs=Role.ADMIN,
)
@dataclass(frozen=True, slots=True)
class ShutDown:
    delay: str | None = duration("DELAY")
    reason: str = remainder("REASON", default="")

    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        if self.delay is None and self.reason.lower() == "cancel":
            hub.shutdown.stop(session)
            hub.ledger.audit(session, "shutdown", "", "cancelled the shutdown")
            return
        delay = seconds(self.delay) or 0.0
        check_reason(hub, self.reason)
        reason = self.reason or f"{session.person.nick} ended it"
        hub.shutdown.begin(session, delay, reason)
        hub.ledger.audit(session, "shutdown", "", f"shut the server down in {spoken(delay)}: {reason}")


@command("reload", group="administration", help="read the configuration again, as SIGHUP does", needs=Role.ADMIN)
@dataclass(frozen=True, slots=True)
class Reload:
    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        hub.ledger.audit(session, "reload", "", "read the configuration again")
        session.reply(Notice(hub.core.runtime.reload()))


@command(
    "audit", group="administration", help="show the last N entries of the moderation log", needs=Role.ADMIN, shows=True
)
@dataclass(frozen=True, slots=True)
class ShowAudit:
    count: int = number("N", default=20)
    before: int | None = field(default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        most = hub.core.limits.page
        if self.count > most:
            raise BadInput(f"At most {most} entries at a time.")
        await session.work(self.count / ROWS_A_LINE)
        page = await hub.core.journal.before(AUDIT, self.before, self.count)
        require(session, self)
        session.reply(AuditLog(tuple(page), bool(page.events) and page.first > 1))
