"""Plain text, one event a line: what people read in nc and telnet, and type."""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.chat.commands import typed
from chatroom.chat.commands.names import Hello
from chatroom.chat.events import Acted, Batch, Event, Joined, Left, Received, Renamed, Said
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import PasswordWanted, Reply

from ..base import Asked
from ..sanitize import decode
from .events import event_lines
from .replies import reply_lines

OWN_UNSHOWN = (Said, Acted, Joined, Left, Renamed, Received)
"""Events whose maker is not shown them: the terminal shows what was typed, or a reply says it."""


class TextDialect:
    """
    The text dialect.

    :param rooms: name the room in every line, because the person is in several.
    :param newline: ``\\n``, or ``\\r\\n`` for a telnet client.
    """

    def __init__(self, *, rooms: bool = False, newline: str = "\n") -> None:
        self.rooms = rooms
        self.newline = newline
        self._lines = (self, "lines")
        """Where a batch keeps a line for each of its events."""

    def decode(self, line: bytes, named: bool) -> Asked:
        """Read what was typed; who has no nick yet is asked for it, and an empty line asks nothing."""
        try:
            text = decode(line).strip()
            if not text:
                return Asked(None)
            if named or text == "exit" or text.startswith("/"):
                return Asked(typed(text))
            return Asked(Hello(text))
        except Refusal as refusal:
            return Asked(refusal)

    def encode(self, batch: Batch, viewer: str = "") -> bytes:
        """Render each event as one line, or several if it was pasted; runs of joins and of leaves as one for all."""
        if viewer:
            # The commonest case by far, and one rendering for each who spoke: the lines are shared.
            lines = self._talk_lines(batch)
            if lines is not None:
                return self.wire([line for line, one in zip(lines, batch.events, strict=True) if one.by != viewer])
            others = [one for one in batch.events if one.by != viewer or type(one) not in OWN_UNSHOWN]
            return self.wire(self._render(others, viewer))
        return self.wire(self._render(batch.events))

    def _talk_lines(self, batch: Batch) -> list[str] | None:
        """Return a line for each event, worked out once; None if not each is one, the same to everyone."""
        if self._lines not in batch.renderings:
            lines = self._render(batch.events) if batch.talk else []
            batch.renderings[self._lines] = lines if len(lines) == len(batch) else None
        found: list[str] | None = batch.renderings[self._lines]
        return found

    def _render(self, events: Sequence[Event], viewer: str = "") -> list[str]:
        return event_lines(events, viewer, rooms=self.rooms)

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply* as one line or more; a question for a password lacks its end: the answer is typed there."""
        if type(reply) is PasswordWanted:
            return f"-- {self.question(reply)}: ".encode()
        return self.wire(reply_lines(reply))

    def question(self, wanted: PasswordWanted) -> str:
        """Ask for the password that is *wanted*; only with telnet can it be hidden what is typed."""
        whose = f" for {wanted.nick}" if wanted.nick else ""
        return f"Password{whose}" + ("" if self.newline == "\r\n" else " (visible unless you use telnet)")

    def wire(self, lines: Sequence[str]) -> bytes:
        """Put *lines* together as they go to this kind of client."""
        return self.newline.join([*lines, ""]).encode() if lines else b""
