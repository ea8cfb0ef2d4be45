"""Server commands: time, help, quit, ping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..command_table import GROUPS, Spec, command, listed, remainder, word
from ..replies import Help, Pong, Time
from ..rules.roles import role_in, role_of
from .parse import lookup

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command("time", group="server", help="show the server's time")
@dataclass(frozen=True, slots=True)
class ShowTime:
    async def run(self, hub: Hub, session: Session) -> None:
        session.reply(Time(hub.core.runtime.now()))


@command(
    "help",
    group="server",
    help="list what you may use here; /help all lists every command, /help COMMAND explains one",
    aliases=("?",),
    before_hello=True,
    before_login=True,
)
@dataclass(frozen=True, slots=True)
class ShowHelp:
    command: str | None = word("COMMAND", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        if self.command and self.command != "all":
            spec = lookup(self.command)
            also = f" (also {' and '.join(f'/{name}' for name in spec.aliases)})" if spec.aliases else ""
            session.reply(Help(((spec.usage, f"{spec.help}{also}"),), (GROUPS[spec.group],)))
            return
        every = listed()
        specs = every if self.command else [spec for spec in every if _may_use(session, spec)]
        rows = tuple((spec.usage, spec.help) for spec in specs)
        session.reply(Help(rows, tuple(GROUPS[spec.group] for spec in specs), len(every) - len(specs)))


def _may_use(session: Session, spec: Spec) -> bool:
    """Return whether the person of *session* has the role for *spec*, in their current room if it concerns one."""
    seat = session.person.seats.get(session.current)
    role = role_of(session.person) if seat is None else role_in(session.person, seat.room)
    return role >= spec.needs


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
