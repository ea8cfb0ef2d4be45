"""Account keys: adds and removes the keys of accounts, and ends what a removed key has opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..people.keys import AccountKey, key_for
from ..refusals import BadInput, NotHere, TooMany

if TYPE_CHECKING:
    from ..core import Core
    from ..people.accounts import Account
    from ..rooms.ledger import Ledger
    from ..syntax.public_keys import PublicKey

MAX_KEYS = 20
"""Keys of one account."""

_ENDED = "The key that you came with is no longer one of your account. Goodbye."


class AccountKeys:
    """The services behind ``/keys``."""

    def __init__(self, core: Core, ledger: Ledger) -> None:
        self._core = core
        self._ledger = ledger

    async def add(self, account: Account, key: PublicKey) -> AccountKey:
        """
        Add *key* to *account*.

        :raises Refusal: if it is somebody's already, or there are too many.
        """
        keys = self._core.keys
        owner = keys.owner(key.fingerprint)
        if owner is not None:
            whose = "yours already" if owner.id == account.id else "another account's"
            raise BadInput(f"That key is {whose}.")
        if len(keys.owned(account)) >= MAX_KEYS:
            raise TooMany(f"An account has at most {MAX_KEYS} keys; /keys remove one first.")
        added = key_for(account, key, self._core.runtime.now())
        await self._ledger.keep([added.kept()])
        return added

    async def remove(self, account: Account, which: str) -> AccountKey:
        """
        Remove the key of *account* with the number, from 1, or the fingerprint *which*.

        :raises NotHere: if there is none.
        """
        owned = self._core.keys.owned(account)
        found = [key for number, key in enumerate(owned, 1) if which in (str(number), key.fingerprint)]
        if not found:
            raise NotHere("You have no such key; /keys lists them.")
        await self._ledger.keep([found[0].removed()])
        return found[0]

    def check(self, fingerprint: str) -> None:
        """End the sessions that came by the key with this *fingerprint* if it is no longer one of their account."""
        for person in self._core.people.with_accounts():
            for session in person.sessions:
                if session.fingerprint == fingerprint and self._core.keys.owner(fingerprint) != person.account:
                    session.hang_up(_ENDED, "", ended=True)
