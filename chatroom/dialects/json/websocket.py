"""JSON lines in WebSocket messages (RFC 6455): each contains one or more objects, separated by newlines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

from .dialect import JsonDialect

FULL_MESSAGE = 2**16
"""Characters after which a message takes no further object: some clients refuse very long ones."""


class WebSocketJsonDialect(JsonDialect):
    """
    The same lines as `JsonDialect`, as whole WebSocket frames.

    A server's frames are not masked and nothing in them depends on the connection (we compress nothing),
    so one rendering goes to everyone, as it does at every other door.
    """

    def __init__(self, longest_ref: int) -> None:
        super().__init__(longest_ref)
        self._framing = Connection(ConnectionType.SERVER)

    def to_bytes(self, lines: Sequence[str]) -> bytes:
        """Put *lines* into as few messages as possible."""
        return b"".join(self._framing.send(TextMessage(text)) for text in _messages(lines))


def _messages(lines: Sequence[str]) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for line in lines:
        if held and size + len(line) > FULL_MESSAGE:
            yield "\n".join(held)
            held, size = [], 0
        held.append(line)
        size += len(line) + 1
    if held:
        yield "\n".join(held)
