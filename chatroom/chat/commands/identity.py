"""Identity commands: hello, nick, whois, seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..access.entry import HelloRequest
from ..command_table import command, word
from ..people.person import NOTHING_SEEN
from ..replies import Notice, Seen, Whois
from ..rules.roles import Role, role_of
from ..syntax import names

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command(
    "hello",
    group="people",
    help="come in with a nick, or resume after a broken connection",
    typed=False,
    before_hello=True,
)
@dataclass(frozen=True, slots=True)
class Hello:
    """
    The first command of every connection: a nick, or a session to resume.

    :param resume: the token of an earlier welcome.
    :param seen: the last seq received of each room; later events follow.
    :param attach: become a further session of that person, instead of taking the earlier one over.
    :param password: logs in to the account *nick*; empty: the nick is not theirs, so another one is given.
    """

    nick: str = word("NICK")
    rooms: tuple[str, ...] | None = field(default=None)
    resume: str | None = field(default=None)
    seen: Mapping[str, int] | None = field(default=None)
    password: str | None = field(default=None, repr=False)
    attach: bool = field(default=False)

    async def run(self, hub: Hub, session: Session) -> None:
        request = HelloRequest(
            self.nick, self.rooms, self.resume, self.attach, self.seen or NOTHING_SEEN, self.password
        )
        await hub.entry.hello(session, request)


@command("nick", group="people", help="change your nick", before_login=True)
@dataclass(frozen=True, slots=True)
class Rename:
    nick: str = word("NICK")

    async def run(self, hub: Hub, session: Session) -> None:
        await hub.renaming.rename(session, self.nick)


@command("whois", group="people", help="show details about someone", shows=True)
@dataclass(frozen=True, slots=True)
class ShowPerson:
    nick: str = word("NICK")

    async def run(self, hub: Hub, session: Session) -> None:
        bot = hub.core.api_tokens.of(names.key(self.nick))
        owner = bot and hub.core.api_tokens.owner(bot)
        if bot is not None and owner is not None:
            session.reply(Notice(f"{bot.nick} is a bot of {owner.nick}."))
            return
        person = hub.core.people.named(self.nick)
        rooms = tuple(seat.room.name for seat in person.seats.values() if seat.room.shows_to(session.person))
        account = person.account.nick if person.account is not None else ""
        address = ", ".join(filter(None, person.addresses)) if role_of(session.person) is Role.ADMIN else ""
        shown = person.described(role_of(person), hub.core.runtime.now())
        conversation = hub.direct_messages.name_of(session.person, person)
        session.reply(Whois(shown, rooms, person.since, account, address, conversation))


@command("seen", group="people", help="show when someone was last here", shows=True)
@dataclass(frozen=True, slots=True)
class ShowSeen:
    nick: str = word("NICK")

    async def run(self, hub: Hub, session: Session) -> None:
        key = names.key(self.nick)
        present, account, left = (
            hub.core.people.meant(self.nick),
            hub.core.accounts.of(key),
            hub.core.last_seen.of(key),
        )
        if present is not None:
            session.reply(Seen(present.nick, here=True, at=present.active))
        elif account is not None:
            session.reply(Seen(account.nick, here=False, at=account.seen))
        elif left is not None:
            session.reply(Seen(left[0], here=False, at=left[1]))
        else:
            session.reply(Seen(self.nick[: hub.core.limits.nick], here=False, at=None))
