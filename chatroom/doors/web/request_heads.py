"""Request heads: finds where the heads of HTTP requests end, so that only whole ones are parsed."""

from __future__ import annotations

import re

from .responses import Response, text_response

MAX_HEAD = 8192
"""Bytes in the first line and the headers of a request; browsers need less than 2,000."""

MAX_HEAD_LINES = 100
"""Lines in a head; browsers send some 20, and each takes a microsecond to parse."""

_END = re.compile(rb"\n\r?\n")
_PRINTABLE = 0x21
"""Where bytes begin that a request can begin with."""


class BadRequest(Exception):
    """
    What has come isn't a request, or isn't one that we read.

    :param response: what is answered.
    """

    def __init__(self, response: Response) -> None:
        super().__init__(response.reason)
        self.response = response


class RequestHeads:
    """What has come of requests and has not been taken."""

    __slots__ = ("_data", "_end", "_searched")

    def __init__(self) -> None:
        self._data = bytearray()
        self._searched = self._end = 0
        """Up to where no head ends, and where the first one does."""

    def __len__(self) -> int:
        """Tell how many bytes have not been taken."""
        return len(self._data)

    @property
    def size(self) -> int:
        """How many bytes the first head has, if it is ready."""
        return self._end or len(self._data)

    def add(self, data: bytes) -> None:
        """*data* has come."""
        self._data += data

    @property
    def ready(self) -> bool:
        """Whether there is something to answer: a whole head, or what cannot become one."""
        if not self._data or self._end:
            return bool(self._end)
        found = _END.search(self._data, self._searched)
        if found is not None:
            self._end = found.end()
            return True
        self._searched = max(0, len(self._data) - 2)
        return len(self._data) > MAX_HEAD or self._data[0] < _PRINTABLE

    def take(self) -> bytes:
        """
        Take the first head, with the empty line at its end; it must be ready.

        :raises BadRequest: if it is too long, or cannot be the head of a request.
        """
        size, end = self.size, self._end
        self._searched = self._end = 0
        if size > MAX_HEAD or self._data.count(b"\n", 0, end) > MAX_HEAD_LINES:
            raise BadRequest(text_response(431, "That request is too long.", last=True))
        if self._data[0] < _PRINTABLE:
            raise not_understood()
        head = bytes(self._data[:end])
        del self._data[:end]
        return head

    def rest(self) -> bytes:
        """Take whatever follows the heads that were taken."""
        rest = bytes(self._data)
        self._data.clear()
        return rest


def not_understood() -> BadRequest:
    """Build the refusal of what isn't a request."""
    return BadRequest(text_response(400, "That is not a request that can be understood.", last=True))
