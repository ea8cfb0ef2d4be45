"""Standard input, output and errors, without O_NONBLOCK: worker threads wait for them."""

from __future__ import annotations

import contextlib
import os
import select
from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure

from chatroom.system.threads import CallFromThread, WorkerThreads

MAX_UNWRITTEN = 65_536
"""Bytes that may wait to be written before the producer is paused."""
_READ_SIZE = 65_536


class StandardFiles:
    """
    The transport over the standard files of this process.

    Twisted's own makes them non-blocking.  But that is a flag of the open file, not of the descriptor, and others
    have the same file open: the shell, ``tee`` at the end of the pipeline, a terminal's other programs.  Their
    reads and writes would fail.  So each file stays as it is, and a thread waits for it.

    :param call_from_thread: calls a function with arguments on the reactor's thread.
    """

    def __init__(
        self, call_from_thread: CallFromThread, standard_input: int = 0, output: int = 1, errors: int = 2
    ) -> None:
        self._protocol: Any = None
        self._input = standard_input
        self._reader = WorkerThreads(call_from_thread, "standard input")
        self._watcher = WorkerThreads(call_from_thread, "reader of standard output")
        self._reading = False
        """Whether the thread is reading."""
        self._wanted = False
        """Whether the protocol takes input."""
        self._all_read = False
        self._closing = self._closed = self._output_lost = False
        self._producer: IPushProducer | None = None
        self._output = _Output(call_from_thread, output, self._drained, self._lose_output)
        # Lines for the same file stay in order.
        self._errors = (
            self._output
            if _same_file(output, errors)
            else _Output(call_from_thread, errors, self._drained, lambda: None)
        )

    def connect(self, protocol: Any) -> None:
        """Begin to read for *protocol*."""
        self._protocol = protocol
        protocol.makeConnection(self)
        self._watcher.run(partial(_wait_until_unread, self._output.number), self._found_unread)
        self.resumeProducing()

    # Input.

    def pauseProducing(self) -> None:
        """Read no more for now; what is being read may still come."""
        self._wanted = False

    def resumeProducing(self) -> None:
        """Read on."""
        self._wanted = True
        self._read_on()

    def _read_on(self) -> None:
        if self._wanted and not (self._reading or self._all_read or self._closing):
            self._reading = True
            self._reader.run(partial(_read, self._input), self._take)

    def _take(self, data: bytes | Failure) -> None:
        self._reading = False
        if self._closing:
            return
        if isinstance(data, Failure) or not data:
            self._all_read = True
            self._protocol.readConnectionLost()
        else:
            self._protocol.dataReceived(data)
            self._read_on()

    # Output.

    def write(self, data: bytes) -> None:
        """Write *data* to standard output."""
        self._output.write(data)
        if self._producer is not None and self._output.full:
            self._producer.pauseProducing()

    def complain(self, line: str) -> None:
        """Write *line* to standard error."""
        self._errors.write(line.encode(errors="replace") + b"\n")

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:
        """Pause *producer* while standard output is full."""
        self._producer = producer

    def unregisterProducer(self) -> None:
        """Forget the producer."""
        self._producer = None

    def loseConnection(self) -> None:
        """Write what is left, then end."""
        self._closing = True
        self._output.flushed(self._close)

    def _close(self) -> None:
        self._errors.flushed(self._end)

    def _end(self) -> None:
        if not self._closed:
            self._closed = True
            self._protocol.connectionLost()

    def _drained(self) -> None:
        if self._producer is not None and not self._output_lost:
            self._producer.resumeProducing()

    def _found_unread(self, unread: bool | Failure) -> None:
        if unread is True:
            self._output.lose()

    def _lose_output(self) -> None:
        self._output_lost = True
        if not self._closing:
            self._protocol.writeConnectionLost()


class _Output:
    """
    Writes to one file on a thread, a piece after the other.

    :param drained: called when the file has taken what made it full.
    :param lost: called once if nobody reads it any more.
    """

    def __init__(
        self, call_from_thread: CallFromThread, number: int, drained: Callable[[], None], lost: Callable[[], None]
    ) -> None:
        self.number = number
        self._writer = WorkerThreads(call_from_thread, f"file {number}")
        self._call_later = call_from_thread
        self._unwritten = bytearray()
        self._writing = self._was_full = self._is_lost = False
        self._drained = drained
        self._lost = lost
        self._flushed: list[Callable[[], None]] = []

    @property
    def full(self) -> bool:
        """Whether more waits to be written than should."""
        return len(self._unwritten) > MAX_UNWRITTEN

    def write(self, data: bytes) -> None:
        """Write *data* after everything before."""
        if not self._is_lost:
            self._unwritten += data
            self._was_full = self._was_full or self.full
            self._write_on()

    def flushed(self, call: Callable[[], None]) -> None:
        """Call *call*, but not at once, when everything is written or lost."""
        self._flushed.append(call)
        self._call_later(self._write_on)

    def lose(self) -> None:
        """Drop everything: nobody reads it."""
        if not self._is_lost:
            self._is_lost = True
            self._unwritten.clear()
            self._lost()
            self._write_on()

    def _write_on(self) -> None:
        if self._writing and not self._is_lost:
            return
        if self._unwritten:
            piece = bytes(self._unwritten)
            self._unwritten.clear()
            self._writing = True
            self._writer.run(partial(_write, self.number, piece), self._written)
        else:
            calls, self._flushed = self._flushed, []
            for call in calls:
                call()

    def _written(self, result: Failure | None) -> None:
        self._writing = False
        if result is not None:
            self.lose()
        elif self._was_full and not self._unwritten:
            self._was_full = False
            self._drained()
        self._write_on()


def _read(number: int) -> bytes:
    """Wait for input, and return it; nothing at its end, or if the terminal is gone."""
    while True:
        try:
            return os.read(number, _READ_SIZE)
        except BlockingIOError:
            # Somebody else made the file non-blocking; it may need that.
            _wait(number, select.POLLIN)


def _write(number: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        try:
            left = left[os.write(number, left) :]
        except BlockingIOError:
            _wait(number, select.POLLOUT)


def _wait_until_unread(number: int) -> bool:
    """Wait until nobody reads the pipe, socket or terminal; return False if that cannot be found out."""
    return bool(_wait(number, 0) & (select.POLLERR | select.POLLHUP))


def _wait(number: int, events: int) -> int:
    poll = select.poll()
    poll.register(number, events)
    return poll.poll()[0][1]


def _same_file(one: int, other: int) -> bool:
    with contextlib.suppress(OSError):
        return os.path.sameopenfile(one, other)
    return False
