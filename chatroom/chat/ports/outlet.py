"""The outlet port: sends events and replies to one client; and the fan-out to many outlets."""

from __future__ import annotations

from collections.abc import Container
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ..events import Batch
    from ..replies import Preferences, Reply


class RoomLink(Protocol):
    """Shows rooms at outlets in another process: each batch goes there once."""

    def follow(self, outlet: Any, room: str, seq: int) -> None:
        """Show *outlet* every batch of *room* after *seq*, the last one that was shown."""

    def unfollow(self, outlet: Any, room: str) -> None:
        """Show *outlet* nothing more of *room* for now."""

    def leave(self, outlet: Any, room: str) -> None:
        """Note that *outlet* is shown nothing of *room* any more, and need not remember how far it was."""

    def show(self, batch: Batch) -> None:
        """Show *batch* at every outlet that follows its room."""

    def __hash__(self) -> int:
        """Links are told apart by identity."""


class Outlet(Protocol):
    """Sends events and replies to one client: renders, writes and reports backpressure."""

    door: str
    """The name of the door, for people: ``line``, ``json``."""
    resumes: bool
    """Whether this door issues resume tokens, so a broken connection can be resumed."""
    viewer: str
    """The identity of the reader; set by the house once the person has a name."""
    session: str
    """The mark of the reader's session among several; empty for the first."""
    address: str
    """The client's address, without a port; "" if it has none."""
    secure: bool
    """Whether the connection is private: this machine, or TLS."""
    asks: bool
    """Whether this door can ask for a password: see `PasswordWanted`."""
    reads: bool
    """Whether a person who speaks here has read what was said before; programs tell that themselves."""
    link: RoomLink | None
    """What shows it the rooms that it is live in, if it is in another process."""
    keeps_nick: bool
    """Whether a person who logs in here keeps the nick that they have, instead of taking their account's."""

    def deliver(self, batch: Batch) -> bool:
        """
        Show *batch*.

        :returns: False if the transport is full (backpressure); the outlet has then called `CatchUp.fall_behind`, and
            calls `CatchUp.drained` once it takes more.
        """

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Show *reply*, marked with the *ref* of the command that it answers."""

    def together(self) -> AbstractContextManager[None]:
        """Show at once, at the end, what is shown inside, where nobody may wait: each write of its own costs."""

    def in_rooms(self, count: int) -> None:
        """Note that the person is in *count* rooms; with several, lines name their room."""

    def prefer(self, preferences: Preferences, nick: str, ignored: Container[str]) -> None:
        """
        Apply the display preferences of the person *nick*.

        :param ignored: identities and nick keys of ignored people.
        """

    def ready(self) -> None:
        """Note that the session can take the next command."""

    def close(self) -> None:
        """Write what is buffered, then disconnect."""


class FanOut(Protocol):
    """Fan-out: delivers one batch to many outlets; a broken one does not affect the others."""

    def __call__(self, live: Any, batch: Batch) -> None:
        """Deliver *batch* to each outlet of *live*, by session: see `Subscribers`; it may change meanwhile."""
