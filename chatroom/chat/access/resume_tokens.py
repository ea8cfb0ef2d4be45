"""Resume tokens: signed proof that a new connection belongs to an earlier session, without a table."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Container
from typing import TYPE_CHECKING

from ..refusals import CannotResume

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection


class Tokens:
    """
    Signs identities with the journal's secret, so tokens survive restarts and cost no memory.

    A token is ``IDENTITY.LOGIN.EXPIRES.MAC``: the session's identity, what proves the login that it was made
    in (empty for a guest; see `Accounts.proof`), whole seconds since the epoch in hex, and the first 16 bytes of
    HMAC-SHA-256 over all of them, in hex.
    """

    def __init__(self, secret: bytes, lasts: float) -> None:
        self._secret = secret
        self._lasts = lasts

    def issue(self, identity: str, login: str, now: float) -> str:
        """Make a token for *identity* and *login*, valid for the configured time."""
        claim = f"{identity}.{login}.{int(now + self._lasts):x}"
        return f"{claim}.{self._sign(claim)}"

    def read(self, token: str, now: float, here: Container[str]) -> tuple[str, str]:
        """
        Check *token*.

        :param here: the identities of live sessions, whose tokens do not expire.
        :returns: the identity and the login that it proves.
        :raises CannotResume: if it is invalid or expired.
        """
        claim, _, mac = token.rpartition(".")
        # Bytes, because compare_digest refuses text that is not ASCII.
        if not hmac.compare_digest(mac.encode(), self._sign(claim).encode()):
            raise CannotResume("That resume token is not valid here. Say hello without it.")
        identity, login, expires = claim.split(".")
        if now > int(expires, 16) and identity not in here:
            raise CannotResume("That resume token is too old. Say hello without it.")
        return identity, login

    def _sign(self, claim: str) -> str:
        return hmac.new(self._secret, claim.encode(), hashlib.sha256).hexdigest()[:32]


class ResumeTokens:
    """Issues and reads the resume tokens of one house."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._tokens = Tokens(b"", 0.0)

    def open(self) -> None:
        """Start signing with the secret of the journal, which is now open."""
        self._tokens = Tokens(self._core.journal.secret, self._core.limits.token_lasts)

    def read(self, token: str) -> tuple[str, str]:
        """
        Check a token; return the identity and the login that it proves.

        :raises CannotResume: if it is invalid or expired.
        """
        return self._tokens.read(token, self._core.runtime.now(), self._core.people)

    def of(self, session: Connection) -> str:
        """Return a resume token for *session*; empty if its door does not use tokens."""
        if not session.outlet.resumes:
            return ""
        return self._tokens.issue(session.person.identity, self.proof_of(session), self._core.runtime.now())

    def proof_of(self, session: Connection) -> str:
        """Return the login proof of *session* for tokens; empty for a guest."""
        account = session.person.account
        return "" if account is None else self._core.accounts.proof(account, session.login)
