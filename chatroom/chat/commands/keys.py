"""Key commands: the keys and certificates by which one comes in by SSH, or logs in by IRC, without a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..command_table import command, remainder, require, word
from ..refusals import BadInput
from ..replies import Notice
from ..rules.roles import Role
from ..syntax import public_keys
from ..syntax.datetimes import minute
from ..syntax.public_keys import CERTIFICATE, NO_KEY

if TYPE_CHECKING:
    from ..hub import Hub
    from ..people.accounts import Account
    from ..people.keys import AccountKey
    from ..session import Session

_HOW = "/keys add and a line of a file such as ~/.ssh/id_ed25519.pub adds one"


@command(
    "keys",
    group="account",
    help="list, add or remove the keys and certificates by which you come in by SSH and IRC",
    needs=Role.ACCOUNT,
)
@dataclass(frozen=True, slots=True)
class Keys:
    """
    Without an action, list one's keys.

    ``public_key`` is the line of a ``.pub`` file to add, or the SHA-256 fingerprint of a certificate, and by default
    the key or certificate that this session has shown; or the number, or the fingerprint, of the key to remove.
    """

    action: str | None = word("add|remove", default=None)
    public_key: str | None = remainder("KEY|N", default=None)

    async def run(self, hub: Hub, session: Session) -> None:
        require(session, self)
        account = session.person.account
        assert account is not None
        if self.action is None:
            _list(hub, session, account)
        elif self.action == "add":
            wanted = self._to_add(session)
            proven = wanted.fingerprint == session.key.fingerprint
            key = await hub.account_keys.add(account, wanted, proven=proven)
            hub.ledger.audit(session, "key", "", f"added the key {key.fingerprint}")
            opens = "logs you in by IRC (SASL EXTERNAL)" if key.kind == CERTIFICATE else "lets you in by SSH"
            session.reply(Notice(f"Added: {_shown(key)}. It {opens} without a password."))
        elif self.action == "remove" and self.public_key:
            key = await hub.account_keys.remove(account, _meant(self.public_key.strip()))
            hub.ledger.audit(session, "key", "", f"removed the key {key.fingerprint}")
            session.reply(Notice(f"Removed: {_shown(key)}. Sessions that came by it end now."))
            hub.account_keys.check(key.fingerprint)
        else:
            raise BadInput("Usage: /keys, /keys add [KEY], or /keys remove N")

    def _to_add(self, session: Session) -> public_keys.PublicKey:
        if self.public_key:
            return public_keys.parse(self.public_key)
        if session.key is NO_KEY:
            raise BadInput(f"You did not come by a key; {_HOW}.")
        return session.key


def _meant(written: str) -> str:
    """Return the number or fingerprint *written*; that of a certificate as it is stored."""
    try:
        return public_keys.parse(written).fingerprint
    except BadInput:
        return written


def _list(hub: Hub, session: Session, account: Account) -> None:
    keys = hub.core.keys.owned(account)
    if not keys:
        session.reply(Notice(f"You have no keys; {_HOW}."))
    for number, key in enumerate(keys, 1):
        here = "; this session came by it" if key.fingerprint == session.key.fingerprint else ""
        session.reply(Notice(f"{number}: {_shown(key)}, added on {minute(key.since)}{here}."))


def _shown(key: AccountKey) -> str:
    return f"{key.kind} {key.fingerprint}{f' {key.comment}' if key.comment else ''}"
