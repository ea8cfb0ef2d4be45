"""
Speaks for door processes over a few links: a program of its own, beside the server.

``python -m benchmarks.link_driver SOCKET PEOPLE LINKS``: that many come in, in rooms of a hundred.  It prints a line
of JSON when all are in; it attaches them again to each further house, and prints a line when all are attached.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from typing import Any

from twisted.internet import reactor as installed
from twisted.internet.endpoints import UNIXClientEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.stdio import StandardIO
from twisted.protocols.basic import LineReceiver

from chatroom.chat.commands.identity import Hello
from chatroom.link.codec import pack
from chatroom.link.wire import Link

reactor: Any = installed

ROOM = 100
"""People in a room."""
RETRY = 0.02
"""Seconds between two tries to connect."""
UNDER_WAY = 64
"""People of one link who come in at the same time."""


class Person:
    """One of them."""

    __slots__ = ("card", "number", "sid")

    def __init__(self, number: int) -> None:
        self.number = number
        self.sid = f"p{number:07}"
        self.card = ""

    @property
    def room(self) -> str:
        """The one room that they are in."""
        return f"room{self.number // ROOM}"

    @property
    def traits(self) -> dict[str, Any]:
        """What a door says of them."""
        number = self.number
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        same = {"door": "json", "secure": True, "resumes": True, "asks": True, "reads": True, "keeps_nick": False}
        return {"address": address, **same}


class Door:
    """One link, and whoever is behind it: what `link.wire.Link` calls its owner."""

    def __init__(self, number: int, people: list[Person], driver: Driver) -> None:
        self._number = number
        self._people = {person.sid: person for person in people}
        self._driver = driver
        self._coming = deque(people)
        self._shown: dict[str, int] = {}
        self._inside = False
        self.link: Link | None = None

    def connect(self) -> None:
        """Connect to the house, as soon as there is one."""
        link = self.link = Link(self, reactor, ["hello", f"driver {self._number}"])
        factory = Factory.forProtocol(lambda: link)
        factory.noisy = False
        connected = UNIXClientEndpoint(reactor, self._driver.path).connect(factory)
        connected.addErrback(lambda _: reactor.callLater(RETRY, self.connect))

    def up(self, link: Link) -> None:
        """Let people come in, or attach those who are."""
        if not self._inside:
            for _ in range(UNDER_WAY):
                self._come_in()
            return
        self._driver.attaching()
        now = time.time()
        for person in self._people.values():
            seen = {person.room: self._shown[person.room]}
            link.send(["attach", person.sid, person.traits, person.card, seen, [], now, True])

    def _come_in(self) -> None:
        if self._coming and self.link is not None:
            person = self._coming.popleft()
            hello = Hello(f"n{person.number}", rooms=(person.room,))
            self.link.send(["open", person.sid, person.traits])
            self.link.send(["ask", person.sid, 1, pack(hello), None, 0.0, 0])

    def frame(self, link: Link, frame: list[Any]) -> None:
        """Do the least that a door does."""
        match frame:
            case ["card", sid, card]:
                self._people[sid].card = card
            case ["batch", [room, first, events]] | ["page", _, [room, first, events], _]:
                self._shown[room] = first + len(events) - 1
                if frame[-1] is True:
                    link.send(["taken", frame[1]])
            case ["live", _, room, seq]:
                self._shown[room] = max(seq, self._shown.get(room, 0))
            case ["together", _, frames]:
                for one in frames:
                    self.frame(link, one)
            case ["reply", _, ["refused", *why], _]:
                self._driver.failed(str(why))
            case ["ready", *_] if not self._inside:
                self._driver.came_in()
                self._come_in()
            case ["attached", *_]:
                self._driver.attached()
            case ["unattached", _, why]:
                self._driver.failed(why)

    def all_inside(self) -> None:
        """Note that everybody is."""
        self._inside = True

    def data(self, link: Link, connection: int, data: bytes) -> None:
        """Nothing is carried."""

    def lost(self, link: Link, reason: str) -> None:
        """Connect again, if everybody was in."""
        if self._inside:
            self.connect()
        else:
            print(json.dumps({"error": f"a link was lost: {reason}"}), flush=True)


class Driver:
    """All links."""

    def __init__(self, path: str, people: int, links: int) -> None:
        self.path = path
        self._people = people
        parts: list[list[Person]] = [[] for _ in range(links)]
        for number in range(people):
            parts[number // ROOM % links].append(Person(number))
        self.doors = [Door(number, part, self) for number, part in enumerate(parts)]
        self._count = 0
        self._begun = time.monotonic()
        self._failed: list[str] = []

    def start(self) -> None:
        """Connect."""
        for door in self.doors:
            door.connect()

    def came_in(self) -> None:
        """Count somebody."""
        self._count += 1
        if self._count == self._people:
            for door in self.doors:
                door.all_inside()
            self._tell()

    def attaching(self) -> None:
        """Note that a link begins to attach its people."""
        if not self._count:
            self._begun = time.monotonic()

    def attached(self) -> None:
        """Count somebody."""
        self._count += 1
        if self._count == self._people:
            self._tell()

    def failed(self, why: str) -> None:
        """Count somebody who could not."""
        self._failed.append(why)
        self.attached()

    def _tell(self) -> None:
        took = time.monotonic() - self._begun
        print(json.dumps({"seconds": took, "failed": len(self._failed), "why": self._failed[:3]}), flush=True)
        self._count = 0
        self._failed.clear()


class Ending(LineReceiver):
    """Ends with its input."""

    def connectionLost(self, reason: Any = None) -> None:
        reactor.stop()


def main() -> None:
    """Run until the input ends."""
    driver = Driver(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    reactor.callWhenRunning(driver.start)
    StandardIO(Ending())
    reactor.run()


if __name__ == "__main__":
    main()
