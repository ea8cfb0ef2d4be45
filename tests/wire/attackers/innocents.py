"""
The innocents: people on every door who do no harm, and note how long they wait.

A program that is told what to do on its standard input: each line read has it print the waits since the line before,
as one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import deque
from collections.abc import Coroutine
from typing import Any

from .wires import Wire, dial

DOORS = ("nc", "nc tls", "json", "json tls", "web", "web tls")
EVERY = 0.25
"""Seconds between two questions of one person: four a second are below what is allowed for good."""
SLOWER = 1.0
"""Seconds between two lines of the one who talks, and between two rooms of the one who looks around."""


class Innocent:
    """
    Someone who asks something again and again, on time, whether or not the last answer has come.

    :param name: what the waits are listed under.
    """

    def __init__(self, name: str, wire: Wire, waits: dict[str, list[float]]) -> None:
        self.name = name
        self.wire = wire
        self.asked: deque[float] = deque()
        """When the questions were asked that have no answer yet."""
        self._waits = waits
        self._time = asyncio.get_running_loop().time

    def ask(self, question: bytes) -> None:
        """Ask, and remember when."""
        self.asked.append(self._time())
        self.wire.send_line(question)

    def answered(self) -> None:
        """Note how long it took."""
        self._waits[self.name].append(self._time() - self.asked.popleft())

    async def ping(self) -> None:
        """Ask for a sign of life, always."""
        while True:
            self.ask(b"/time" if self.name.startswith("nc") else b'{"type":"ping","ref":"ping"}')
            await asyncio.sleep(EVERY)

    async def listen(self) -> None:
        """Wait for the answers to `ping`."""
        # Only the answer to /time has both.
        marks = (b"-- ", b" UTC") if self.name.startswith("nc") else (b'"pong"', b'"ping"')
        while True:
            line = await self.wire.line()
            if all(mark in line for mark in marks):
                self.answered()

    async def talk(self) -> None:
        """Say something, and wait until it is stored and shown."""
        while True:
            self.ask(b'{"type":"say","room":"garden","text":"hello","ref":"said"}')
            await self.wire.answer("said")
            self.answered()
            await asyncio.sleep(SLOWER)

    async def look_around(self) -> None:
        """Enter a room where nobody is, and leave it again."""
        number = 0
        while True:
            number += 1
            self.ask(b'{"type":"join","room":"idle%d","ref":"in"}' % number)
            await self.wire.answer("in")
            self.answered()
            self.wire.ask("leave", ref="out")
            await self.wire.answer("out")
            await asyncio.sleep(SLOWER)


class Innocents:
    """
    All of them.

    :param source: the address that they come from.
    :param each: how many there are at each door.
    """

    def __init__(self, host: str, port: int, source: str, each: int) -> None:
        self._where = host, port, source
        self._each = each
        self.people: list[Innocent] = []
        self.waits: dict[str, list[float]] = {}
        self._work: list[asyncio.Task[None]] = []

    async def come(self) -> None:
        """Come in, all of them, and begin."""
        for door in DOORS:
            for number in range(self._each):
                one = await self._enter(door, f"{door.replace(' ', '')}{number}")
                self._start(one.ping(), one.listen())
        self._start((await self._enter("json", "talker", "says")).talk())
        self._start((await self._enter("json", "walker", "joins")).look_around())

    def report(self) -> dict[str, list[float]]:
        """Return the waits since the last report, those that go on included."""
        now = asyncio.get_running_loop().time()
        for one in self.people:
            self.waits[one.name] += [now - asked for asked in one.asked]
        waits = {name: list(found) for name, found in self.waits.items()}
        for found in self.waits.values():
            found.clear()
        for task in self._work:
            if task.done():
                # Somebody was put out: nothing that is measured would mean anything.
                task.result()
        return waits

    async def _enter(self, door: str, nick: str, name: str = "") -> Innocent:
        wire = await dial(*self._where, door)
        if door.startswith("nc"):
            for line in (nick, "/join garden", "/leave lobby"):
                wire.send_line(line.encode())
            while b"You left #lobby" not in await wire.line():
                pass
        else:
            wire.ask("hello", nick=nick, rooms=["garden"])
            await wire.until("live")
        one = Innocent(name or door, wire, self.waits)
        self.waits.setdefault(one.name, [])
        self.people.append(one)
        return one

    def _start(self, *work: Coroutine[Any, Any, None]) -> None:
        self._work += [asyncio.create_task(one) for one in work]


async def main() -> None:
    """Come in, and report whenever asked."""
    host, port, source, each = sys.argv[1:]
    innocents = Innocents(host, int(port), source, int(each))
    await innocents.come()
    print("here", flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(innocents.report()), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
