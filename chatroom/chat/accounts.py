"""Accounts: the names that belong to somebody, as the house knows them while it runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

from .lookalikes import Looks
from .ports import Change, Record

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
    def read(cls, record: Record, seen: Mapping[str, float]) -> Account:
        """Read the record of an account; *seen* tells when the owners of accounts were last here, by id."""
        value = record.value
        return cls(key=record.key, **value, seen=seen.get(value["id"], value["since"]))

    @property
    def stamp(self) -> str:
        """What a resume token carries: it changes with the password, and tells nothing of it."""
        return hashlib.sha256(self.hash.encode()).hexdigest()[:12]

    def kept(self) -> Change:
        """Return the change that keeps this account."""
        value = asdict(self)
        del value["key"], value["seen"]
        return Change("", ACCOUNT, self.key, value)

    def noted(self) -> Change:
        """
        Return the change that keeps when the owner was last here.

        A record of its own: it is written often, and must never bring back what another program has changed.
        """
        return Change("", SEEN, self.id, {"at": self.seen})

    def forgotten(self) -> list[Change]:
        """Return the changes that forget this account and what its owner preferred."""
        others = [Change("", kind, self.id, None) for kind in (SEEN, "preferences")]
        return [Change("", ACCOUNT, self.key, None), *others]


def accounts_in(records: Iterable[Record]) -> Iterator[Account]:
    """Read the accounts among the server's *records*."""
    found = list(records)
    seen = {record.key: record.value["at"] for record in found if record.kind == SEEN}
    return (Account.read(record, seen) for record in found if record.kind == ACCOUNT)


class Accounts:
    """All accounts, by the key of the nick, by id, and by what the nick looks like."""

    def __init__(self) -> None:
        self._by_key: dict[str, Account] = {}
        self._by_id: dict[str, Account] = {}
        self._looks: Looks[str] = Looks()

    def load(self, records: Iterable[Record]) -> None:
        """Know what *records* say, and nothing else any more."""
        self._by_key.clear()
        self._by_id.clear()
        self._looks = Looks()
        for account in accounts_in(records):
            self.put(account)

    def put(self, account: Account) -> None:
        """Know *account*, in place of what was known of it."""
        self._by_key[account.key] = self._by_id[account.id] = account
        self._looks.put(account.nick, account.key, account.key)

    def drop(self, account: Account) -> None:
        """Forget *account*."""
        self._by_key.pop(account.key, None)
        self._by_id.pop(account.id, None)
        self._looks.drop(account.nick, account.key)

    def of(self, key: str) -> Account | None:
        """Find the account whose nick has this *key*."""
        return self._by_key.get(key)

    def known(self, identity: str) -> Account | None:
        """Find the account with this id."""
        return self._by_id.get(identity)

    def looking_like(self, shown: str, key: str) -> Account | None:
        """Find another account than the one with this *key* whose nick looks like this one."""
        other = self._looks.find(shown, key)
        return None if other is None else self._by_key[other]

    def __len__(self) -> int:
        return len(self._by_id)
