"""
What it costs a house to have people attached, in process: no sockets, nothing stored.

``python -m benchmarks.attaching PEOPLE``: they are in rooms of a hundred when a house begins, and four doors attach
them.  It prints the CPU time and the memory of each, and how long the longest garbage collection was.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.testing import StringTransport

from chatroom.chat.access.cards import Card
from chatroom.chat.events import Joined
from chatroom.chat.hub import Hub
from chatroom.chat.policy import Policy
from chatroom.chat.replies import Preferences
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.outlets.fan_out import fan_out
from chatroom.journal.memory import MemoryJournal
from chatroom.link.house import LinkFactory
from chatroom.link.wire import VERSION, Link, encode
from chatroom.passwords import ArgonPasswords
from chatroom.server.garbage_collection import FULL, LongCollections, freeze_what_stays
from chatroom.server.runtime import TwistedRuntime

ROOM = 100
"""People in a room."""
DOORS = 4
AT_ONCE = 65_536
"""Bytes that are read in one turn of a reactor."""


class Call:
    """A call that waits for its turn, or will never have one."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call: Callable[[], object] | None = call

    def cancel(self) -> None:
        """Forget it."""
        self.call = None

    def active(self) -> bool:
        """Return whether it waits."""
        return self.call is not None


class Turns:
    """The turns of a reactor without time: what is to happen later than at once never does."""

    seconds = staticmethod(time.monotonic)

    def __init__(self) -> None:
        self._due: deque[Call] = deque()

    def callLater(self, delay: float, call: Callable[..., object], *what: object) -> Call:
        """Call *call* in one of the next turns, if the *delay* is none."""
        later = Call(lambda: call(*what))
        if not delay:
            self._due.append(later)
        return later

    def run(self) -> None:
        """Take turns until nothing is due."""
        while self._due:
            due = self._due.popleft()
            if due.call is not None:
                call, due.call = due.call, None
                call()


class Pauses:
    """Measures full garbage collections, in seconds of CPU time."""

    def __init__(self) -> None:
        self.longest = self._begun = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, info: dict[str, int]) -> None:
        if info["generation"] == FULL:
            if phase == "start":
                self._begun = time.process_time()
            else:
                self.longest = max(self.longest, time.process_time() - self._begun)


class Attaching:
    """A house that goes on with so many *people*, and their doors."""

    def __init__(self, people: int) -> None:
        self._people = people
        self._turns: Any = Turns()
        journal = MemoryJournal(self._turns.callLater)
        for n in range(people):
            journal._store([Joined(f"room{n // ROOM}", 1.0, f"identity{n:014}", f"n{n}")], [])
        passwords = ArgonPasswords(self._turns.callLater)
        self._hub = Hub(TwistedRuntime(self._turns), journal, Policy(), "benchmark", fan_out, passwords)
        self._hub.open(keep=True)
        nothing: Any = None
        self._links = LinkFactory(self._hub, self._turns, lambda link: nothing, ConnectionLimits(0))
        self._doors = [self._door(number) for number in range(DOORS)]

    def _door(self, number: int) -> Link:
        door = self._links.buildProtocol(None)
        door.makeConnection(StringTransport())
        door.dataReceived(_framed(["hello", VERSION, f"door {number}"]))
        return door

    def frames(self) -> list[bytes]:
        """Return what the doors are about to send, as much as they have of it."""
        streams = [bytearray() for _ in self._doors]
        for n in range(self._people):
            room = f"room{n // ROOM}"
            card = Card(
                f"identity{n:014}", "", "", f"n{n}", since=1.0, came=1.0, current=room, preferences=Preferences()
            )
            address = f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}"
            same = {"door": "json", "secure": True, "resumes": True, "asks": True, "reads": True, "keeps_nick": False}
            seen = {room: min(ROOM, self._people - n // ROOM * ROOM)}
            frame = [
                "attach",
                f"p{n:07}",
                {"address": address, **same},
                self._hub.cards.sign(card),
                seen,
                [],
                1.0,
                True,
            ]
            streams[n // ROOM % DOORS] += _framed(frame)
        return [bytes(stream) for stream in streams]

    def restore(self) -> None:
        """Go on with the people of the last house."""
        Deferred.fromCoroutine(self._hub.restore())
        self._turns.run()

    def attach(self, streams: list[bytes]) -> None:
        """Attach everybody, as if all doors sent at the same time."""
        for start in range(0, max(map(len, streams)), AT_ONCE):
            for door, stream in zip(self._doors, streams, strict=True):
                door.dataReceived(stream[start : start + AT_ONCE])
                self._turns.run()
                door.transport.clear()


def _framed(frame: list[Any]) -> bytes:
    body = encode(frame)
    return len(body).to_bytes(4, "big") + body


def _memory() -> int:
    """Return how many bytes this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Measure."""
    people = int(sys.argv[1])
    house = Attaching(people)
    streams = house.frames()
    freeze_what_stays()
    collections, pauses = LongCollections(), Pauses()
    collections.start()
    before, begun = _memory(), time.process_time()
    house.restore()
    restored = time.process_time()
    house.attach(streams)
    attached = time.process_time()
    print(f"{people:,} people: {(restored - begun) / people * 1e6:.1f} µs each to go on with them")
    print(f"{(attached - restored) / people * 1e6:.1f} µs each to attach them, {attached - begun:.1f} s in all")
    print(f"{(_memory() - before) / people / 1024:.2f} KiB each; longest full collection: {pauses.longest:.2f} s")


if __name__ == "__main__":
    main()
