"""Accounts: the names that belong to somebody, as the house knows them while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace

from ..ports import RecordChange, StandingRecord, Value
from ..syntax.confusables import ConfusableIndex
from .proofs import PROOF, Proofs

ACCOUNT = "account"
"""The kind of the record of an account."""

SEEN = "seen"
"""The kind of the record of when an account's owner was last here."""


@dataclass(frozen=True, slots=True)
class Account:
    """
    One person who can prove who they are.

    ``id`` stays the same for good, ``key`` is the nick's, ``hash`` the password's; ``since`` and ``seen``
    (when they were last here) are in seconds since the epoch.
    """

    id: str
    nick: str
    key: str
    hash: str
    admin: bool
    since: float
    seen: float

    @classmethod
    def read(cls, record: StandingRecord, seen: Mapping[str, float]) -> Account:
        """Read the record of an account; *seen* tells when the owners of accounts were last here, by id."""
        value = record.value
        return cls(key=record.key, **value, seen=seen.get(value["id"], value["since"]))

    def kept(self) -> RecordChange:
        """Return the change that keeps this account."""
        value = asdict(self)
        del value["key"], value["seen"]
        return RecordChange("", ACCOUNT, self.key, value)

    def noted(self) -> RecordChange:
        """
        Return the change that keeps when the owner was last here.

        A record of its own: it is written often, and must never bring back what another program has changed.
        """
        return RecordChange("", SEEN, self.id, {"at": self.seen})

    def forgotten(self) -> list[RecordChange]:
        """Return the changes that forget this account and what its owner preferred."""
        others = [RecordChange("", kind, self.id, None) for kind in (SEEN, "preferences", PROOF)]
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
        """Finds the account whose nick has this key; asked for each command of everyone, so nothing stands between."""
        self._looks: ConfusableIndex[str] = ConfusableIndex()
        self._proofs: dict[str, Proofs] = {}

    def load(self, records: Iterable[StandingRecord]) -> None:
        """Know what *records* say, when nothing is known yet."""
        found = list(records)
        for account in accounts_in(found):
            self.put(account)
        self._proofs = {record.key: Proofs.read(record.value) for record in found if record.kind == PROOF}

    def apply(self, change: RecordChange) -> None:
        """Know what *change*, which is stored, says of an account."""
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
                seen = {before.id: before.seen} if before is not None else {}
                self.put(Account.read(StandingRecord("", kind, key, value), seen))

    def value(self, kind: str, key: str) -> Value | None:
        """Return what the record of this *kind* and *key* holds; None: there is none."""
        if kind == PROOF:
            return self._proofs[key].kept(key).value if key in self._proofs else None
        account = (self._by_key if kind == ACCOUNT else self._by_id).get(key)
        if account is None:
            return None
        return (account.kept() if kind == ACCOUNT else account.noted()).value

    def put(self, account: Account) -> None:
        """Know *account*, in place of what was known of it."""
        self._by_key[account.key] = self._by_id[account.id] = account
        self._looks.put(account.nick, account.key, account.key)

    def drop(self, account: Account) -> None:
        """Forget *account*."""
        self._by_key.pop(account.key, None)
        self._by_id.pop(account.id, None)
        self._proofs.pop(account.id, None)
        self._looks.drop(account.nick, account.key)

    def known(self, identity: str) -> Account | None:
        """Find the account with this id."""
        return self._by_id.get(identity)

    def looking_like(self, shown: str, key: str) -> Account | None:
        """Find another account than the one with this *key* whose nick looks like this one."""
        other = self._looks.find(shown, key)
        return None if other is None else self._by_key[other]

    # What proves a login.

    def proofs(self, account: Account) -> Proofs:
        """Tell which logins to *account* have ended."""
        return self._proofs.get(account.id) or Proofs()

    def proof(self, account: Account, login: str) -> str:
        """Word the proof of the *login* with this id to *account*, as resume tokens carry it."""
        return f"{account.id}~{self.proofs(account).stamp(account.hash)}~{login}"

    def proven(self, proof: str) -> tuple[Account, str] | None:
        """Find the account that *proof* still proves a login to, and the id of that login; None: it proves none."""
        identity, _, rest = proof.partition("~")
        account, login = self._by_id.get(identity), rest.rpartition("~")[2]
        if account is None or proof != self.proof(account, login) or login in self.proofs(account).ended:
            return None
        return account, login

    def __len__(self) -> int:
        return len(self._by_id)
