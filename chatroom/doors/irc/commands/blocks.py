"""BATCH: messages of several lines (IRCv3, draft/multiline)."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from chatroom.dialects.irc.message import Message, line

from ..actions import MAX_NAMED, irc
from .messages import say

if TYPE_CHECKING:
    from chatroom.chat.limits import Limits

    from ..client import Client


@irc("BATCH", least=1)
def batch(door: Client, message: Message) -> Coroutine[Any, Any, None] | None:
    """Begin or end a message of several lines."""
    name = message.params[0]
    if name.startswith("+") and message.param(1).lower() == "draft/multiline" and door.block is None:
        door.block = Block(name[1:], message.param(2), message)
        # The answer comes when it is complete.
        door.held = None
    elif name.startswith("-") and door.block is not None and name[1:] == door.block.name:
        block: Block = door.block
        door.block = None
        door.session.ref = door.hold(block.begun.tags.get("label"))
        return block.say(door)
    else:
        door.write(line(door.server.name, "FAIL", "BATCH", "INVALID_BATCH", name[:MAX_NAMED], "No such batch"))
    return None


class Block:
    """A message of several lines on its way; *begun* is the line that began it."""

    def __init__(self, name: str, target: str, begun: Message) -> None:
        self.name = name
        self.target = target
        self.begun = begun
        self.command = ""
        self.refusal: tuple[str, ...] = ()
        self._lines: list[str] = []
        self._size = 0

    def add(self, message: Message, limits: Limits) -> None:
        """Add the line *message*; what is too much is refused in the end."""
        if message.tags["batch"] != self.name or message.params[0] != self.target:
            self.refusal = ("MULTILINE_INVALID_TARGET", self.target, message.params[0][:MAX_NAMED])
            return
        text, most, lines = message.param(1), limits.line, limits.paste
        self.command = self.command or message.command
        concat = "draft/multiline-concat" in message.tags
        self._size += len(text.encode()) + (bool(self._lines) and not concat)
        if self._size > most:
            self.refusal = ("MULTILINE_MAX_BYTES", str(most))
        elif len(self._lines) >= lines:
            self.refusal = ("MULTILINE_MAX_LINES", str(lines))
        elif concat and not text:
            self.refusal = ("MULTILINE_INVALID",)
        elif concat and self._lines:
            self._lines[-1] += text
        else:
            self._lines.append(text)

    async def say(self, door: Client) -> None:
        """Say it."""
        if self.refusal:
            most = door.hub.core.limits.line
            why = "That message cannot be sent"
            if self.refusal[0] == "MULTILINE_MAX_BYTES":
                why = f"A message has at most {most} bytes"
            door.write(line(door.server.name, "FAIL", "BATCH", *self.refusal, why))
            return
        text = "\n".join(self._lines)
        if not text.strip():
            why = "There is nothing in that message"
            door.write(line(door.server.name, "FAIL", "BATCH", "MULTILINE_INVALID", why))
            return
        # Only what is no part of a batch has to fit into one line.
        whole = Message(self.command, (self.target, text), tags={"batch": self.name, **self.begun.tags})
        await say(door, whole, self.target, text)
