"""Line splitter: splits a stream of bytes into lines, on demand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SavedLines:
    """The state of a `LineSplitter`: what it has not split, and whether the rest of the current line is skipped."""

    rest: bytes
    skipping: bool


class LineSplitter:
    """
    Splits input into lines, and skips the rest of lines that are too long.

    ``\\n`` ends a line, with or without a ``\\r`` before it.  Of a line that is too long, the first *longest* + 1
    bytes are returned at once, so the caller sees that it is too long, and the rest is not buffered.  Thousands of
    empty lines take no more memory than their bytes.

    :param longest: bytes in a line, without its end.
    """

    __slots__ = ("_at", "_longest", "_skipping", "buffer")

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self.buffer = b""
        """The input buffer; empty: there is no line."""
        self._at = 0
        """The position up to which the buffer has been split."""
        self._skipping = False
        """Whether the next input is the rest of a line that was too long."""

    def add(self, data: bytes) -> None:
        """Append *data*."""
        if self._skipping:
            _, newline, data = data.partition(b"\n")
            self._skipping = not newline
        self.buffer += data

    def next_line(self) -> bytes | None:
        """Return the next line, without its end; None if it is incomplete."""
        begin, buffer = self._at, self.buffer
        end = buffer.find(b"\n", begin)
        if end < 0:
            # Drop what was split already.
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
        """The input that has not been split."""
        return self.buffer[self._at :]

    def take(self, size: int | None = None) -> bytes:
        """Take *size* bytes, or all, of the unsplit input, for another parser."""
        rest = self.rest
        taken = rest if size is None else rest[:size]
        self.buffer, self._at = rest[len(taken) :], 0
        return taken

    def saved(self) -> SavedLines:
        """Return the state, for `restore`."""
        return SavedLines(self.rest, self._skipping)

    def restore(self, saved: SavedLines) -> None:
        """Continue in another one's state."""
        self.buffer, self._at, self._skipping = saved.rest, 0, saved.skipping

    def begin_line(self) -> None:
        """Start a new line with the next byte."""
        self.buffer, self._at, self._skipping = b"", 0, False
