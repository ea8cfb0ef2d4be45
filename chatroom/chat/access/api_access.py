"""API access: adds, checks and revokes the tokens by which scripts act for an account."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ..people.api_tokens import Access, ApiToken, id_of, made, new_secret
from ..people.bot import Bot
from ..people.budgets import times_of
from ..ports import JournalError
from ..refusals import Insecure, NotHere, TooMany, WrongToken
from ..syntax import names
from .throttle import LoginThrottle

if TYPE_CHECKING:
    from ..core import Core
    from ..people.accounts import Account
    from ..rooms.ledger import Ledger

_NOTED_EVERY = 60.0
"""Seconds between two times that the last use of a token is stored: a busy script should not double the commits."""


class ApiAccess:
    """Lets scripts in, each by the token that it shows."""

    def __init__(self, core: Core, ledger: Ledger) -> None:
        self._core = core
        self._ledger = ledger
        self._throttle = LoginThrottle(core.runtime.monotonic, "tokens")

    # Requests.

    def check_way(self, secure: bool) -> None:
        """
        Check that nobody else can read the token on its way.

        :raises Insecure: if they can.
        """
        if not (secure or self._core.policy.plain_login):
            raise Insecure(
                "Tokens are not accepted over this connection, because others could read them: use https. "
                "If you have sent one, replace it."
            )

    def bot(self, secret: str, address: str) -> Bot:
        """
        Return the bot that the token *secret* stands for; wrong ones are slowed like wrong passwords.

        :param address: where the request comes from.
        :raises Refusal: if the token is wrong, and maybe too many were, or its account is banned.
        """
        place = self._core.budgets.place(address).name
        token = self._core.api_tokens.proven(secret)
        # Nobody guesses a token, so those who guess beside its owner don't keep them out.
        if token is None:
            self._throttle.begin(place, id_of(secret), times_of(place)).wrong()
            raise WrongToken("This token is wrong, or has been revoked.")
        runtime = self._core.runtime
        bot = self._with_rights(Bot(token, self._owner(token), address, place, runtime.now(), runtime.monotonic()))
        self._note_use(token, bot.active)
        return bot

    def current(self, bot: Bot) -> Bot:
        """
        Return *bot* with the rights that it has by now.

        :raises Refusal: if its token has been revoked meanwhile, or its account banned.
        """
        token = self._core.api_tokens.known(bot.token.id)
        if token is None or token.digest != bot.token.digest:
            raise WrongToken("This token has been revoked.")
        return self._with_rights(replace(bot, token=token, account=self._owner(token)))

    def _owner(self, token: ApiToken) -> Account:
        account = self._core.api_tokens.owner(token)
        if account is None:
            raise WrongToken("The account of this token has been deleted.")
        return account

    def _with_rights(self, bot: Bot) -> Bot:
        now, state = self._core.runtime.now(), self._core.server_state
        state.check_not_banned(bot.own_marks, "this server", now)
        if not bot.account.admin:
            state.check_not_banned(bot.marks, "this server", now)
        return bot

    def _note_use(self, token: ApiToken, now: float) -> None:
        before = self._core.api_tokens.last_use(token)
        if before is None or not 0 <= now - before < _NOTED_EVERY:
            self._core.api_tokens.apply(token.used(now))
            self._core.runtime.spawn(self._keep_use(token, now))

    async def _keep_use(self, token: ApiToken, now: float) -> None:
        # It is not worth failing for, and a later use tries again.
        with suppress(JournalError):
            await self._core.journal.change([token.used(now)])

    # Commands.

    async def add(self, account: Account, name: str, room: str, access: Access) -> tuple[ApiToken, str]:
        """
        Add a token for *account*.

        :param name: the nick of the bot.
        :param room: the only room it is for; "": all that the account may enter.
        :returns: the token, and the secret that is shown once.
        :raises Refusal: if the name is not available, or there are too many tokens.
        """
        core = self._core
        most = core.limits.tokens
        if len(core.api_tokens.owned(account)) >= most:
            raise TooMany(f"An account has at most {most} tokens; /token remove one first.")
        nick = core.nicks.unused(name)
        room = names.room(room, core.limits.room) if room else ""
        secret = new_secret(core.runtime.token() + core.runtime.token())
        while core.api_tokens.known(id_of(secret)) is not None:
            secret = new_secret(core.runtime.token() + core.runtime.token())
        token = made(secret, nick, account, room, access, core.runtime.now())
        await self._ledger.keep([token.kept()])
        return token, secret

    async def remove(self, account: Account, name: str) -> ApiToken:
        """
        Revoke a token of *account*; whatever uses it is refused from now on.

        :raises NotHere: if it has no token of that name.
        """
        token = self._core.api_tokens.of(names.key(name))
        if token is None or (token.account != account.id and not account.admin):
            raise NotHere(f"You have no token named {name[: self._core.limits.nick]}.")
        await self._ledger.keep(token.removed())
        return token
