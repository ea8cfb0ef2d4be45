"""The dialect port: the interface between doors and dialects."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from chatroom.chat.commands import Command
from chatroom.chat.events import Batch
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import Reply

from .views import Unsaid, ViewPreferences


class Decoded(NamedTuple):
    """One line, decoded: a command, or a refusal, or None for an empty line."""

    command: Command | Refusal | None
    ref: str | None = None
    """The client's own mark on the command, which comes back with the answer."""


class Dialect(Protocol):
    """A pure translation between events and commands on one side and the bytes of one wire on the other."""

    def decode(self, line: bytes, named: bool) -> Decoded:
        """Read one line, without its newline; *named*: this person has a nick already."""

    def encode(self, batch: Batch, viewer: str = "", session: str = "") -> bytes:
        """
        Render *batch* for the identity *viewer*, or without one for everyone but its authors.

        :param session: the mark of the viewer's session among several; empty for the first.
        """

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply* with the *ref* of the command that it answers."""

    def personal(self, preferences: ViewPreferences) -> View | None:
        """Make a view with one person's *preferences*; None if they change nothing in this dialect."""


class View:
    """
    A view: one person's own dialect on top of a shared one.

    Its renderings are not cached with a batch, because nobody else could use them.
    """

    def __init__(self, base: Any, preferences: ViewPreferences) -> None:
        self.base = base
        self.preferences = preferences

    def decode(self, line: bytes, named: bool) -> Decoded:
        """Read one line as the shared dialect does."""
        decoded: Decoded = self.base.decode(line, named)
        return decoded

    def encode(self, batch: Batch, viewer: str = "", session: str = "") -> bytes:
        """Render what this person wants to see of *batch*."""
        raise NotImplementedError

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render what this person wants to see of *reply*."""
        raise NotImplementedError

    @property
    def unsaid(self) -> Unsaid | None:
        """What it remembers; None: nothing."""
        return None

    def recall(self, unsaid: Unsaid) -> None:
        """Remember what another view of the same person did."""

    def personal(self, preferences: ViewPreferences) -> View | None:
        """Make a view of the shared dialect: views are not stacked."""
        view: View | None = self.base.personal(preferences)
        return view
