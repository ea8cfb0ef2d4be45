"""The outlet for a terminal: shows what is rendered as text above the line that is being typed."""

from __future__ import annotations

from collections.abc import Container
from typing import Protocol

from chatroom.chat.events import Batch, Joined, Left
from chatroom.chat.replies import Help, Preferences, Reply
from chatroom.dialects.text.zone import InZone
from chatroom.doors.outlets.stream import OutletOwner

from .outlet import SshOutlet
from .status_command import with_status

_COUNTED = (Joined, Left)
"""The events that change how many people are in a room."""

_EVERY = "\0"
"""The mark of no session: a line that was typed is shown, too, if it is not left on the screen."""


class Owner(OutletOwner, Protocol):
    """The door of an outlet."""

    plain: bool
    """Whether what was typed stays on the screen."""

    def show(self, text: bytes) -> None:
        """Show *text* above the line that is being typed."""

    def count_again(self) -> None:
        """Note that there are more people in a room, or fewer."""

    def prefer(self, preferences: Preferences) -> None:
        """Show everything as the person prefers it."""


class TerminalOutlet(SshOutlet):
    """Shows one person's events and replies at their terminal; what they said themselves, too, unless it is plain."""

    __slots__ = ()

    _owner: Owner

    def deliver(self, batch: Batch) -> bool:
        """Show *batch*; what others say is rendered once for all."""
        if any(type(event) in _COUNTED for event in batch.events):
            self._owner.count_again()
        if self._view is None and self.viewer not in batch.authors:
            return super().deliver(batch)
        with InZone(self.zone):
            rendered = self.dialect.encode(batch, self.viewer, self.session if self._owner.plain else _EVERY)
        if rendered:
            self.write(rendered)
        return not self._full

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Show *reply*; help lists the terminal's own command, too."""
        super().reply(with_status(reply) if isinstance(reply, Help) else reply, ref)

    def prefer(self, preferences: Preferences, nick: str, ignored: Container[str]) -> None:
        """Apply the preferences of the person *nick*."""
        super().prefer(preferences, nick, ignored)
        self._owner.prefer(preferences)

    def write(self, data: bytes) -> None:
        """Show *data*, unless this is closed."""
        if not self._closed and not self.broken:
            self._owner.show(data)
