"""The outlet port: a session's way out, and what hands one batch to many of them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..events import Batch
    from ..replies import Preferences, Reply


class Outlet(Protocol):
    """A session's way out: renders, writes, and knows when the other end has had enough."""

    door: str
    """The name of the way in, for people: ``line``, ``json``."""
    resumes: bool
    """Whether this way in hands out resume tokens, so a broken connection is not a goodbye."""
    viewer: str
    """The identity that reads here; the house sets it when the person has a name."""
    address: str
    """The address of the other end, without a port; "" if it has none."""
    secure: bool
    """Whether nobody on the way can read along: this very machine, or TLS."""
    asks: bool
    """Whether a person can be asked for a password here: see `PasswordWanted`."""

    def deliver(self, batch: Batch) -> bool:
        """
        Show *batch*.

        :returns: False if the other end has had enough; the outlet has called `CatchUp.fall_behind`
            then, and calls `CatchUp.drained` when it takes more.
        """

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Show *reply* to the asker, marked with the *ref* of what it answers."""

    def in_rooms(self, count: int) -> None:
        """The person is in *count* rooms now; with more than one, lines name theirs."""

    def prefer(self, preferences: Preferences, nick: str, ignored: Container[str]) -> None:
        """
        Show things as the person *nick* prefers from now on.

        :param ignored: the identities and the keys of nicks whose words are not shown.
        """

    def ready(self) -> None:
        """The session can take the next command."""

    def close(self) -> None:
        """Write out what is held, then hang up."""


class FanOut(Protocol):
    """Hands one batch to many outlets; one that breaks does not keep it from the others."""

    def __call__(self, live: Mapping[str, Any], batch: Batch) -> None:
        """Deliver *batch* to each outlet of *live*, a mapping by identity that may change meanwhile."""
