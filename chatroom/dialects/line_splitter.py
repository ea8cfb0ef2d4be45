"""Line splitter: makes lines of a stream of bytes, each when it is asked for."""

from __future__ import annotations


class LineSplitter:
    """
    Splits what comes into lines, and passes over the rest of lines that are too long.

    ``\\n`` ends a line, with or without a ``\\r`` before it.  Of a line that is too long the first *longest* + 1
    bytes are returned as soon as they are there: so it is seen to be too long, and no more of it is held.
    Thousands of empty lines take no more memory than their bytes.

    :param longest: bytes in a line, without its end.
    """

    __slots__ = ("_at", "_longest", "_skipping", "buffer")

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self.buffer = b""
        """What has come; empty: there is no line to be had."""
        self._at = 0
        """Up to where the buffer has been split."""
        self._skipping = False
        """Whether what comes next is the rest of a line that was too long."""

    def add(self, data: bytes) -> None:
        """*data* has come."""
        if self._skipping:
            _, newline, data = data.partition(b"\n")
            self._skipping = not newline
        self.buffer += data

    def next_line(self) -> bytes | None:
        """Take the next line, without its end; None: not all of it has come."""
        begin, buffer = self._at, self.buffer
        end = buffer.find(b"\n", begin)
        if end < 0:
            # What was split already is not held for the sake of what follows.
            self.buffer, self._at = buffer[begin:], 0
            if len(buffer) - begin <= self._longest + 1:
                return None
            end = len(buffer)
            self._skipping = True
        self._at = end + 1
        if self._at >= len(buffer):
            self.buffer, self._at = b"", 0
        return buffer[begin:end].removesuffix(b"\r")[: self._longest + 1]

    @property
    def rest(self) -> bytes:
        """What has come and has not been split."""
        return self.buffer[self._at :]

    def take(self, size: int | None = None) -> bytes:
        """Take *size* bytes, or all there are, of what has not been split, to be read another way."""
        rest = self.rest
        taken = rest if size is None else rest[:size]
        self.buffer, self._at = rest[len(taken) :], 0
        return taken

    def begin_line(self) -> None:
        """Whatever line has begun, the next byte begins another one."""
        self.buffer, self._at, self._skipping = b"", 0, False
