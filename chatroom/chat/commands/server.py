"""Server commands: time, help, quit, ping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..command_table import GROUPS, command, listed, remainder, word
from ..replies import Help, Pong, Time
from .parse import lookup

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command("time", group="server", help="show the server's time")
@dataclass(frozen=True, slots=True)
class ShowTime:
    async def run(self, hub: Hub, session: Session) -> None:
        session.reply(Time(hub.core.runtime.now()))


@command("help", group="server", help="list the commands, or explain one", before_hello=True, before_login=True)
@dataclass(frozen=True, slots=True)
class ShowHelp:
    command: str | None = word("COMMAND", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        specs = [lookup(self.command)] if self.command else listed()
        rows = tuple((spec.usage, spec.help) for spec in specs)
        session.reply(Help(rows, tuple(GROUPS[spec.group] for spec in specs)))


@command(
    "quit",
    group="server",
    help="leave the chat; exit alone on a line does the same",
    aliases=("exit",),
    before_hello=True,
    before_login=True,
)
@dataclass(frozen=True, slots=True)
class Quit:
    reason: str = remainder("REASON", default="")

    async def run(self, hub: Hub, session: Session) -> None:
        session.quit(self.reason)


@command(
    "ping",
    group="server",
    help="answer once everything before has been answered",
    typed=False,
    before_hello=True,
    before_login=True,
    keepalive=True,
)
@dataclass(frozen=True, slots=True)
class Ping:
    async def run(self, hub: Hub, session: Session) -> None:
        session.reply(Pong())
