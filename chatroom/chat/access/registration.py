"""Registration: creates accounts, changes their passwords and deletes them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..people.accounts import Account
from ..people.budgets import times_of
from ..refusals import NickTaken, NotAllowed, NotNow, TooMany
from ..replies import PasswordWanted
from .login import account_of
from .throttle import Registrations

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection
    from ..rooms.ledger import Ledger
    from ..rooms.reading import Reading
    from .login import Logins
    from .password_checks import PasswordChecks


class Registration:
    """Creates, changes and deletes accounts for their owners."""

    def __init__(self, core: Core, ledger: Ledger, reading: Reading, checks: PasswordChecks, logins: Logins) -> None:
        self._core = core
        self._ledger = ledger
        self._reading = reading
        self._checks = checks
        self._logins = logins
        self._registrations = Registrations(core.runtime.monotonic)

    async def register(self, session: Connection, password: str | None) -> None:
        """
        Register the person's current nick as an account.

        :raises Refusal: if the nick cannot be registered or the password is invalid.
        """
        person = session.person
        if person.account is not None:
            raise NotNow(f"You are logged in as {person.account.nick} already.")
        self._check_free(person.key)
        self._checks.check_way(session)
        if password is None:
            session.reply(PasswordWanted("register", ""))
            return
        self._checks.check_password(password)
        self._check_there_may_be_more()
        place, nick, key = session.place, person.nick, person.key
        self._registrations.spend(place, self._core.limits.registrations * times_of(place))
        try:
            hashed = await self._checks.in_time(session, partial(self._core.passwords.hash, password))
        except NotNow:
            self._registrations.refund(place)
            raise
        if session.gone or person.key != key or person.account is not None:
            raise NotNow("Your nick changed in the meantime; please try again.")
        self._check_free(key)
        self._check_there_may_be_more()
        now = self._core.runtime.now()
        account = Account(self._core.runtime.token(), nick, key, hashed, admin=False, since=now, seen=now)
        await self._ledger.keep([account.kept(), account.noted()])
        # From now on, wrong guesses by others cannot lock the owner out.
        self._checks.know((place, key))
        self._ledger.audit(session, "register", "", f"registered the nick {nick}")
        if not session.gone:
            await self._logins.apply(session, account)

    async def change_password(self, session: Connection, old: str | None, new: str | None) -> None:
        """
        Change the password, once both are known; everyone else who is logged in to the account is logged out.

        :raises Refusal: if *old* is wrong or *new* is invalid.
        """
        self._checks.check_way(session)
        if old is None or new is None:
            given = {name: value for name, value in (("old", old), ("new", new)) if value is not None}
            session.reply(PasswordWanted("password", account_of(session.person).nick, ("old", "new"), given))
            return
        self._checks.check_password(new)
        account = await self._checks.proven(session, account_of(session.person).nick, old)
        hashed = await self._checks.in_time(session, partial(self._core.passwords.hash, new))
        current = self._core.accounts.known(account.id)
        if current is None or current.hash != account.hash or not session.person.owns(account):
            raise NotNow("Your account has just changed; please try again.")
        account = replace(current, hash=hashed)
        await self._ledger.keep([account.kept(), self._core.accounts.proofs(account).without_any().kept(account.id)])
        self._ledger.audit(session, "password", "", f"changed the password of {account.nick}")
        owner = self._core.people.owner(account)
        if owner is None:
            return
        owner.account = account
        here = owner.continued(session)
        if here is not None:
            here.tell(replace(self._logins.logged_in(here, account), new_password=True), session)
        for other in [one for one in owner.sessions if one is not here]:
            other.hang_up("Your password was changed: please log in again.", "", ended=True)

    async def delete(self, session: Connection, password: str | None) -> None:
        """
        Delete the person's account; its nick becomes free.

        :raises Refusal: if the password is wrong.
        """
        self._checks.check_way(session)
        account = account_of(session.person)
        if password is None:
            session.reply(PasswordWanted("account", account.nick))
            return
        account = await self._checks.proven(session, account.nick, password)
        if not session.person.owns(account):
            return
        core = self._core
        owned = [*core.api_tokens.forgotten(account), *core.keys.forgotten(account)]
        await self._ledger.keep([*account.forgotten(), *owned])
        self._reading.forget_account(account.id)
        self._ledger.audit(session, "account", "", f"deleted the account {account.nick}")
        owner = self._core.people.owner(account)
        if owner is not None:
            self._logins.log_out(owner, f"The account {account.nick} is deleted.", session)

    def _check_there_may_be_more(self) -> None:
        if len(self._core.accounts) >= self._core.limits.accounts:
            raise TooMany("This server cannot have more accounts.")

    def _check_free(self, key: str) -> None:
        account = self._core.accounts.of(key)
        if account is not None:
            raise NickTaken(f"The nick {account.nick} is registered already; if it is yours, /login.")
        if self._core.policy.appoints(key):
            raise NotAllowed(
                "Only an admin of this server can register that nick, because it makes its owner an operator."
            )
