"""Cuts a stream of bytes into lines, and passes over lines that are too long."""

from __future__ import annotations

from collections.abc import Callable

from twisted.protocols.basic import LineReceiver


class LineSplitter(LineReceiver):
    """
    A receiver of lines for which a line that is too long is no reason to hang up.

    ``\\n`` ends a line, with or without a ``\\r`` before it.  A line that is too long is told of once,
    and passed over up to its end, wherever that is.

    :param longest: bytes in a line, without its end.
    """

    delimiter = b"\n"
    lineTooLong: Callable[[], None]
    """There was a line that is too long: a subclass says so."""

    def __init__(self, longest: int) -> None:
        # Room for the carriage return, and one byte to see that a line is too long.
        self.MAX_LENGTH = longest + 2
        self._surplus = b""

    def dataReceived(self, data: bytes) -> None:
        """Cut *data*, and what was left of the data before."""
        if self._surplus:
            # What follows a line that was too long comes before anything newer.
            data, self._surplus = self._surplus + data, b""
        super().dataReceived(data)
        while self._surplus and not self.paused:
            surplus, self._surplus = self._surplus, b""
            super().dataReceived(surplus)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Tell of a line that is too long, and pass over it up to its end."""
        _, newline, self._surplus = line.partition(self.delimiter)
        self.lineTooLong()
        if not newline:
            self.setRawMode()

    def rawDataReceived(self, data: bytes) -> None:
        """Pass over the rest of a line that was too long."""
        _, newline, self._surplus = data.partition(self.delimiter)
        if newline:
            self.setLineMode()

    def take_back(self) -> bytes:
        """Return what has come and has not been cut into lines yet, to be read another way."""
        rest, self._surplus = self._surplus + self.clearLineBuffer(), b""
        return rest

    def put_back(self, rest: bytes) -> None:
        """Cut *rest* next, after all; for use while a line is being received."""
        # While it calls us, this only keeps what it is given.
        super().dataReceived(rest)
