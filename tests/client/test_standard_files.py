"""Tests of standard input, output and errors, over real pipes and terminals."""

from __future__ import annotations

import os
import queue
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest

from chatroom.client.ui.standard_files import MAX_UNWRITTEN, StandardFiles

from .scripted import Source


class Protocol:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.transport: Any = None
        self.read = b""
        self.told: list[str] = []

    def makeConnection(self, transport: Any) -> None:
        self.transport = transport

    def dataReceived(self, data: bytes) -> None:
        self.read += data

    def readConnectionLost(self) -> None:
        self.told.append("all read")

    def writeConnectionLost(self) -> None:
        self.told.append("unread")

    def connectionLost(self) -> None:
        self.told.append("over")


class Counted(Source):
    """Counts how often it was paused and resumed."""

    def __init__(self) -> None:
        self.paused = self.resumed = 0

    def pauseProducing(self) -> None:
        self.paused += 1

    def resumeProducing(self) -> None:
        self.resumed += 1


class Process:
    """Files, a protocol, and a reactor that does one thing after the other."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._calls: queue.Queue[tuple[Callable[..., object], tuple[Any, ...]]] = queue.Queue()
        self.protocol = Protocol()
        self.input, self.typing = self.kept(os.pipe())
        self.reader, self.output = self.kept(os.pipe())
        self.error_reader, self.errors = self.kept(os.pipe())

    def kept(self, numbers: tuple[int, int]) -> tuple[int, int]:
        """Close *numbers* in the end, unless the test does."""
        for number in numbers:
            self._stack.callback(close, number)
        return numbers

    def begins(self) -> StandardFiles:
        files = StandardFiles(lambda call, *args: self._calls.put((call, args)), self.input, self.output, self.errors)
        files.connect(self.protocol)
        return files

    def until(self, true: Callable[[], object]) -> None:
        """Do what threads ask for until it is so."""
        deadline = time.monotonic() + 15
        while not true():
            assert time.monotonic() < deadline
            # Now and then anyway: a thread may wait for what *true* does.
            with suppress(queue.Empty):
                call, args = self._calls.get(timeout=0.05)
                call(*args)


def close(number: int) -> None:
    with suppress(OSError):
        os.close(number)


@pytest.fixture
def process() -> Iterator[Process]:
    with ExitStack() as stack:
        yield Process(stack)


def drained(number: int) -> bool:
    """Read all that is there."""
    try:
        while os.read(number, 65_536):
            pass
    except BlockingIOError:
        pass
    return True


def flags(*numbers: int) -> list[bool]:
    return [os.get_blocking(number) for number in numbers]


def chats(process: Process) -> None:
    """Read a line, write one to each file, and end; the files stay as they are meanwhile."""
    before = flags(process.input, process.output, process.errors)
    files = process.begins()
    os.write(process.typing, b"hello\n")
    process.until(lambda: process.protocol.read)
    files.write(b"-- Welcome\n")
    files.complain("!! No.")
    assert flags(process.input, process.output, process.errors) == before
    files.loseConnection()
    process.until(lambda: "over" in process.protocol.told)
    assert flags(process.input, process.output, process.errors) == before


def test_what_others_share_stays_blocking(process: Process):
    """The shell, and the programs of the pipeline, have these files open, too."""
    chats(process)
    assert process.protocol.read == b"hello\n"
    assert os.read(process.reader, 100) == b"-- Welcome\n"
    assert os.read(process.error_reader, 100) == b"!! No.\n"


def test_a_terminal_shared_with_tee_stays_blocking(process: Process):
    """Its input is ours, its output that of the last program."""
    process.typing, process.input = process.kept(os.openpty())
    chats(process)
    os.write(process.input, b"tee writes on\n")


def test_what_somebody_else_has_made_non_blocking_works_and_stays_so(process: Process):
    """They may need it."""
    for number in (process.input, process.output, process.errors):
        os.set_blocking(number, False)
    files = process.begins()
    files.write(b"x" * 200_000)
    os.write(process.typing, b"hello\n")
    process.until(lambda: process.protocol.read)
    assert flags(process.input, process.output, process.errors) == [False] * 3
    files.loseConnection()
    os.set_blocking(process.reader, False)
    process.until(lambda: drained(process.reader) and process.protocol.told)


def test_a_socket_serves_as_well(process: Process):
    """As with inetd."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        process.input = process.output = ours.fileno()
        process.typing = process.reader = theirs.fileno()
        chats(process)
        assert theirs.recv(100) == b"-- Welcome\n"


@pytest.mark.parametrize("path", [os.devnull, __file__])
def test_a_file_is_read_to_its_end(process: Process, path: str):
    """It is always ready, so no reactor waits for it."""
    with open(path, "rb") as file:
        process.input = file.fileno()
        process.begins()
        process.until(lambda: process.protocol.told)
    with open(path, "rb") as file:
        assert (process.protocol.read, process.protocol.told) == (file.read(), ["all read"])


def test_input_that_nobody_takes_is_not_read(process: Process):
    """But for one piece, which was being read."""
    files = process.begins()
    files.pauseProducing()
    os.write(process.typing, b"one\n")
    process.until(lambda: process.protocol.read)
    os.write(process.typing, b"two\n")
    files.resumeProducing()
    process.until(lambda: process.protocol.read == b"one\ntwo\n")
    os.close(process.typing)
    process.until(lambda: process.protocol.told == ["all read"])


def test_a_terminal_that_is_gone_is_the_end_of_the_input(process: Process):
    """Reading fails then, for ever."""
    outer, process.input = process.kept(os.openpty())
    process.begins()
    os.close(outer)
    process.until(lambda: process.protocol.told == ["all read"])


def test_output_that_nobody_reads_pauses_the_source(process: Process):
    """And what was waiting is written when somebody does."""
    files, source = process.begins(), Counted()
    files.registerProducer(source, True)
    for _ in range(4):
        files.write(b"x" * MAX_UNWRITTEN)
    assert source.paused
    os.set_blocking(process.reader, False)
    process.until(lambda: drained(process.reader) and source.resumed)
    files.unregisterProducer()
    files.loseConnection()
    process.until(lambda: process.protocol.told)


def test_a_reader_that_goes_is_noticed_at_once(process: Process):
    """``chatroom | head -3`` ends without another line."""
    files = process.begins()
    os.close(process.reader)
    process.until(lambda: process.protocol.told == ["unread"])
    files.write(b"nobody reads this\n")
    files.loseConnection()
    process.until(lambda: process.protocol.told == ["unread", "over"])


def test_errors_that_go_to_the_same_file_stay_in_order(process: Process):
    """``chatroom 2>&1 | less``."""
    process.errors = os.dup(process.output)
    process.kept((process.errors, process.errors))
    files = process.begins()
    for number in range(100):
        files.write(b"%d\n" % (2 * number))
        files.complain(f"{2 * number + 1}")
    files.loseConnection()
    process.until(lambda: process.protocol.told)
    text = os.read(process.reader, 65_536)
    assert text.split() == [b"%d" % number for number in range(200)]


def test_errors_that_nobody_reads_are_no_error(process: Process):
    """Standard error may be the same pipe."""
    files = process.begins()
    os.close(process.error_reader)
    files.complain("!! No.")
    files.loseConnection()
    process.until(lambda: process.protocol.told == ["over"])
