"""Accounts: registered nicks and their owners, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from ..ports import READING, RecordChange, StandingRecord, Value
from ..syntax.confusables import ConfusableIndex
from .mention_index import MentionIndex
from .proofs import PROOF, Proofs

ACCOUNT = "account"
"""The record kind of accounts."""

SEEN = "seen"
"""The record kind of an owner's last visit."""


@dataclass(frozen=True, slots=True)
class Account:
    """
    An account: a registered nick with a password.

    ``id`` never changes, ``key`` is the nick's, ``hash`` the password's; ``since`` and ``seen`` (when they were last
    here; None: never) are in seconds since the epoch.
    """

    id: str
    nick: str
    key: str
    hash: str
    admin: bool
    since: float
    seen: float | None

    @classmethod
    def read(cls, record: StandingRecord, seen: Mapping[str, float]) -> Account:
        """Build an account from its record; *seen* has the owners' last visits, by id."""
        value = record.value
        return cls(key=record.key, **value, seen=seen.get(value["id"]))

    def kept(self) -> RecordChange:
        """Return the change that stores this account."""
        value = asdict(self)
        del value["key"], value["seen"]
        return RecordChange("", ACCOUNT, self.key, value)

    def noted(self) -> RecordChange:
        """
        Return the change that stores the owner's last visit.

        It has a record of its own, because it is written often and must not overwrite another program's changes.
        """
        return RecordChange("", SEEN, self.id, {"at": self.seen})

    def forgotten(self) -> list[RecordChange]:
        """Return the changes that delete this account, its preferences and what it has read."""
        others = [RecordChange("", kind, self.id, None) for kind in (SEEN, "preferences", PROOF, READING)]
        return [RecordChange("", ACCOUNT, self.key, None), *others]


def accounts_in(records: Iterable[StandingRecord]) -> Iterator[Account]:
    """Read the accounts among the server's *records*."""
    found = list(records)
    seen = {record.key: record.value["at"] for record in found if record.kind == SEEN}
    return (Account.read(record, seen) for record in found if record.kind == ACCOUNT)


class Accounts:
    """All accounts, by the key of the nick, by id, and by what the nick looks like."""

    def __init__(self) -> None:
        self._by_key: dict[str, Account] = {}
        self._by_id: dict[str, Account] = {}
        self.of: Callable[[str], Account | None] = self._by_key.get
        """Looks up an account by its nick's key; called for every command, so it is the dict's own method."""
        self.mentions = MentionIndex()
        """Finds the accounts that a text mentions."""
        self._looks: ConfusableIndex[str] = ConfusableIndex()
        self._proofs: dict[str, Proofs] = {}

    def load(self, records: Iterable[StandingRecord]) -> None:
        """Load *records* into an empty table."""
        found = list(records)
        for account in accounts_in(found):
            self.put(account)
        self._proofs = {record.key: Proofs.read(record.value) for record in found if record.kind == PROOF}

    def apply(self, change: RecordChange) -> None:
        """Take over *change*, which has been stored."""
        kind, key, value = change.kind, change.key, change.value
        if kind == PROOF and value is not None:
            self._proofs[key] = Proofs.read(value)
        elif kind == PROOF:
            self._proofs.pop(key, None)
        elif kind == SEEN and value is not None and key in self._by_id:
            self.put(replace(self._by_id[key], seen=value["at"]))
        elif kind == ACCOUNT:
            before = self._by_key.get(key)
            if before is not None and (value is None or value["id"] != before.id):
                self.drop(before)
            if value is not None:
                seen = before.seen if before is not None and before.id == value["id"] else None
                self.put(replace(Account.read(StandingRecord("", kind, key, value), {}), seen=seen))

    def value(self, kind: str, key: str) -> Value | None:
        """Return the value of the record with this *kind* and *key*, or None."""
        if kind == PROOF:
            return self._proofs[key].kept(key).value if key in self._proofs else None
        account = (self._by_key if kind == ACCOUNT else self._by_id).get(key)
        if account is None or (kind == SEEN and account.seen is None):
            return None
        return (account.kept() if kind == ACCOUNT else account.noted()).value

    def put(self, account: Account) -> None:
        """Add or replace *account*."""
        before = self._by_key.get(account.key)
        self._by_key[account.key] = self._by_id[account.id] = account
        if before is not None and before.nick == account.nick and before.id == account.id:
            return
        if before is not None:
            self.mentions.drop(before.nick)
            self._looks.drop(before.nick, before.key)
        self.mentions.put(account.nick, account.id)
        self._looks.put(account.nick, account.key, account.key)

    def drop(self, account: Account) -> None:
        """Remove *account*."""
        self._by_key.pop(account.key, None)
        self._by_id.pop(account.id, None)
        self._proofs.pop(account.id, None)
        self._looks.drop(account.nick, account.key)
        self.mentions.drop(account.nick)

    def known(self, identity: str) -> Account | None:
        """Find the account with this id."""
        return self._by_id.get(identity)

    def looking_like(self, shown: str, key: str) -> Account | None:
        """Find another account whose nick looks like this one, whose key is *key*."""
        other = self._looks.find(shown, key)
        return None if other is None else self._by_key[other]

    # Proofs of logins.

    def proofs(self, account: Account) -> Proofs:
        """Return the record of ended logins of *account*."""
        return self._proofs.get(account.id) or Proofs()

    def proof(self, account: Account, login: str) -> str:
        """Return the proof of a *login* to *account*, as resume tokens carry it."""
        return f"{account.id}~{self.proofs(account).stamp(account.hash)}~{login}"

    def proven(self, proof: str) -> tuple[Account, str] | None:
        """Return the account and login id that *proof* still proves, or None."""
        identity, _, rest = proof.partition("~")
        account, login = self._by_id.get(identity), rest.rpartition("~")[2]
        if account is None or proof != self.proof(account, login) or login in self.proofs(account).ended:
            return None
        return account, login

    def __len__(self) -> int:
        return len(self._by_id)
