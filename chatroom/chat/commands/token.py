"""Token commands: what scripts of one's own may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..command_table import command, require, word
from ..people.api_tokens import Access
from ..refusals import BadInput
from ..replies import Notice
from ..rules.roles import Role
from ..syntax.datetimes import minute

if TYPE_CHECKING:
    from ..hub import Hub
    from ..people.accounts import Account
    from ..session import Session

_USAGE = "Usage: /token, /token add NAME [ROOM] [read|write], or /token remove NAME"

_ALLOWED = {"read": Access.READ, "write": Access.WRITE}


@command(
    "token",
    group="account",
    help="list, add or remove the tokens by which scripts act for you",
    needs=Role.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class Tokens:
    action: str | None = word("add|remove", default=None)
    name: str | None = word("NAME", default=None)
    room: str | None = word("ROOM", default=None)
    access: str | None = word("read|write", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        account = session.person.account
        assert account is not None
        if self.action is None:
            self._list(hub, session, account)
        elif self.action == "add" and self.name is not None:
            await self._add(hub, session, account, self.name)
        elif self.action == "remove" and self.name is not None and self.room is None:
            token = await hub.bots.access.remove(account, self.name)
            hub.ledger.audit(session, "token", token.room, f"removed the token {token.name}")
            session.reply(Notice(f"The token {token.name} is revoked."))
        else:
            raise BadInput(_USAGE)

    async def _add(self, hub: Hub, session: Session, account: Account, name: str) -> None:
        hub.password_checks.check_way(session)
        room, access = self._scope()
        token, secret = await hub.bots.access.add(account, name, room, access)
        hub.ledger.audit(session, "token", token.room, f"added the token {token.name} ({token.scope})")
        session.reply(Notice(f"The token of {token.name} ({token.scope}), shown only now: {secret}"))

    def _scope(self) -> tuple[str, Access]:
        """Return the room ("": all) and what is allowed; a room named ``read`` has a ``#`` in front."""
        room, access = self.room or "", self.access
        if access is None and room.lower() in _ALLOWED:
            room, access = "", room.lower()
        if access is not None and access not in _ALLOWED:
            raise BadInput(_USAGE)
        return room, _ALLOWED[access] if access else Access.BOTH

    def _list(self, hub: Hub, session: Session, account: Account) -> None:
        tokens = hub.core.api_tokens.owned(account)
        if not tokens:
            session.reply(Notice("You have no tokens; /token add NAME makes one."))
        for token in tokens:
            used = hub.core.api_tokens.last_use(token)
            last = "never used" if used is None else f"last used on {minute(used)}"
            session.reply(Notice(f"{token.name}: {token.scope}; added on {minute(token.since)}, {last}."))
