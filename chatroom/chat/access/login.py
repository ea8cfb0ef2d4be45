"""Login: makes people the owners of their accounts and guests again, and gives registered nicks to their owners."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ..people.accounts import Account
from ..ports import JournalError
from ..refusals import BadInput, NotAllowed, NotNow, Refusal
from ..replies import LoggedIn, LoggedOut, Notice, PasswordWanted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence, Set
    from typing import Any

    from ..core import Core
    from ..people.person import Connection, Person
    from ..rooms.direct_messages import DirectMessages
    from ..rooms.ledger import Ledger
    from ..rooms.membership import Membership
    from ..rooms.reading import Reading, Return
    from ..rooms.room import Seat
    from .devices import Devices
    from .password_checks import PasswordChecks
    from .preferences import PreferenceStore
    from .renaming import Renaming
    from .resume_tokens import ResumeTokens
    from .server_bans import ServerBans


class Logins:
    """Logs people in and out."""

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
        devices: Devices,
        tokens: ResumeTokens,
        reading: Reading,
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._membership = membership
        self._direct_messages = direct_messages
        self._preferences = preferences
        self._renaming = renaming
        self._server_bans = server_bans
        self._devices = devices
        self._tokens = tokens
        self._reading = reading
        self._checks = checks

    # Commands.

    async def login(self, session: Connection, nick: str | None, password: str | None) -> None:
        """
        Log in to the account *nick* (None: the current nick).

        :raises Refusal: if the password is wrong, or login is not possible now or over this connection.
        """
        self._checks.check_way(session)
        if password is None:
            session.reply(PasswordWanted("login", nick or session.person.nick))
            return
        account = await self.prove(session, nick or session.person.nick, password)
        if not session.gone:
            session.by_key = False
            await self.finish(session, account)

    async def finish(self, session: Connection, account: Account) -> None:
        """
        Log in to *account*, which has been proven.

        :raises NotNow: if the person is logged in to another account, or this one has changed meanwhile.
        :raises BannedHere: if its owner is banned.
        """
        # Another program may have made its owner an admin, or no admin, while they were coming in.
        account, person = self.still_proven(account), session.person
        if person.account is not None and person.account.id != account.id:
            raise NotNow(f"You are logged in as {person.account.nick}; /logout first.")
        self._server_bans.check_not_banned(person, account)
        await self.apply(session, self._seen_now(account))

    async def prove(self, session: Connection, nick: str, password: str) -> Account:
        """
        Return the account *nick*, whose *password* is right.

        :raises Refusal: if it is wrong, or that cannot be checked now or over this connection.
        """
        self._checks.check_way(session)
        return await self._checks.proven(session, nick, password)

    def still_proven(self, account: Account) -> Account:
        """
        Return *account*, whose password was right earlier, as it is now.

        :raises NotNow: if it has been changed or deleted since.
        """
        current = self._core.accounts.known(account.id)
        if current is None or current.hash != account.hash:
            raise NotNow("Your account has just changed; please try again.")
        return current

    async def logout(self, session: Connection) -> None:
        """
        Log out: make this session a guest again, with another nick; the person's other sessions stay logged in.

        Resume tokens of the ended login become invalid.

        :raises JournalError: if it cannot be stored now; the session stays logged in.
        """
        person = session.person
        account = account_of(person)
        await self._end_logins(account, [session])
        here = person.continued(session)
        if here is None or not person.owns(account):
            return
        if not person.others(here):
            self.log_out(person, "You are logged out.", session)
        else:
            await self._split(here, session)

    async def _split(self, session: Connection, asker: Connection) -> None:
        """Make *session* a guest of its own, in the same rooms; *asker* gets this as the reply to their command."""
        person = session.person
        muted = self._membership.muted(person)
        guest = self._devices.split(session)
        self._membership.mute_still(guest, muted)
        session.outlet.viewer, session.outlet.session = guest.identity, session.mark
        self._preferences.apply(guest)
        session.tell(LoggedOut("You are logged out.", self._tokens.of(session)), asker)
        self._devices.greet(session, person.nick)
        self._server_bans.look_again(guest)
        try:
            await self._devices.enter_again(session)
        finally:
            session.catch_up.know({})

    async def _end_logins(self, account: Account, sessions: Iterable[Connection]) -> None:
        """
        Make resume tokens of the logins of these *sessions* invalid.

        :raises JournalError: if it cannot be stored now.
        """
        now = self._core.runtime.now()
        proofs = self._core.accounts.proofs(account)
        for login in {one.login for one in sessions}:
            proofs = proofs.without(login, now + self._core.limits.token_lasts, now)
        await self._ledger.keep([proofs.kept(account.id)])

    async def end_sessions(self, session: Connection, which: str) -> None:
        """
        End other sessions of the person: the one with the number *which*, or ``others``.

        :raises NotHere: if there is none.
        :raises JournalError: if it cannot be stored now; they go on.
        """
        person = session.person
        ending = self._devices.others_to_end(session, which)
        if session in ending:
            raise BadInput("That is this session; /quit ends it.")
        if person.account is not None:
            await self._end_logins(person.account, ending)
        for one in filter(None, map(person.continued, ending)):
            self._tokens.end(person.identity, one.id)
            one.hang_up("You ended this session from another one. Goodbye.", "", ended=True)
        session.reply(Notice("That session has ended." if len(ending) == 1 else f"{len(ending)} sessions have ended."))

    # Consequences.

    async def apply(self, session: Connection, account: Account) -> None:
        """Log the person in to *account*, with everything that follows: nick, rooms, preferences, messages."""
        person = session.person
        while (owner := self._core.people.owner(account)) not in (None, person):
            if await self._join_owner(session, owner, account):
                return
        guest = person.party
        if person.account is None:
            self.begin(session, account, self._core.runtime.token())
            for one in person.others(session):
                one.tell(self.logged_in(one, account))
        self._renaming.cancel_enforcement(person)
        await self._membership.inherit(person, guest)
        known = await self.welcome_back(session, account)
        await self._devices.enter_remembered(session, known.rooms)
        if _is(session, account):
            await self._reading.greet(session, known.conversations)

    async def welcome_back(self, session: Connection, account: Account) -> Return:
        """
        Give the owner of *account*, who has just logged in, what is theirs: nick, preferences, messages.

        :returns: what else is known of them.
        """
        person = session.person
        # Messages left for them are read below; of those that are being stored, the journal knows nothing yet.
        await self._core.journal.flush()
        known = await self._reading.load(person)
        if person.key != account.key and _is(session, account) and not session.outlet.keeps_nick:
            await self._take_nick(session, account)
        if _is(session, account):
            await self.show(session, account, known.waiting)
        return known

    async def show(self, session: Connection, account: Account, waiting: Sequence[str] | None = None) -> None:
        """
        Show *session*, which is logged in to *account*, that, the preferences, and messages that have waited.

        :param waiting: the conversations in which some have, if they are known.
        """
        session.reply(self.logged_in(session, account))
        self._preferences.restore(session)
        await self._direct_messages.deliver(session, waiting)

    def begin(self, session: Connection, account: Account, login: str) -> None:
        """Mark the guest of *session* as logged in to *account*, whose owner is not here yet, by *login* (an id)."""
        person = session.person
        session.take_budget(self._core.budgets.recall(account.id))
        self._core.people.log_in(person, account)
        for one in person.sessions:
            one.login = login if one is session else self._core.runtime.token()

    async def _join_owner(self, session: Connection, owner: Person[Seat], account: Account) -> bool:
        """
        Make the guest of *session* one with *owner*, who is logged in to *account* elsewhere.

        :returns: False if the owner has left meanwhile; nothing has changed then.
        :raises Refusal: if the owner has as many sessions as may be, or the account has changed meanwhile.
        """
        guest = session.person
        self._devices.to_give_up(owner, len(guest.sessions))
        await self._membership.bequeath(guest, owner)
        if session.gone or session.person is not guest:
            return True
        self.still_proven(account)
        if owner.gone or not owner.owns(account):
            return False
        self._renaming.cancel_enforcement(guest)
        moved = self._devices.become(guest, owner)
        for one in moved:
            # Nobody else may come as that guest: what they say would be taken for this session's.
            self._tokens.end(guest.identity, one.id)
        for one, shown in moved.items():
            seen = {**one.missed_since, **shown}
            self._devices.follow(one, seen, anew=True)
            self._devices.show_rooms(one, seen, anew=True)
            one.tell(self.logged_in(one, account), session)
            self._devices.greet(one, guest.nick)
        self._preferences.restore(session)
        try:
            # Where this device comes from, they may be banned.
            await self._membership.remove_banned(owner)
            for one in moved:
                one.catch_up.read_on()
                await self._reading.tell_rest(one)
                await self._devices.enter_again(one)
        finally:
            for one in moved:
                one.catch_up.know({})
                # Also if another one's rooms could not be entered.
                one.catch_up.read_on()
        if not session.gone:
            await self._reading.greet(session)
        return True

    def log_out(self, person: Person[Any], reason: str, asker: Connection | None = None) -> None:
        """Make *person* a guest again; *asker* gets this as the reply to their command."""
        account, muted = person.party, self._membership.muted(person)
        self._core.people.log_out(person)
        self._membership.mute_still(person, muted)
        self._direct_messages.let_go(person, account)
        self._reading.logged_out(person)
        for one in person.sessions:
            one.tell(LoggedOut(reason, self._tokens.of(one)), asker)
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
        if current is None:
            self._reading.forget_account(account.id)
        if current is None or current.hash != account.hash:
            self.log_out(person, "Your account has been changed: you are logged out.")
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
        """Give the person the nick of their account."""
        holder = self._core.nicks.get(account.key)
        if holder is not None and holder is not session.person:
            await self._renaming.force_rename(holder)
        try:
            if _is(session, account):
                await self._renaming.rename(session, account.nick)
        except Refusal as refusal:
            # The login itself succeeded.
            session.reply(Notice(str(refusal)))

    def logged_in(self, session: Connection, account: Account) -> LoggedIn:
        """Return the reply that the person of *session* is logged in to *account*."""
        return LoggedIn(account.nick, "admin" if account.admin else "account", self._tokens.of(session))


def account_of(person: Person[Any]) -> Account:
    """
    Return the account that *person* is logged in to.

    :raises NotAllowed: if there is none.
    """
    if person.account is None:
        raise NotAllowed("You are not logged in.")
    return person.account


def _is(session: Connection, account: Account) -> bool:
    """Return whether *session* is alive and logged in to *account*."""
    return not session.gone and session.person.owns(account)
