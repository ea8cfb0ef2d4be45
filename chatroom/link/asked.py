"""Commands that a door has sent to the house, and keeps until they are answered."""

from __future__ import annotations

from typing import Any, NamedTuple

from chatroom.chat.command_table import Command
from chatroom.chat.refusals import Refusal

from .codec import pack, unpack
from .frames import checked


class RefusedThere(Refusal):
    """A refusal of another process, with the code that it had there."""

    code = "elsewhere"

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code  # type: ignore[misc]


class Asked(NamedTuple):
    """A command, or what was wrong with it, that the house has not answered yet."""

    command: Command | Refusal
    ref: str | None
    at: float
    """The time when it was sent, in seconds since the epoch."""
    ends: int = 0
    """How many houses have ended before they answered it."""

    def saved(self) -> list[Any]:
        """Return it as JSON has it."""
        what = self.command
        return [["", what.code, str(what)] if isinstance(what, Refusal) else pack(what), self.ref, self.at]

    @classmethod
    def restored(cls, saved: Any) -> Asked:
        """
        Return what was `saved`.

        :raises BadFrame: if it is something else.
        """
        packed, ref, at = checked(saved, (list, str | None, float))
        if packed[:1] == [""]:
            return cls(RefusedThere(*checked(packed[1:], (str, str))), ref, at)
        return cls(unpack(packed), ref, at)
