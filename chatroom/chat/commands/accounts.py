"""Account commands: register, login, logout, password, account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..command_table import command, remainder, require, word
from ..refusals import BadInput
from ..replies import Notice
from ..rules.roles import Role
from ..syntax import names

if TYPE_CHECKING:
    from ..hub import Hub
    from ..session import Session


@command("register", group="account", help="register your nick; asks for a password if you give none", asks=True)
@dataclass(frozen=True, slots=True)
class Register:
    password: str | None = remainder("PASSWORD", default=None, secret=True)

    async def run(self, hub: Hub, session: Session) -> None:
        await hub.registration.register(session, self.password)


@command(
    "login",
    group="account",
    help="log in to a registered nick; asks for the password if you give none",
    before_login=True,
    asks=True,
)
@dataclass(frozen=True, slots=True)
class LogIn:
    nick: str | None = word("NICK", default=None, secret=True)
    """The nick, or (the beginning of) the password for the current nick."""
    password: str | None = remainder("PASSWORD", default=None, secret=True)

    async def run(self, hub: Hub, session: Session) -> None:
        nick, password = self.nick, self.password
        if nick is not None and hub.core.accounts.of(names.key(nick)) is None:
            # Not a valid nick, so it is, or begins, the password for the current one.
            nick, password = None, nick if password is None else f"{nick} {password}"
        await hub.logins.login(session, nick, password)


@command(
    "password",
    group="account",
    help="change the password of your account; asks for what you leave out",
    needs=Role.ACCOUNT,
    asks=True,
)
@dataclass(frozen=True, slots=True)
class ChangePassword:
    old: str | None = word("OLD", default=None, secret=True)
    new: str | None = remainder("NEW", default=None, secret=True)

    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        await hub.registration.change_password(session, self.old, self.new)


@command("logout", group="account", help="log out and be a guest again", needs=Role.ACCOUNT)
@dataclass(frozen=True, slots=True)
class LogOut:
    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        await hub.logins.logout(session)


@command(
    "account", group="account", help="show your account; /account delete deletes it", needs=Role.ACCOUNT, asks=True
)
@dataclass(frozen=True, slots=True)
class ShowAccount:
    action: str | None = word("delete", default=None)
    password: str | None = remainder("PASSWORD", default=None, secret=True)

    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        if self.action is None and self.password is None:
            account = session.person.account
            assert account is not None
            role = ", an admin of this server" if account.admin else ""
            others = len(session.person.sessions) - 1
            elsewhere = f", and from {others} other connection{'s' if others > 1 else ''}" if others else ""
            session.reply(Notice(f"Logged in as {account.nick}{role}{elsewhere}."))
        elif self.action in (None, "delete"):
            await hub.registration.delete(session, self.password)
        else:
            raise BadInput("Usage: /account, or /account delete")
