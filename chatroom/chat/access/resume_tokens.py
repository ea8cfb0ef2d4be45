"""Resume tokens: signed proof that a new connection belongs to an earlier session, without a table."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Container
from typing import TYPE_CHECKING, NamedTuple

from ..refusals import CannotResume

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection


ENDED_AT_MOST = 10_000
"""Guests' sessions that have been ended and are remembered, so that their tokens are refused: 2 MB."""

ENDED = "The login behind this token has ended. Say hello without it."


class Claim(NamedTuple):
    """What a token proves: who somebody is, in which login, and which of their sessions it continues."""

    identity: str
    login: str
    mark: str

    @property
    def session(self) -> str:
        """The id of the session."""
        return self.mark or self.identity


class Tokens:
    """
    Signs identities with the journal's secret, so tokens survive restarts and cost no memory.

    A token is ``IDENTITY.LOGIN.EXPIRES.MAC``: the person's identity, what proves the login that it was made
    in (empty for a guest; see `Accounts.proof`), whole seconds since the epoch in hex, and the first 16 bytes of
    HMAC-SHA-256 over all of them, in hex.  Those of further sessions have their mark before the time.
    """

    def __init__(self, secret: bytes, lasts: float) -> None:
        self._secret = secret
        self._lasts = lasts

    def issue(self, identity: str, login: str, mark: str, now: float) -> str:
        """Make a token for *identity*, *login* and the *mark* of the session, valid for the configured time."""
        claim = f"{identity}.{login}.{f'{mark}.' if mark else ''}{int(now + self._lasts):x}"
        return f"{claim}.{self._sign(claim)}"

    def read(self, token: str, now: float, here: Container[str]) -> Claim:
        """
        Check *token*.

        :param here: the identities of live sessions, whose tokens do not expire.
        :raises CannotResume: if it is invalid or expired.
        """
        claim, _, mac = token.rpartition(".")
        # Bytes, because compare_digest refuses text that is not ASCII.
        if not hmac.compare_digest(mac.encode(), self._sign(claim).encode()):
            raise CannotResume("That resume token is not valid here. Say hello without it.")
        identity, login, *mark, expires = claim.split(".")
        if now > int(expires, 16) and identity not in here:
            raise CannotResume("That resume token is too old. Say hello without it.")
        return Claim(identity, login, "".join(mark))

    def _sign(self, claim: str) -> str:
        return hmac.new(self._secret, claim.encode(), hashlib.sha256).hexdigest()[:32]


class ResumeTokens:
    """Issues and reads the resume tokens of one house."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._tokens = Tokens(b"", 0.0)
        self._ended: OrderedDict[tuple[str, str], None] = OrderedDict()
        """The people and ids of sessions whose tokens are refused, though nothing else shows that they have ended."""

    def open(self) -> None:
        """Start signing with the secret of the journal, which is now open."""
        self._tokens = Tokens(self._core.journal.secret, self._core.limits.token_lasts)

    def read(self, token: str) -> Claim:
        """
        Check a token.

        :raises CannotResume: if it is invalid or expired, or the session was ended.
        """
        claim = self._tokens.read(token, self._core.runtime.now(), self._core.people)
        self.check_not_ended(claim)
        return claim

    def check_not_ended(self, claim: Claim) -> None:
        """
        Check what was proven.

        :raises CannotResume: if that session was ended.
        """
        if (claim.identity, claim.session) in self._ended:
            raise CannotResume(ENDED)

    def end(self, identity: str, session: str) -> None:
        """Refuse tokens of this *session* of the person with this *identity* from now on."""
        self._ended[identity, session] = None
        if len(self._ended) > ENDED_AT_MOST:
            self._ended.popitem(last=False)

    def of(self, session: Connection) -> str:
        """Return a resume token for *session*; empty if its door does not use tokens."""
        if not session.outlet.resumes:
            return ""
        now = self._core.runtime.now()
        return self._tokens.issue(session.person.identity, self.proof_of(session), session.mark, now)

    def proof_of(self, session: Connection) -> str:
        """Return the login proof of *session* for tokens; empty for a guest."""
        account = session.person.account
        return "" if account is None else self._core.accounts.proof(account, session.login)
