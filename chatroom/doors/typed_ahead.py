"""Typing ahead: keeps back what may be a password, typed before it was seen that none is wanted."""

from __future__ import annotations

from typing import cast

from chatroom.chat.command_table import SPECS, Command, lacks_secret
from chatroom.chat.commands.messages import Say
from chatroom.chat.refusals import NotNow
from chatroom.dialects.base import Decoded

from .door import Door

_TYPED_AHEAD = 1.0
"""Seconds in which nobody reads a refusal and types a line that has nothing to do with it."""


class TypingDoor(Door):
    """A door at which people type commands that ask for a password."""

    _asked = False
    """Whether the last command asks for a secret, which may have been typed ahead."""
    _no_talk_until = 0.0
    """The time until which what was typed may be a secret, because the command that wanted it was refused."""

    def _without_secret(self, decoded: Decoded) -> Decoded:
        """Refuse what would be said and may be a password, typed before it was seen that none was wanted."""
        command = decoded.command
        if type(command) is Say and self.factory.clock.seconds() < self._no_talk_until:
            return Decoded(NotNow("Not sent: it came so soon after that command that it may be a password."))
        self._asked = self.factory.typed and type(command) in SPECS and lacks_secret(cast(Command, command))
        return decoded

    def refused(self) -> None:
        """Note that a command was refused, and perhaps that a password is on its way nevertheless."""
        super().refused()
        if self._asked:
            self._asked, self._no_talk_until = False, self.factory.clock.seconds() + _TYPED_AHEAD
