"""Account keys: adds and removes the keys of accounts, and ends what a removed key has opened."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ..limits import MAX_KEYS
from ..people.keys import AccountKey, key_for
from ..ports import JournalError
from ..refusals import BadInput, NotHere, TooMany

if TYPE_CHECKING:
    from ..core import Core
    from ..people.accounts import Account
    from ..people.person import Connection
    from ..rooms.ledger import Ledger
    from ..syntax.public_keys import PublicKey

_ENDED = "The key that you came with is no longer one of your account. Goodbye."


class AccountKeys:
    """The services behind ``/keys``."""

    def __init__(self, core: Core, ledger: Ledger) -> None:
        self._core = core
        self._ledger = ledger

    async def add(self, account: Account, key: PublicKey, *, proven: bool) -> AccountKey:
        """
        Add *key* to *account*.

        :param proven: whether the session that adds it has signed by it, so that it is certainly its owner's.
        :raises Refusal: if it is somebody's already, or there are too many.
        """
        keys = self._core.keys
        owner = keys.owner(key.fingerprint)
        if owner is not None and owner.id == account.id:
            raise BadInput("That key is yours already.")
        if owner is not None and not (proven and keys.owner_coming(key.fingerprint, account.key) is None):
            raise BadInput("That key is another account's.")
        if len(keys.owned(account)) >= MAX_KEYS:
            raise TooMany(f"An account has at most {MAX_KEYS} keys; /keys remove one first.")
        added = key_for(account, key, self._core.runtime.now(), proven)
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

    def came(self, fingerprint: str, account: Account) -> bool:
        """
        Note that the owner of *account* has come by the key with this *fingerprint*.

        :returns: whether for the first time.  A key that the configuration gives to the account is not: somebody else
            may have added it to theirs.
        """
        key = self._core.keys.known(fingerprint)
        if key is None or key.proven or key.account != account.id:
            return False
        self._core.runtime.spawn(self._store(replace(key, proven=True)))
        return True

    async def _store(self, key: AccountKey) -> None:
        # It is not worth failing for: it is noted next time.
        with suppress(JournalError):
            await self._ledger.keep([key.kept()])

    def check(self, fingerprint: str) -> None:
        """End the sessions that came by the key with this *fingerprint* if it is no longer one of their account."""
        for person in self._core.people.with_accounts():
            for session in person.sessions:
                if session.key.fingerprint == fingerprint:
                    self.check_session(session)

    def check_session(self, session: Connection) -> None:
        """End *session*, which is logged in, if it came by a key that is no longer one of its account."""
        owner, account = self._core.keys.owner(session.key.fingerprint), session.person.account
        if session.by_key and (owner is None or account is None or owner.id != account.id):
            session.hang_up(_ENDED, "", ended=True)
