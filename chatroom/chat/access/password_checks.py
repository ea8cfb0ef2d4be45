"""Password checks: verifies and hashes passwords, with limits on guessing and on parallel work."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ..people.budgets import LOCAL, times_of
from ..ports import Busy, Future
from ..refusals import BadInput, Insecure, NotNow, TooLong, WrongPassword
from ..syntax.names import key as key_of
from .password_shares import Shares
from .throttle import LoginThrottle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from ..core import Core
    from ..people.accounts import Account
    from ..people.person import Connection

    T = TypeVar("T")

_LOCAL_SHARES = 4
"""Multiplier of this machine's share of password work: proxies and tunnels connect from here."""

PASSWORD_WORK = 5.0
"""Cost of one hash, in lines; it takes 100 times as long, but on another thread."""

MOST_WAITING = 100
"""Checks that wait for others to turn out right or wrong: all of them go on in one turn then."""


class PasswordChecks:
    """Checks and hashes passwords; each place (an address) gets a fair share of the worker threads."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._throttle = LoginThrottle(core.runtime.monotonic)
        self._waiting: list[Future[None]] = []
        """Those who wait until a check is over."""
        self.shares = Shares(core.runtime)

    def know(self, who: tuple[str, str]) -> None:
        """Remember *who* (a place and a nick's key) as a known owner, whom guesses by others do not slow down."""
        self._throttle.know(who)

    async def proven(self, session: Connection, nick: str, password: str) -> Account:
        """Check *password* against the account *nick*, in the same time whether or not the account exists."""
        key, place = key_of(nick), session.place
        if len(password.encode()) > self._core.limits.password:
            raise TooLong(f"A password has at most {self._core.limits.password} bytes.")
        # Whoever has guessed too often is told so at once.
        self._throttle.may_begin(place, key, times_of(place))
        return await self.in_time(session, partial(self._proven, place, key, password))

    async def _proven(self, place: str, key: str, password: str) -> Account:
        """
        Check *password* at its turn: as many as may be wrong are checked at a time, and the others wait for them.

        :raises Busy: if too many wait already.
        """
        while not self._throttle.may_begin(place, key, times_of(place)):
            if len(self._waiting) >= MOST_WAITING:
                raise Busy
            over = self._core.runtime.future()
            self._waiting.append(over)
            await over
        tried = self._throttle.begin(place, key, times_of(place))
        account = self._core.accounts.of(key)
        try:
            right = await self._core.passwords.verify(account.hash if account else None, password)
        except BaseException:
            # It was not checked, so it counts for nothing, and nobody has to wait for it.
            tried.withdrawn()
            raise
        finally:
            if self._waiting:
                self._core.runtime.later(0, self._wake)
        # The account may have been deleted or changed during the check.
        current = self._core.accounts.of(key)
        if not right or account is None or current is None or current.hash != account.hash:
            tried.wrong()
            raise WrongPassword("Wrong nick or password.")
        tried.right()
        return current

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, []
        for over in waiting:
            over.callback(None)

    async def in_time(self, session: Connection, answer: Callable[[], Awaitable[T]]) -> T:
        """
        Run *answer*, which hashes or checks a password, at the expense of *session*.

        :raises NotNow: if too many are waiting already, in total or at that place.
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

    def check_password(self, password: str) -> None:
        shortest = self._core.limits.shortest_password
        if len(password) < shortest:
            raise BadInput(f"A password has at least {shortest} characters.")
        if len(password.encode()) > self._core.limits.password:
            raise TooLong(f"A password has at most {self._core.limits.password} bytes.")

    def check_way(self, session: Connection) -> None:
        if not (session.outlet.secure or self._core.policy.plain_login):
            raise Insecure(
                "Passwords are not accepted over this connection, because others could read them. "
                "If you have sent one, change it."
            )
