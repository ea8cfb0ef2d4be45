"""Keys: the public keys by which the owners of accounts come in without a password, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from ..ports import RecordChange, StandingRecord, Value
from ..syntax.names import key as key_of
from ..syntax.public_keys import PublicKey

if TYPE_CHECKING:
    from .accounts import Account, Accounts

KEY = "key"
"""The record kind of keys."""


@dataclass(frozen=True, slots=True)
class AccountKey:
    """
    A key of an account: ``account`` is the account's id, ``since`` when it was added, in seconds since the epoch.

    ``proven`` is whether its owner has come by it: anybody can add a key that is somebody else's, for it is public.
    """

    fingerprint: str
    account: str
    kind: str
    comment: str
    since: float
    proven: bool = False

    @classmethod
    def read(cls, fingerprint: str, value: Value) -> AccountKey:
        """Build a key from its record."""
        return cls(fingerprint=fingerprint, **value)

    def kept(self) -> RecordChange:
        """Return the change that stores this key."""
        value = asdict(self)
        del value["fingerprint"]
        return RecordChange("", KEY, self.fingerprint, value)

    def removed(self) -> RecordChange:
        """Return the change that removes this key."""
        return RecordChange("", KEY, self.fingerprint, None)


def key_for(account: Account, key: PublicKey, now: float, proven: bool = False) -> AccountKey:
    """Make *key* one of *account*."""
    return AccountKey(key.fingerprint, account.id, key.kind, key.comment, now, proven)


class Keys:
    """All keys of accounts, by fingerprint and by account; a key is of one account only."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._keys: dict[str, AccountKey] = {}
        self._by_account: dict[str, dict[str, AccountKey]] = {}
        self.assigned: Mapping[str, str] = {}
        """The keys that the configuration gives to accounts, whatever else is known of them: nicks by fingerprints."""

    def load(self, records: Iterable[StandingRecord]) -> None:
        """Load *records* into an empty table."""
        for record in records:
            if record.kind == KEY:
                self.apply(RecordChange(*record))

    def apply(self, change: RecordChange) -> None:
        """Take over *change*, which has been stored."""
        before = self._keys.pop(change.key, None)
        if before is not None:
            owned = self._by_account[before.account]
            del owned[before.fingerprint]
            if not owned:
                del self._by_account[before.account]
        if change.value is not None:
            key = self._keys[change.key] = AccountKey.read(change.key, change.value)
            self._by_account.setdefault(key.account, {})[key.fingerprint] = key

    def value(self, fingerprint: str) -> Value | None:
        """Return the value of the record of the key with this *fingerprint*, or None."""
        key = self._keys.get(fingerprint)
        return None if key is None else key.kept().value

    def owner(self, fingerprint: str) -> Account | None:
        """Return the account that the key with this *fingerprint* is of; None if there is none."""
        if fingerprint in self.assigned:
            return self._accounts.of(self.assigned[fingerprint])
        key = self._keys.get(fingerprint)
        return None if key is None else self._accounts.known(key.account)

    def owner_coming(self, fingerprint: str, nick: str) -> Account | None:
        """
        Return the account as whose owner somebody comes who has signed by this key.

        The *nick*, or its lookup key, that they ask for must be the account's until they have come so once.  Else
        whoever added a guest's key to their own account would receive what that guest is told.
        """
        owner, key = self.owner(fingerprint), self._keys.get(fingerprint)
        if owner is None or fingerprint in self.assigned or (key is not None and key.proven):
            return owner
        return owner if owner.key == key_of(nick) else None

    def known(self, fingerprint: str) -> AccountKey | None:
        """Find the key with this *fingerprint*, if somebody has added it."""
        return self._keys.get(fingerprint)

    def owned(self, account: Account) -> list[AccountKey]:
        """List the keys of *account*, in the order in which they were added."""
        return sorted(self._by_account.get(account.id, {}).values(), key=lambda one: (one.since, one.fingerprint))

    def forgotten(self, account: Account) -> list[RecordChange]:
        """Return the changes that remove all keys of *account*."""
        return [key.removed() for key in self.owned(account)]

    def __len__(self) -> int:
        return len(self._keys)
