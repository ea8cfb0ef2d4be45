"""Request heads: splits the input into whole HTTP request heads."""

from __future__ import annotations

import re

from .responses import Response, text_response

MAX_HEAD = 8192
"""Longest request head, in bytes; browsers need less than 2,000."""

MAX_HEAD_LINES = 100
"""Most lines in a head; browsers send some 20, and each takes a microsecond to parse."""

_END = re.compile(rb"\n\r?\n")
_EMPTY = re.compile(rb"\r?\n")
_PRINTABLE = 0x21
"""The lowest byte that can start a request."""


class BadRequest(Exception):
    """
    The request is invalid or not supported.

    :param response: the response to send.
    """

    def __init__(self, response: Response) -> None:
        super().__init__(response.reason)
        self.response = response


class RequestHeads:
    """A buffer of request heads."""

    __slots__ = ("_data", "_end", "_may_skip", "_searched")

    def __init__(self) -> None:
        self._data = bytearray()
        self._searched = self._end = 0
        """The position up to which no head ends, and the end of the first head."""
        self._may_skip = True
        """Whether the next head may have an empty line before it (RFC 9112, section 2.2)."""

    def __len__(self) -> int:
        """Return the number of bytes in the buffer."""
        return len(self._data)

    @property
    def size(self) -> int:
        """Return the size of the first head, if it is ready."""
        return self._end or len(self._data)

    def add(self, data: bytes) -> None:
        """Append *data*."""
        self._data += data

    def give_back(self, data: bytes) -> None:
        """Put *data*, which was taken and is not of a body, in front."""
        self._data[:0] = data
        self._searched = self._end = 0

    def begin(self) -> None:
        """Note that a head comes next; skip an empty line before it."""
        found = _EMPTY.match(self._data) if self._may_skip else None
        if found is not None:
            del self._data[: found.end()]
            self._may_skip = False

    @property
    def ready(self) -> bool:
        """Whether there is something to answer: a whole head, or invalid bytes."""
        if self._end:
            return True
        self.begin()
        if not self._data or (self._may_skip and self._data == b"\r"):
            return False
        found = _END.search(self._data, self._searched)
        if found is not None:
            self._end = found.end()
            return True
        self._searched = max(0, len(self._data) - 2)
        return len(self._data) > MAX_HEAD or self._data[0] < _PRINTABLE

    def take(self) -> bytes:
        """
        Take the first head, which must be ready, including its empty line.

        :raises BadRequest: if it is too long or invalid.
        """
        size, end = self.size, self._end
        self._searched = self._end = 0
        self._may_skip = True
        if size > MAX_HEAD or self._data.count(b"\n", 0, end) > MAX_HEAD_LINES:
            raise BadRequest(text_response(431, "That request is too long.", last=True))
        if self._data[0] < _PRINTABLE:
            raise not_understood()
        head = bytes(self._data[:end])
        del self._data[:end]
        return head

    def rest(self, most: int | None = None) -> bytes:
        """Take the bytes after the heads taken so far, or *most* of them."""
        rest = bytes(self._data[:most])
        del self._data[:most]
        return rest


def not_understood() -> BadRequest:
    """Build the refusal of an invalid request."""
    return BadRequest(text_response(400, "That is not a valid request.", last=True))
