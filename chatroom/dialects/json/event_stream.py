"""JSON objects as a stream over HTTP: server-sent events, or one object a line."""

from __future__ import annotations

from collections.abc import Sequence

from chatroom.chat.events import Batch
from chatroom.chat.replies import Gap, Reply

from .dialect import JsonDialect
from .encoder import reply_line


class LineStreamDialect(JsonDialect):
    """
    One object a line (``application/x-ndjson``), as a part of an HTTP response.

    One rendering goes to everyone who follows a room, so the framing is part of it.

    :param chunked: whether each part is a chunk (RFC 9112, section 7.1); HTTP/1.0 has none.
    """

    content_type = "application/x-ndjson"
    comment = "\n"
    """What carries nothing, and shows that the connection is up."""

    def __init__(self, longest_ref: int, *, chunked: bool = True) -> None:
        super().__init__(longest_ref)
        self._chunked = chunked
        self.pulse = self.framed(self.comment)
        self.end = b"0\r\n\r\n" if chunked else b""
        """The end of the response."""

    def to_bytes(self, lines: Sequence[str]) -> bytes:
        """Put *lines*, each an object, into one part."""
        return self.framed("\n".join([*lines, ""]))

    def opening(self, position: int) -> bytes:
        """Render what comes first: the client has everything up to the seq *position*."""
        return self.pulse

    def framed(self, text: str) -> bytes:
        """Put *text* into one part of the response."""
        data = text.encode()
        return b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data


class EventStreamDialect(LineStreamDialect):
    """
    Server-sent events, as browsers and curl read them (WHATWG HTML, section 9.2): each has its seq as its id.

    So a client that connects again says in ``Last-Event-ID`` what it has.
    """

    content_type = "text/event-stream"
    comment = ":\n\n"

    def encode(self, batch: Batch, viewer: str = "", session: str = "") -> bytes:
        """Render each event with its seq."""
        lines = self.lines(batch, viewer, session)
        return self.framed("".join([_event(seq, line) for seq, line in enumerate(lines, batch.first)]))

    def encode_reply(self, reply: Reply, ref: str | None = None) -> bytes:
        """Render *reply*; after a gap, the client has everything up to its end."""
        line = reply_line(reply, ref)
        return self.framed(_event(reply.last, line) if isinstance(reply, Gap) else f"data: {line}\n\n")

    def opening(self, position: int) -> bytes:
        """Render the seq to begin with, in case the connection breaks before the first event."""
        return self.framed(f"id: {position}\n\n")


def _event(seq: int, line: str) -> str:
    return f"id: {seq}\ndata: {line}\n\n"
