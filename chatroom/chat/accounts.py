"""Accounts: the names that belong to somebody, as the house knows them while it runs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from .lookalikes import Looks
from .ports import Change, Record

ACCOUNT = "account"
"""The kind of the record of an account."""


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

    @property
    def stamp(self) -> str:
        """What a resume token carries: it changes with the password, and tells nothing of it."""
        return hashlib.sha256(self.hash.encode()).hexdigest()[:12]

    def kept(self) -> Change:
        """Return the change that keeps this account."""
        value = asdict(self)
        del value["key"]
        return Change("", ACCOUNT, self.key, value)

    def forgotten(self) -> list[Change]:
        """Return the changes that forget this account and what its owner preferred."""
        return [Change("", ACCOUNT, self.key, None), Change("", "preferences", self.id, None)]


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
        for record in records:
            if record.kind == ACCOUNT:
                self.put(Account(key=record.key, **record.value))

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
