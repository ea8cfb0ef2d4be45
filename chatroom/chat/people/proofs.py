"""Which logins resume tokens still prove: none that has ended, by itself or with all others of its account."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..ports import RecordChange, Value

PROOF = "proof"
"""The kind of the record that says which logins of an account have ended."""

_ENDED = 64
"""Logins of one account that are remembered to have ended; one more, and all its logins have."""


@dataclass(frozen=True, slots=True)
class Proofs:
    """
    Which logins of one account have ended.

    :param epoch: raised by whatever ends all logins: a ban from the server, for example.
    :param ended: until when tokens may still name each login that was logged out, in seconds since the epoch.
    """

    epoch: int = 0
    ended: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, value: Value) -> Proofs:
        """Read a record."""
        return cls(value["epoch"], dict(value["ended"]))

    def without(self, login: str, until: float, now: float) -> Proofs:
        """Return what is so when *login* has ended, which tokens may name *until* then."""
        ended = {**self.ended, login: until}
        if len(ended) > _ENDED:
            # Not sooner than there is need: a clock that is ahead for a moment must not bring tokens back to life.
            ended = {one: then for one, then in ended.items() if then > now}
        return Proofs(self.epoch, ended) if len(ended) <= _ENDED else self.without_any()

    def without_any(self) -> Proofs:
        """Return what is so when all logins have ended."""
        return Proofs(self.epoch + 1)

    def stamp(self, hashed: str) -> str:
        """Word the epoch and the password hash, which a proof has to name; it tells nothing of either."""
        return hashlib.sha256(f"{self.epoch}:{hashed}".encode()).hexdigest()[:12]

    def kept(self, account: str) -> RecordChange:
        """Return the change that keeps this for *account*, which is an id."""
        return RecordChange("", PROOF, account, {"epoch": self.epoch, "ended": dict(self.ended)})
