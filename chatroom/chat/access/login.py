"""Login: creates, checks, changes and deletes accounts, and gives registered nicks to their owners."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..people.accounts import Account
from ..people.budgets import times_of
from ..ports import JournalError
from ..refusals import NickTaken, NotAllowed, NotNow, Refusal, TooMany
from ..replies import LoggedIn, LoggedOut, Notice, PasswordWanted
from .throttle import Registrations

if TYPE_CHECKING:
    from collections.abc import Callable, Set
    from typing import Any, TypeVar

    from ..core import Core
    from ..people.person import Connection, Person
    from ..rooms.direct_messages import DirectMessages
    from ..rooms.ledger import Ledger
    from ..rooms.membership import Membership
    from .password_checks import PasswordChecks
    from .preferences import PreferenceStore
    from .renaming import Renaming
    from .server_bans import ServerBans

    T = TypeVar("T")


class Logins:
    """Logs people in and out, and registers, changes and deletes their accounts."""

    def __init__(
        self,
        core: Core,
        ledger: Ledger,
        membership: Membership,
        direct_messages: DirectMessages,
        preferences: PreferenceStore,
        renaming: Renaming,
        server_bans: ServerBans,
        checks: PasswordChecks,
        token_of: Callable[[Connection], str],
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._membership = membership
        self._direct_messages = direct_messages
        self._preferences = preferences
        self._renaming = renaming
        self._server_bans = server_bans
        self._token_of = token_of
        self._registrations = Registrations(core.runtime.monotonic)
        self._checks = checks

    # Commands.

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
            self._ask(session, "register")
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
            await self._apply_login(session, account)

    async def login(self, session: Connection, nick: str | None, password: str | None) -> None:
        """
        Log in to the account *nick* (None: the current nick).

        :raises Refusal: if the password is wrong, or login is not possible now or over this connection.
        """
        self._checks.check_way(session)
        if password is None:
            self._ask(session, "login", nick or session.person.nick)
            return
        account = await self._checks.proven(session, nick or session.person.nick, password)
        if session.gone:
            return
        person = session.person
        if person.account is not None and person.account.id != account.id:
            raise NotNow(f"You are logged in as {person.account.nick}; /logout first.")
        self._server_bans.check_not_banned(person, account)
        await self._apply_login(session, self._seen_now(account))

    async def logout(self, session: Connection) -> None:
        """
        Log out: make the person a guest again, with another nick if theirs belongs to the account.

        Resume tokens of the ended login become invalid.

        :raises JournalError: if it cannot be stored now; the person stays logged in.
        """
        person, now = session.person, self._core.runtime.now()
        account, login = _account(person), session.login
        proofs = self._core.accounts.proofs(account)
        ended = proofs.without(login, now + self._core.limits.token_lasts, now)
        await self._ledger.keep([ended.kept(account.id)])
        for one in self._core.people.logged_in(account):
            if one.session.login == login:
                self._log_out(one, "You are logged out.", session)

    async def change_password(self, session: Connection, old: str | None, new: str | None) -> None:
        """
        Change the password, once both are known; everyone else who is logged in to the account is logged out.

        :raises Refusal: if *old* is wrong or *new* is invalid.
        """
        self._checks.check_way(session)
        if old is None or new is None:
            given = {name: value for name, value in (("old", old), ("new", new)) if value is not None}
            session.reply(PasswordWanted("password", _account(session.person).nick, ("old", "new"), given))
            return
        self._checks.check_password(new)
        account = await self._checks.proven(session, _account(session.person).nick, old)
        hashed = await self._checks.in_time(session, partial(self._core.passwords.hash, new))
        current = self._core.accounts.known(account.id)
        if current is None or current.hash != account.hash or not session.person.owns(account):
            raise NotNow("Your account has just changed; please try again.")
        account = replace(current, hash=hashed)
        await self._ledger.keep([account.kept(), self._core.accounts.proofs(account).without_any().kept(account.id)])
        self._ledger.audit(session, "password", "", f"changed the password of {account.nick}")
        for other in self._core.people.logged_in(account):
            if other is session.person:
                other.account = account
                other.answer(session, self.logged_in(session, account))
            else:
                self._log_out(other, "Your password was changed: please log in again.")

    async def delete(self, session: Connection, password: str | None) -> None:
        """
        Delete the person's account; its nick becomes free.

        :raises Refusal: if the password is wrong.
        """
        self._checks.check_way(session)
        account = _account(session.person)
        if password is None:
            self._ask(session, "account", account.nick)
            return
        account = await self._checks.proven(session, account.nick, password)
        if not session.person.owns(account):
            return
        await self._ledger.keep([*account.forgotten(), *self._core.api_tokens.forgotten(account)])
        self._ledger.audit(session, "account", "", f"deleted the account {account.nick}")
        for one in self._core.people.logged_in(account):
            self._log_out(one, f"The account {account.nick} is deleted.", session)

    # Consequences.

    async def _apply_login(self, session: Connection, account: Account) -> None:
        """Log the person in to *account*, with everything that follows: nick, rooms, preferences, messages."""
        person = session.person
        guest = person.party
        if person.account is None:
            self.attach(session, account, self._core.runtime.token())
        self._renaming.cancel_enforcement(person)
        await self._membership.inherit(person, guest)
        if person.key != account.key and _is(session, account):
            await self._take_nick(session, account)
        if _is(session, account):
            session.reply(self.logged_in(session, account))
            self._preferences.restore(session)
            await self._direct_messages.deliver(session)

    def attach(self, session: Connection, account: Account, login: str) -> None:
        """Mark the guest of *session* as logged in to *account*, under the given login id."""
        here = next(self._core.people.logged_in(account), None)
        session.take_budget(here.session.budget if here is not None else self._core.budgets.recall(account.id))
        self._core.people.log_in(session, account, login)

    def _log_out(self, person: Person[Any], reason: str, asker: Connection | None = None) -> None:
        """Make *person* a guest again; *asker* gets this as the reply to their command."""
        account, muted = person.party, self._membership.muted(person)
        self._core.people.log_out(person)
        self._membership.mute_still(person, muted)
        self._direct_messages.let_go(person, account)
        logged_out = LoggedOut(reason, self._token_of(person.session))
        person.outlet.reply(logged_out, asker.ref if asker is not None and person.session is asker else None)
        self._renaming.enforce_nick(person)
        self._server_bans.look_again(person)

    def check_accounts(self, keys: Set[str]) -> None:
        """
        Recheck logins and nicks after the accounts with these nick *keys* changed.

        Another program has created, changed or deleted these accounts.
        """
        for person in self._core.people.with_accounts():
            if person.account is not None and person.account.key in keys:
                self._check_logged_in(person, person.account)
        for key in keys:
            holder = self._core.nicks.get(key)
            if holder is not None and holder.key == key and not holder.may_use_nick(self._core.accounts):
                self._renaming.enforce_nick(holder)

    def _check_logged_in(self, person: Person[Any], account: Account) -> None:
        current = self._core.accounts.known(account.id)
        if current is None or current.hash != account.hash:
            self._log_out(person, "Your account has been changed: you are logged out.")
        else:
            person.account = current
            self._server_bans.look_again(person)

    def left(self, person: Person[Any]) -> None:
        """Record the time at which *person* left."""
        account = self._core.accounts.known(person.account.id) if person.account is not None else None
        if account is not None:
            self._seen_now(account)

    def _seen_now(self, account: Account) -> Account:
        account = replace(account, seen=self._core.runtime.now())
        self._core.accounts.put(account)
        self._core.runtime.spawn(self._keep_seen(account))
        return account

    async def _keep_seen(self, account: Account) -> None:
        # If it cannot be stored, the previous time stays: not worth failing for.
        with suppress(JournalError):
            await self._core.journal.change([account.noted()])

    async def _take_nick(self, session: Connection, account: Account) -> None:
        """Give the person the nick of their account, unless another person logged in to it uses it."""
        holder = self._core.nicks.get(account.key)
        if holder is not None and holder is not session.person:
            if holder.owns(account):
                return
            await self._renaming.force_rename(holder)
        try:
            if _is(session, account):
                await self._renaming.rename(session, account.nick)
        except Refusal as refusal:
            # The login itself succeeded.
            session.reply(Notice(str(refusal)))

    def logged_in(self, session: Connection, account: Account) -> LoggedIn:
        """Return the reply that the person of *session* is logged in to *account*."""
        return LoggedIn(account.nick, "admin" if account.admin else "account", self._token_of(session))

    def _ask(self, session: Connection, command: str, nick: str = "") -> None:
        session.reply(PasswordWanted(command, nick))

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


def _account(person: Person[Any]) -> Account:
    if person.account is None:
        raise NotAllowed("You are not logged in.")
    return person.account


def _is(session: Connection, account: Account) -> bool:
    """Return whether *session* is alive and logged in to *account*."""
    return not session.gone and session.person.owns(account)
