"""The shared side of the IRC dialect: what was said, rendered once for all clients with the same capabilities."""

from __future__ import annotations

from chatroom.chat.events import Acted, Batch, Event, Joined, Noticed, Said
from chatroom.chat.replies import Refused, Reply

from ..base import Decoded, View
from ..views import ViewPreferences
from .framing import Framing, in_lines
from .happenings import joined_lines
from .look import Look
from .message import bare_line
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

_PLACES = "irc places"
"""The cache key for which events of a batch are whose."""


class IrcDialect:
    """
    The IRC dialect of one `Look` on one kind of wire.

    Public talk, and that people come in, reads the same to everyone; a `Viewer` writes everything else, and what a
    client asks for is parsed by the door, because it depends on what has come before.
    """

    def __init__(self, look: Look, framing: Framing = in_lines) -> None:
        self.look = look
        self._framing = framing
        self._parts = (self, "parts")
        """The cache key for a batch's events."""
        self._lines = (look, "lines")
        """The cache key for their lines, which all kinds of wires share."""

    def decode(self, line: bytes, named: bool) -> Decoded:
        """Refuse: see the class."""
        raise NotImplementedError("the door parses IRC")

    def encode(self, batch: Batch, viewer: str = "", session: str = "") -> bytes:
        """Render *batch*, which is `shared`; for an author, without what this session said, and that they came in."""
        parts = self.parts(batch)
        if viewer:
            parts, whose = parts.copy(), places(batch)
            for place in (*whose.get(session or viewer, ()), *whose.get((viewer,), ())):
                parts[place] = b""
        return b"".join(parts)

    def parts(self, batch: Batch) -> list[bytes]:
        """Render each event of *batch*, which is `shared`, once for all."""
        found: list[bytes] | None = batch.renderings.get(self._parts)
        if found is None:
            found = batch.renderings[self._parts] = list(map(self._framing, self.lines_of(batch)))
        return found

    def lines_of(self, batch: Batch) -> list[list[str]]:
        """Write the lines of each event of *batch*, which is `shared`, once for all wires."""
        found: list[list[str]] | None = batch.renderings.get(self._lines)
        if found is None:
            found = batch.renderings[self._lines] = [self._render(seq, event) for seq, event in batch]
        return found

    def _render(self, seq: int, event: Event) -> list[str]:
        if type(event) is Joined:
            return joined_lines(self.look, seq, event)
        return talk_lines(self.look, seq, event, target_of(event))

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply* for a client that is turned away."""
        return self._framing([bare_line("ERROR", reply.text)]) if isinstance(reply, Refused) else b""

    def personal(self, preferences: ViewPreferences) -> IrcView | None:
        """Make a view for a person who ignores somebody; clients do everything else themselves."""
        return IrcView(self, preferences) if preferences.ignored else None


class IrcView(View):
    """IRC without what ignored people say; its renderings are made by the `Viewer` of the connection."""


def places(batch: Batch) -> dict[str | tuple[str], list[int]]:
    """Tell where the events of each session are in *batch*, and under ``(identity,)`` where somebody comes in."""
    found: dict[str | tuple[str], list[int]] | None = batch.renderings.get(_PLACES)
    if found is None:
        found = batch.renderings[_PLACES] = {}
        for place, event in enumerate(batch.events):
            found.setdefault((event.by,) if type(event) is Joined else event.origin, []).append(place)
    return found


def shared(batch: Batch) -> bool:
    """Return whether all of *batch* reads the same to everyone but its authors."""
    found: bool | None = batch.renderings.get(_SHARED)
    if found is None:
        found = batch.renderings[_SHARED] = {type(event) for event in batch.events} <= _SAME
    return found
