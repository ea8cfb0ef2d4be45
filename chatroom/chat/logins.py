"""Logging in and out: accounts made, proven, changed and deleted, and registered nicks given to who owns them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from .accounts import Account
from .budgets import LOCAL, times_of
from .durations import spoken
from .guessing import Guessing, Registrations
from .ports import Busy, JournalError
from .refusals import BadInput, Insecure, NickTaken, NotAllowed, NotNow, Refusal, TooLong, TooMany, WrongPassword
from .replies import LoggedIn, LoggedOut, Notice, PasswordWanted
from .shares import Shares

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Set
    from typing import TypeVar

    from .hub import Hub
    from .session import Session

    T = TypeVar("T")

_LOCAL_SHARES = 4
"""How many times the share of passwords of another place this machine has, because proxies and tunnels are here."""

PASSWORD_WORK = 5.0
"""Lines that each costs; it takes 100 times as long, but on another thread, behind the chat."""

SHORTEST = 8
"""Characters in a password at least (NIST SP 800-63B, section 5.1.1.1)."""


class Logins:
    """Lets the people of *hub* prove who they are."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._guessing = Guessing(hub.world.monotonic)
        self._registrations = Registrations(hub.world.monotonic)
        self.shares = Shares(hub.world)
        self._identities: dict[str, dict[str, None]] = {}
        """The identities of the people who are logged in, by the id of their account."""

    # What people ask.

    async def register(self, session: Session, password: str | None) -> None:
        """
        Make the nick of *session* theirs for good.

        :raises Refusal: if it cannot be, or the password is none.
        """
        if session.account is not None:
            raise NotNow(f"You are logged in as {session.account.nick} already.")
        self._check_free(session.key)
        self._check_way(session)
        if password is None:
            self._ask(session, "register")
            return
        self._check_password(password)
        self._check_there_may_be_more()
        place, nick, key = session.place, session.nick, session.key
        self._registrations.spend(place, self._hub.limits.registrations * times_of(place))
        try:
            hashed = await self._in_time(session, partial(self._hub.passwords.hash, password))
        except NotNow:
            self._registrations.refund(place)
            raise
        if session.gone or session.key != key or session.account is not None:
            raise NotNow("Your nick has changed meanwhile; please try again.")
        self._check_free(key)
        self._check_there_may_be_more()
        now = self._hub.world.now()
        account = Account(self._hub.world.token(), nick, key, hashed, admin=False, since=now, seen=now)
        await self._hub.keep([account.kept()])
        # Whatever others guess from now on, they can come back.
        self._guessing.know((place, key))
        self._hub.record(session, "register", "", f"registered the nick {nick}")
        if not session.gone:
            await self._be(session, account)

    async def login(self, session: Session, nick: str | None, password: str | None) -> None:
        """
        Let *session* be the owner of *nick* (None: of the nick they have).

        :raises Refusal: if the password is wrong, or this is no time or way to try.
        """
        self._check_way(session)
        if password is None:
            self._ask(session, "login", nick or session.nick)
            return
        account = await self._proven(session, nick or session.nick, password)
        if session.gone:
            return
        if session.account is not None and session.account.id != account.id:
            raise NotNow(f"You are logged in as {session.account.nick}; /logout first.")
        self._hub.server_bans.check_not_banned(session, account)
        await self._be(session, self._seen_now(account))

    async def logout(self, session: Session) -> None:
        """
        Let *session* be a guest again, under another nick if theirs belongs to the account.

        From then on, no token proves the login that has ended.

        :raises JournalError: if that cannot be stored now; then they stay logged in.
        """
        account, login, now = self._account(session), session.login, self._hub.world.now()
        proofs = self._hub.accounts.proofs(account)
        ended = proofs.without(login, now + self._hub.limits.token_lasts, now)
        await self._hub.keep([ended.kept(account.id)])
        for one in self.of(account):
            if one.login == login:
                self.forget(one, "You are logged out.", session.ref if one is session else None)

    async def change_password(self, session: Session, old: str, new: str) -> None:
        """
        Let the account of *session* have another password; whoever else is logged in to it must log in again.

        :raises Refusal: if *old* is wrong or *new* is none.
        """
        self._check_way(session)
        self._check_password(new)
        account = await self._proven(session, self._account(session).nick, old)
        hashed = await self._in_time(session, partial(self._hub.passwords.hash, new))
        current = self._hub.accounts.known(account.id)
        if current is None or current.hash != account.hash or not session.owns(account):
            raise NotNow("Your account has just changed; please try again.")
        account = replace(current, hash=hashed)
        await self._hub.keep([account.kept(), self._hub.accounts.proofs(account).without_any().kept(account.id)])
        self._hub.record(session, "password", "", f"changed the password of {account.nick}")
        for other in self.of(account):
            # The same person is another session, if they carry on from another connection meanwhile.
            if other.identity == session.identity:
                other.account = account
                other.outlet.reply(self.logged_in(other, account), session.ref if other is session else None)
            else:
                self.forget(other, "The password of your account was changed: please log in again.")

    async def delete(self, session: Session, password: str | None) -> None:
        """
        Delete the account of *session*; its nick is anybody's from then on.

        :raises Refusal: if the password is wrong.
        """
        self._check_way(session)
        account = self._account(session)
        if password is None:
            self._ask(session, "account", account.nick)
            return
        account = await self._proven(session, account.nick, password)
        if not session.owns(account):
            return
        await self._hub.keep(account.forgotten())
        self._hub.record(session, "account", "", f"deleted the account {account.nick}")
        for one in self.of(account):
            self.forget(one, f"The account {account.nick} is deleted.", session.ref if one is session else None)

    # What follows from it.

    async def _be(self, session: Session, account: Account) -> None:
        """Let *session* be logged in to *account*, with all that goes with that."""
        guest = session.party
        if session.account is None:
            self.attach(session, account, self._hub.world.token())
        self._stop_watching(session)
        await self._hub.seating.inherit(session, guest)
        if session.key != account.key and self._is(session, account):
            await self._take_nick(session, account)
        if self._is(session, account):
            session.reply(self.logged_in(session, account))
            self._hub.preferring.take_up(session)
            await self._hub.talks.deliver(session)

    @staticmethod
    def _is(session: Session, account: Account) -> bool:
        """Tell whether *session* is here still, and logged in to *account*."""
        return not session.gone and session.owns(account)

    def attach(self, session: Session, account: Account, login: str) -> None:
        """Let *session*, a guest, be logged in to *account*, by the login with this id."""
        here = next(self.of(account), None)
        session.take_budget(here.budget if here is not None else self._hub.budgets.recall(account.id))
        session.account, session.login = account, login
        self._identities.setdefault(account.id, {})[session.identity] = None

    def of(self, account: Account) -> Iterator[Session]:
        """Everyone who is logged in to *account*; the caller may log them out while it iterates."""
        for identity in list(self._identities.get(account.id, ())):
            session = self._hub.people.get(identity)
            if session is not None and session.owns(account):
                yield session

    def _detach(self, session: Session) -> None:
        assert session.account is not None, "they are logged in"
        identities = self._identities[session.account.id]
        del identities[session.identity]
        if not identities:
            del self._identities[session.account.id]

    def forget(self, session: Session, reason: str, ref: str | None = None) -> None:
        """Let *session* be a guest again."""
        account, muted = session.party, self._hub.seating.muted(session)
        self._detach(session)
        session.account, session.login = None, ""
        self._hub.seating.mute_still(session, muted)
        self._hub.talks.let_go(session, account)
        session.outlet.reply(LoggedOut(reason, self._hub.token_of(session)), ref)
        self.watch(session)
        self._hub.server_bans.look_again(session)

    def check_accounts(self, keys: Set[str]) -> None:
        """
        Look again at who is logged in to the accounts of the nicks with these *keys*, and who has those nicks.

        The accounts have been made, changed or deleted, and nobody here has asked for that.
        """
        for identity in [one for identities in self._identities.values() for one in identities]:
            session = self._hub.people.get(identity)
            if session is not None and session.account is not None and session.account.key in keys:
                self._check_logged_in(session, session.account)
        for key in keys:
            holder = self._hub.nicks.get(key)
            if holder is not None and holder.key == key and not holder.proven:
                self.watch(holder)

    def _check_logged_in(self, session: Session, account: Account) -> None:
        current = self._hub.accounts.known(account.id)
        if current is None or current.hash != account.hash:
            self.forget(session, "Your account has been changed: you are logged out.")
        else:
            session.account = current
            self._hub.server_bans.look_again(session)

    def watch(self, session: Session) -> None:
        """Give *session* a short time to log in if their nick is registered; then they get another one."""
        self._stop_watching(session)
        if session.proven:
            return
        within = self._hub.limits.login_within
        session.outlet.reply(
            Notice(
                f"The nick {session.nick} is registered. If it is yours, /login within {spoken(within)}; "
                "if not, choose another one with /nick, or you will be given one."
            )
        )
        # By then, another connection may carry this session on.
        identity = session.identity
        session.unproven = self._hub.world.later(within, lambda: self._rename_stranger(identity))

    def left(self, session: Session) -> None:
        """End the login, if any, of *session*, which is over, and note when they were last here."""
        if session.account is not None:
            self._detach(session)
            account = self._hub.accounts.known(session.account.id)
            if account is not None:
                self._seen_now(account)

    def _seen_now(self, account: Account) -> Account:
        account = replace(account, seen=self._hub.world.now())
        self._hub.accounts.put(account)
        self._hub.world.spawn(self._keep_seen(account))
        return account

    async def _keep_seen(self, account: Account) -> None:
        # When it cannot be stored, the time before is remembered: no reason to fail.
        with suppress(JournalError):
            await self._hub.journal.change([account.noted()])

    def _stop_watching(self, session: Session) -> None:
        if session.unproven is not None:
            session.unproven.cancel()
            session.unproven = None

    def _rename_stranger(self, identity: str) -> None:
        session = self._hub.people[identity]
        session.unproven = None
        if not session.proven:
            self._hub.world.spawn(self._hub.arrivals.force_rename(session))

    async def _take_nick(self, session: Session, account: Account) -> None:
        """Let *session* have the nick of their account, unless another session of theirs has it."""
        holder = self._hub.nicks.get(account.key)
        if holder is not None and holder is not session:
            if holder.owns(account):
                return
            await self._hub.arrivals.force_rename(holder)
        try:
            if self._is(session, account):
                await self._hub.arrivals.rename(session, account.nick)
        except Refusal as refusal:
            # They are logged in all the same.
            session.reply(Notice(str(refusal)))

    # Questions.

    async def _proven(self, session: Session, nick: str, password: str) -> Account:
        """Make sure that *password* is the one of the account *nick*, in the same time whether there is one."""
        key, place = self._hub.key_of(nick), session.place
        if len(password.encode()) > self._hub.limits.password:
            raise TooLong(f"A password has at most {self._hub.limits.password} bytes.")
        tried = self._guessing.begin(place, key, times_of(place))
        account = self._hub.accounts.of(key)
        try:
            hashed = account.hash if account else None
            right = await self._in_time(session, partial(self._hub.passwords.verify, hashed, password))
        except NotNow:
            tried.withdrawn()
            raise
        # It may have been deleted, or its password changed, while that was worked out.
        current = self._hub.accounts.of(key)
        if not right or account is None or current is None or current.hash != account.hash:
            tried.wrong()
            raise WrongPassword("That nick and that password do not go together.")
        tried.right()
        return current

    async def _in_time(self, session: Session, answer: Callable[[], Awaitable[T]]) -> T:
        """
        Wait for a password to be hashed or checked, which *session* pays for.

        :raises NotNow: if too many wait for that already, on the whole or at that place.
        """
        place = session.place
        session.charge(PASSWORD_WORK)
        try:
            await self.shares.begin(place, _LOCAL_SHARES if place == LOCAL else 1)
            try:
                return await answer()
            finally:
                self.shares.end(place)
        except Busy:
            raise NotNow("Too many people are logging in just now. Please try again in a few seconds.") from None

    def logged_in(self, session: Session, account: Account) -> LoggedIn:
        """Tell that *session* is logged in to *account*."""
        return LoggedIn(account.nick, "admin" if account.admin else "account", self._hub.token_of(session))

    def _account(self, session: Session) -> Account:
        if session.account is None:
            raise NotAllowed("You are not logged in.")
        return session.account

    def _ask(self, session: Session, command: str, nick: str = "") -> None:
        session.reply(PasswordWanted(command, nick))

    def _check_there_may_be_more(self) -> None:
        if len(self._hub.accounts) >= self._hub.limits.accounts:
            raise TooMany("This server has as many accounts as it may.")

    def _check_free(self, key: str) -> None:
        account = self._hub.accounts.of(key)
        if account is not None:
            raise NickTaken(f"The nick {account.nick} is registered already; if it is yours, /login.")
        if self._hub.policy.appoints(key):
            raise NotAllowed(
                "Only an admin of this server can register that nick, because it makes its owner an operator."
            )

    def _check_password(self, password: str) -> None:
        if len(password) < SHORTEST:
            raise BadInput(f"A password has at least {SHORTEST} characters.")
        if len(password.encode()) > self._hub.limits.password:
            raise TooLong(f"A password has at most {self._hub.limits.password} bytes.")

    def _check_way(self, session: Session) -> None:
        if not (session.outlet.secure or self._hub.policy.plain_login):
            raise Insecure(
                "Passwords are not taken over this connection: others on the way could read along. "
                "If you have sent one, take another from now on."
            )
