"""What every dialect can do: the port that the doors are written against."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from chatroom.chat.commands import Command
from chatroom.chat.events import Batch
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import Reply


class Asked(NamedTuple):
    """One line, read: a command, the reason why it is none, or None for a line that asks nothing."""

    command: Command | Refusal | None
    ref: str | None = None
    """The asker's own mark on the command."""


class Dialect(Protocol):
    """A pure rendering between events and commands, and one wire's bytes."""

    def decode(self, line: bytes, named: bool) -> Asked:
        """Read one line, without its newline; *named*: the asker has a nick already."""

    def encode(self, batch: Batch, viewer: str = "") -> bytes:
        """Render *batch* for the identity *viewer*, or for anyone who took no part in it."""

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply* for the asker, whose mark was *ref*."""
