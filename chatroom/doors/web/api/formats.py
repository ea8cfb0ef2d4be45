"""Formats of streams: which one a request asks for."""

from __future__ import annotations

import h11

from chatroom.dialects.json.event_stream import EventStreamDialect, LineStreamDialect

from .request_parts import preferred


class Formats:
    """
    The formats, each one object, so that everyone who follows a room in one format shares its rendering.

    :param longest_ref: characters that a ``ref`` may have.
    """

    def __init__(self, longest_ref: int) -> None:
        self._all: dict[tuple[str, bool], LineStreamDialect] = {
            (kind.content_type, chunked): kind(longest_ref, chunked=chunked)
            for kind in (EventStreamDialect, LineStreamDialect)
            for chunked in (True, False)
        }

    def of(self, request: h11.Request) -> LineStreamDialect:
        """Return the format for the response to *request*: server-sent events, unless it prefers lines."""
        kind = preferred(request, (EventStreamDialect.content_type, LineStreamDialect.content_type))
        return self._all[kind, request.http_version != b"1.0"]
