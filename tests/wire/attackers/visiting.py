"""An ordinary evening and no attack: people come, talk, rename, whisper, carry on when a connection broke, and go."""

from __future__ import annotations

import asyncio
from collections import deque
from random import Random

from ..clients import Object
from .attacks import attack
from .crew import Crew
from .wires import Wire, some_nick

PEOPLE = 300
ROOMS = tuple(f"room{number}" for number in range(30))
DOORS = ("nc", "nc tls", "json", "json tls", "web", "web tls")
LINES = 6
"""Things that somebody does before they go, or their connection breaks."""
LATELY = 50
"""People who came last, to whom others whisper."""


class Evening:
    """State that the visitors share."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.random = Random(2428)
        self.nicks: deque[str] = deque(["talker"], maxlen=LATELY)

    async def pause(self, most: float = 2.0) -> None:
        """Think, or be away."""
        await asyncio.sleep(self.random.uniform(0.1, most))

    async def visit(self) -> None:
        """Come, and go."""
        await self.pause()
        door = self.random.choice(DOORS)
        if door.startswith("nc"):
            await self._type(door)
        else:
            await Guest(self, door).stay()
        self.crew.count("visits")

    async def _type(self, door: str) -> None:
        """Visit with nc or ncat."""
        crew, random = self.crew, self.random
        wire = await crew.dial(door)
        reading = asyncio.create_task(wire.read_on())
        nick = some_nick()
        try:
            for line in (nick, f"/join {random.choice(ROOMS)}", "/leave lobby", f"/join {random.choice(ROOMS)}"):
                wire.send_line(line.encode())
                await self.pause(0.3)
            self.nicks.append(nick)
            for number in range(LINES):
                lines = (f"line {number}", "/me waves", f"/nick {some_nick()}", f"/msg {self.someone} psst", "/who")
                wire.send_line(random.choice(lines).encode())
                await self.pause()
            if random.random() < 0.5:
                wire.send_line(b"exit")
                await reading
        finally:
            reading.cancel()
            wire.close()

    @property
    def someone(self) -> str:
        """Choose one who has come lately, and may be gone."""
        return self.random.choice(self.nicks)


class Guest:
    """A program that checks that everything comes once and in order."""

    def __init__(self, evening: Evening, door: str) -> None:
        self._evening = evening
        self._crew = evening.crew
        self._door = door
        self._rooms = evening.random.sample(ROOMS, 2)
        self._seen: dict[str, int] = {}
        self._nick, self._token = some_nick(), ""

    async def stay(self) -> None:
        """Talk; half of all carry on once after their connection has broken."""
        breaks = self._evening.random.random() < 0.5
        await self._talk(breaks)
        if breaks:
            await self._evening.pause()
            self._crew.count("resumed")
            await self._talk(False)

    async def _talk(self, breaks: bool) -> None:
        wire = await self._crew.dial(self._door)
        carried_on = {"resume": self._token, "seen": dict(self._seen)} if self._token else {}
        wire.ask("hello", nick=self._nick, rooms=self._rooms, **carried_on)
        listening = asyncio.create_task(self._listen(wire))
        try:
            await self._evening.pause(0.5)
            self._evening.nicks.append(self._nick)
            for number in range(LINES):
                self._do_something(wire, number)
                await self._evening.pause()
            if breaks:
                wire.reset()
            else:
                wire.ask("quit", reason="gone home")
                await listening
        finally:
            listening.cancel()
            wire.close()

    def _do_something(self, wire: Wire, number: int) -> None:
        room = self._evening.random.choice(self._rooms)
        what = self._evening.random.randrange(6)
        if what == 0:
            wire.ask("nick", nick=some_nick())
        elif what == 1:
            wire.ask("msg", to=self._evening.someone, text=f"psst {number}")
        elif what == 2:
            wire.ask("me", room=room, text="waves")
        else:
            wire.ask("say", room=room, text=f"line {number}")

    async def _listen(self, wire: Wire) -> None:
        while True:
            value = await wire.object()
            self._crew.count("objects read")
            self._look_at(value)
            if value["type"] == "goodbye":
                return

    def _look_at(self, value: Object) -> None:
        kind, room = value["type"], value.get("room", "")
        if kind == "welcome":
            self._nick, self._token = value["nick"], value["resume"]
        elif kind == "nick":
            self._nick = value["nick"]
        elif kind == "gap":
            self._seen[room] = value["last"]
        elif kind == "room":
            # What follows is what comes after what they have seen.
            self._crew.count("out of order", value["seq"] != self._seen.setdefault(room, value["seq"]))
        elif "seq" in value:
            seq = value["seq"]
            self._crew.count("out of order", seq != self._seen.get(room, seq - 1) + 1)
            self._seen[room] = seq


@attack(
    "300 people who come, talk, rename, whisper, carry on after a broken connection, and go",
    seconds=(60, 8),
    most={"out of order": 0},
    alone=True,
    addresses=PEOPLE,
)
async def visitors(crew: Crew) -> None:
    evening = Evening(crew)
    await crew.again_and_again(PEOPLE, evening.visit)
