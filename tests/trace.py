"""
``python -m tests.trace``: counts the calls of two requests, from the bytes that come in to the sockets of four others.

A call is a function of ours that begins, with coroutines and generators, whose later steps are not counted again.  The
body of a comprehension is no call: Python runs it in place from 3.12 on.  Everybody comes in by the text door over a
socket, and the journal is the one on disk, which works at once instead of on threads of its own.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Any, NamedTuple

from twisted.internet.interfaces import ISystemHandle
from twisted.internet.task import Clock
from zope.interface import implementer

import chatroom
from chatroom.chat.ports import RecordChange
from chatroom.journal.sqlite import SqliteJournal
from tests.house import HERE, START, House, LinePerson
from tests.journal.stand_ins import AtOnce
from tests.wires import Wire

PACKAGE = Path(chatroom.__file__).parent

REQUESTS = ("hello", "/ban bob 1h")
"""What is traced; the second by an operator of the room."""

OTHERS = ("bob", "carol", "dave", "erin")

_INLINE = ("<listcomp>", "<setcomp>", "<dictcomp>")
"""Functions of Python 3.11 that are none from 3.12 on."""


class Call(NamedTuple):
    """One call: in which file of the package, and of what."""

    file: str
    function: str


@implementer(ISystemHandle)
class SocketWire(Wire):
    """A connection over a socket, to which the house writes directly."""

    def __init__(self, clock: Clock, address: object = HERE) -> None:
        super().__init__(clock, address)
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)

    def getHandle(self) -> socket.socket:
        """Return the server's end."""
        return self._near

    def write(self, data: bytes) -> None:
        self._near.send(data)

    def read(self) -> str:
        """Read what the person has received."""
        try:
            return self._far.recv(2**16).decode()
        except BlockingIOError:
            return ""

    def close(self) -> None:
        """Close both ends."""
        self._near.close()
        self._far.close()


class SocketPerson(LinePerson):
    """Somebody with nc, over a socket."""

    wires = SocketWire


def trace(request: str) -> tuple[list[Call], list[str]]:
    """Trace *request*; return the calls, and what each of the others was shown."""
    # The first command fills the caches of the process.
    _trace_once(request)
    return _trace_once(request)


def _trace_once(request: str) -> tuple[list[Call], list[str]]:
    with _house() as house:
        people = [house.join(nick, SocketPerson) for nick in ("ann", *OTHERS)]
        ann = house.hub.core.people.named("ann")
        house.hub.rooms.get("lobby").apply(RecordChange("lobby", "operator", ann.party, {"nick": "ann"}))
        for person in people:
            person.wire.read()
        calls = _calls_of(lambda: _ask(house, people[0], request))
        shown = [person.wire.read() for person in people[1:]]
        for person in people:
            person.wire.close()
    return calls, shown


def _ask(house: House, person: SocketPerson, request: str) -> None:
    person.wire.protocol.dataReceived(f"{request}\n".encode())
    while any(call.getTime() <= house.clock.seconds() for call in house.clock.getDelayedCalls()):
        house.settle()


@contextmanager
def _house() -> Iterator[House]:
    """Open a house with a journal on disk that needs no thread."""
    clock = Clock()
    clock.rightNow = START
    with TemporaryDirectory() as folder:
        journal = SqliteJournal(
            Path(folder),
            clock.callLater,
            lambda call, *args: clock.callLater(0, call, *args),
            now=clock.seconds,
            worker=AtOnce,
        )
        yield House(journal=journal, clock=clock)
        journal.close()
        clock.advance(0)


def _calls_of(act: Callable[[], object]) -> list[Call]:
    """Do *act*, and return the calls that it takes."""
    calls: list[Call] = []
    # The frames themselves, so that no other one gets the same place in memory.
    begun: set[FrameType] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        path = Path(code.co_filename)
        if event == "call" and path.is_relative_to(PACKAGE) and code.co_name not in _INLINE and frame not in begun:
            begun.add(frame)
            calls.append(Call(str(path.relative_to(PACKAGE)), code.co_qualname))

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls


def main() -> None:
    """Print the calls of each request, by file or one by one."""
    parser = argparse.ArgumentParser(prog="python -m tests.trace", description="count the calls of two requests")
    parser.add_argument("--list", action="store_true", help="list the calls in their order, not the files")
    listed = parser.parse_args().list
    for request in REQUESTS:
        calls, _ = trace(request)
        files = Counter(call.file for call in calls)
        print(f"{request}: {len(calls)} calls in {len(files)} files")
        rows = calls if listed else [(count, file) for file, count in files.most_common()]
        for row in rows:
            print("   ", *row)


if __name__ == "__main__":
    main()
