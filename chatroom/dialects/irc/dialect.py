"""The shared side of the IRC dialect: what was said, rendered once for all clients with the same capabilities."""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.chat.events import Acted, Batch, Event, Joined, Noticed, Said
from chatroom.chat.replies import Refused, Reply

from ..base import Decoded, View
from ..sanitize import clean
from ..views import ViewPreferences
from .happenings import joined_lines
from .look import Look
from .message import MAX_LINE, bare_line
from .talk import talk_lines, target_of

_SAME = frozenset({Said, Acted, Noticed, Joined})
"""The events that read the same to everyone."""

RENDERED = frozenset(
    {
        "account-tag",
        "away-notify",
        "batch",
        "draft/multiline",
        "extended-join",
        "message-tags",
        "server-time",
    }
)
"""The capabilities that change how these events read: a batch is rendered at most once for each set of them."""

_SHARED = "irc shared"
"""The cache key for whether a batch has no others."""

_ACTION = "\1"
"""What stands around an action."""


class IrcDialect:
    """
    The IRC dialect of one `Look`.

    Public talk, and that people come in, reads the same to everyone; a `Viewer` writes everything else, and what a
    client asks for is parsed by the door, because it depends on what has come before.
    """

    def __init__(self, look: Look) -> None:
        self.look = look
        self._parts = (self, "parts")
        """The cache key for a batch's events."""

    def decode(self, line: bytes, named: bool) -> Decoded:
        """Refuse: see the class."""
        raise NotImplementedError("the door parses IRC")

    def encode(self, batch: Batch, viewer: str = "", session: str = "") -> bytes:
        """Render *batch*, which is `shared`, as everyone but its authors gets it."""
        return b"".join(self.parts(batch))

    def parts(self, batch: Batch) -> list[bytes]:
        """Render each event of *batch*, which is `shared`, once for all: authors are shown all but their own."""
        found: list[bytes] | None = batch.renderings.get(self._parts)
        if found is None:
            found = [to_bytes(self._lines(seq, event)) for seq, event in batch]
            batch.renderings[self._parts] = found
        return found

    def _lines(self, seq: int, event: Event) -> list[str]:
        if type(event) is Joined:
            return joined_lines(self.look, seq, event)
        return talk_lines(self.look, seq, event, target_of(event))

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply* for a client that is turned away."""
        return to_bytes([bare_line("ERROR", reply.text)]) if isinstance(reply, Refused) else b""

    def personal(self, preferences: ViewPreferences) -> IrcView | None:
        """Make a view for a person who ignores somebody; clients do everything else themselves."""
        return IrcView(self, preferences) if preferences.ignored else None


class IrcView(View):
    """IRC without what ignored people say; its renderings are made by the `Viewer` of the connection."""


def shared(batch: Batch) -> bool:
    """Return whether all of *batch* reads the same to everyone but its authors."""
    found: bool | None = batch.renderings.get(_SHARED)
    if found is None:
        found = batch.renderings[_SHARED] = {type(event) for event in batch.events} <= _SAME
    return found


def to_bytes(lines: Sequence[str]) -> bytes:
    """
    Put *lines* together as they are sent.

    Some repeat what a client has sent, so whatever could damage a screen is removed here, and what is too long is cut.
    """
    return "\r\n".join([*map(_fitting, lines), ""]).encode() if lines else b""


def _fitting(line: str) -> str:
    if not line.isprintable():
        line = _ACTION.join(map(clean, line.split(_ACTION)))
    most = MAX_LINE - 2
    if len(line) * 4 <= most:
        return line
    tags, space, rest = line.partition(" ") if line.startswith("@") else ("", "", line)
    encoded = rest.encode()
    return line if len(encoded) <= most else f"{tags}{space}{encoded[:most].decode(errors='ignore')}"
