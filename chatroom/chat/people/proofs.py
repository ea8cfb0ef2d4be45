"""Login proofs: which logins a resume token still proves, and which have ended."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..ports import RecordChange, Value

PROOF = "proof"
"""The record kind of an account's ended logins."""

_ENDED = 64
"""Ended logins remembered per account; one more ends all of its logins."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """
    The ended logins of one account.

    :param epoch: incremented to end all logins, for example by a server ban.
    :param ended: until when tokens may still name each login that was logged out, in seconds since the epoch.
    """

    epoch: int = 0
    ended: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, value: Value) -> Proofs:
        """Read a record."""
        return cls(value["epoch"], dict(value["ended"]))

    def without(self, login: str, until: float, now: float) -> Proofs:
        """Return the proofs after *login* has ended, whose tokens last *until* then."""
        ended = {**self.ended, login: until}
        if len(ended) > _ENDED:
            # Not earlier than necessary: a clock that is ahead for a moment must not revive tokens.
            ended = {one: then for one, then in ended.items() if then > now}
        return Proofs(self.epoch, ended) if len(ended) <= _ENDED else self.without_any()

    def without_any(self) -> Proofs:
        """Return the proofs after all logins have ended."""
        return Proofs(self.epoch + 1)

    def stamp(self, hashed: str) -> str:
        """Return a digest of the epoch and the password hash, for proofs; it reveals neither."""
        return hashlib.sha256(f"{self.epoch}:{hashed}".encode()).hexdigest()[:12]

    def kept(self, account: str) -> RecordChange:
        """Return the change that stores this for the account with the id *account*."""
        return RecordChange("", PROOF, account, {"epoch": self.epoch, "ended": dict(self.ended)})
