"""Commands about who one is, and who others are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..replies import Whois
from .table import command, word

if TYPE_CHECKING:
    from ..session import Session


@command("hello", help="come in with a nick, or carry on from a broken connection", typed=False)
@dataclass(frozen=True, slots=True)
class Hello:
    """
    The first command of every connection.

    :param resume: the token of a former welcome.
    :param seen: the last seq received of each room, to be given what came after.
    """

    nick: str = word("NICK")
    rooms: tuple[str, ...] | None = field(default=None)
    resume: str | None = field(default=None)
    seen: Mapping[str, int] | None = field(default=None)

    async def run(self, session: Session) -> None:
        await session.hub.arrive(session, self.nick, self.rooms, self.resume, self.seen or {})


@command("nick", help="change your nick")
@dataclass(frozen=True, slots=True)
class Rename:
    nick: str = word("NICK")

    async def run(self, session: Session) -> None:
        await session.hub.rename(session, self.nick)


@command("whois", help="show what may be known about someone")
@dataclass(frozen=True, slots=True)
class ShowPerson:
    nick: str = word("NICK")

    async def run(self, session: Session) -> None:
        person = session.hub.person(self.nick)
        session.reply(Whois(person.described(), tuple(person.room_names()), person.since))
