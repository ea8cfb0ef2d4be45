"""Commands to the server itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..replies import Help, Pong, Time
from .table import TABLE, command, lookup, rest, word

if TYPE_CHECKING:
    from ..session import Session


@command("time", help="show the server's time")
@dataclass(frozen=True, slots=True)
class ShowTime:
    async def run(self, session: Session) -> None:
        session.reply(Time(session.hub.world.now()))


@command("help", help="list the commands, or explain one")
@dataclass(frozen=True, slots=True)
class ShowHelp:
    command: str | None = word("COMMAND", default=None)

    async def run(self, session: Session) -> None:
        entries = [lookup(self.command)] if self.command else [one for one in TABLE.values() if one.typed]
        session.reply(Help(tuple((entry.usage, entry.help) for entry in entries)))


@command("quit", help="leave the chat; so does exit alone on a line")
@dataclass(frozen=True, slots=True)
class Quit:
    reason: str = rest("REASON", default="")

    async def run(self, session: Session) -> None:
        session.quit(self.reason)


@command("ping", help="be answered when everything before has been", typed=False)
@dataclass(frozen=True, slots=True)
class Ping:
    async def run(self, session: Session) -> None:
        session.reply(Pong())
