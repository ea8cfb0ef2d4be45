"""Commands about accounts: names that belong to somebody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..refusals import BadInput
from ..replies import Notice
from ..roles import require
from .table import command, word

if TYPE_CHECKING:
    from ..session import Session


def secret(shown: str, default: Any = None) -> Any:
    """Declare an argument that is all that is left of the line, and is never shown to anyone."""
    return field(default=default, repr=False, metadata={"shown": shown, "kind": "rest"})


@command("register", help="make your nick yours for good; asks for the password if you give none")
@dataclass(frozen=True, slots=True)
class Register:
    password: str | None = secret("PASSWORD")

    async def run(self, session: Session) -> None:
        await session.hub.logins.register(session, self.password)


@command("login", help="prove that a registered nick is yours; asks for the password if you give none")
@dataclass(frozen=True, slots=True)
class LogIn:
    nick: str | None = word("NICK", default=None)
    password: str | None = secret("PASSWORD")

    async def run(self, session: Session) -> None:
        nick, password = self.nick, self.password
        if nick is not None and session.hub.accounts.of(session.hub.key_of(nick)) is None:
            # Nobody's nick, so it is the password for one's own, or begins it.
            nick, password = None, nick if password is None else f"{nick} {password}"
        await session.hub.logins.login(session, nick, password)


@command("password", help="change the password of your account")
@dataclass(frozen=True, slots=True)
class ChangePassword:
    old: str = field(repr=False, metadata={"shown": "OLD", "kind": "word"})
    new: str = field(repr=False, metadata={"shown": "NEW", "kind": "rest"})

    async def run(self, session: Session) -> None:
        require(session, "password")
        await session.hub.logins.change_password(session, self.old, self.new)


@command("logout", help="be a guest again")
@dataclass(frozen=True, slots=True)
class LogOut:
    async def run(self, session: Session) -> None:
        require(session, "logout")
        await session.hub.logins.logout(session)


@command("account", help="show your account; /account delete deletes it")
@dataclass(frozen=True, slots=True)
class ShowAccount:
    action: str | None = word("delete", default=None)
    password: str | None = secret("PASSWORD")

    async def run(self, session: Session) -> None:
        require(session, "account")
        if self.action is None and self.password is None:
            account = session.account
            assert account is not None
            role = "an admin of this server" if account.admin else "no admin"
            others = sum(1 for _ in session.hub.logged_in(account)) - 1
            elsewhere = f", logged in {others} more time{'s' if others > 1 else ''}" if others else ""
            session.reply(Notice(f"You are logged in to the account {account.nick}: {role}{elsewhere}."))
        elif self.action in (None, "delete"):
            await session.hub.logins.delete(session, self.password)
        else:
            raise BadInput("Usage: /account, or /account delete")
