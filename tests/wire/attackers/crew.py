"""What every attack has in hand: connections from the addresses it may use, time, and a place for its figures."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from ..clients import Object
from .wires import Tally, Wire, dial, some_nick

LOST = (ConnectionError, EOFError, TimeoutError, asyncio.IncompleteReadError, OSError)
"""How a connection can end, or not come about."""

PASSWORD = "correct horse battery"
"""Everybody's, in the kit."""


class Refused(Exception):
    """The server would not have it; the argument is its answer."""


@dataclass(frozen=True, slots=True)
class Where:
    """
    Where the server is, and whence the attackers come.

    :param full: whether there is time for large numbers.
    """

    host: str
    port: int
    sources: Sequence[str]
    seconds: float
    full: bool


class Crew:
    """The attackers."""

    def __init__(self, where: Where) -> None:
        self.where = where
        self.tally = Tally()
        self.figures: dict[str, float] = {}
        """What an attack has achieved."""
        self._sources = cycle(where.sources)
        self.kept: list[Wire] = []
        self._time = asyncio.get_running_loop().time
        self._ends = self._time() + where.seconds

    @property
    def seconds(self) -> float:
        """How long an attack lasts."""
        return self.where.seconds

    @property
    def over(self) -> bool:
        """Whether the time is up."""
        return self._time() >= self._ends

    def many(self, full: int, brief: int) -> int:
        """Choose a number: the first if there is time for it."""
        return full if self.where.full else brief

    def count(self, name: str, number: float = 1) -> None:
        """Add to a figure."""
        self.figures[name] = self.figures.get(name, 0) + number

    async def dial(self, door: str = "plain", source: str = "", buffer: int = 0) -> Wire:
        """Connect, from the next of the addresses or from *source*."""
        where = self.where
        return await dial(where.host, where.port, source or next(self._sources), door, tally=self.tally, buffer=buffer)

    async def enter(
        self, nick: str = "", *, door: str = "json", source: str = "", buffer: int = 0, **hello: Any
    ) -> Wire:
        """
        Come in as a program.

        :raises Refused: if the server will not have it.
        """
        wire = await self.dial(door, source, buffer)
        try:
            return await self.greet(wire, nick, **hello)
        except BaseException:
            wire.close()
            raise

    async def greet(self, wire: Wire, nick: str = "", **hello: Any) -> Wire:
        """Say hello on *wire*, and wait until all that was missed has come."""
        wire.ask("hello", **{"nick": nick or some_nick(), "rooms": ["pit"], **hello})
        welcome = await wire.until("welcome", "refused")
        if welcome["type"] == "refused":
            raise Refused(welcome)
        wire.nick, wire.token = welcome["nick"], welcome["resume"]
        await wire.until("live")
        return wire

    async def done(self, wire: Wire, kind: str, **values: Any) -> Object:
        """
        Have something done, and return the answer.

        :raises Refused: if it was refused.
        """
        wire.ask(kind, ref="done", **values)
        answer = await wire.answer("done")
        if answer["type"] == "refused":
            raise Refused(answer)
        return answer

    async def quit(self, wire: Wire) -> None:
        """Say goodbye, and wait for the answer."""
        wire.ask("quit")
        await wire.until("goodbye")
        wire.close()

    def keep(self, wire: Wire) -> Wire:
        """Let *wire* stay open to the end of the attack."""
        self.kept.append(wire)
        return wire

    async def crowd(self, number: int, within: float, **hello: Any) -> list[Wire]:
        """Bring *number* people in, or as many as come in in so many seconds."""
        came: list[Wire] = []

        async def come() -> None:
            while len(came) < number:
                came.append(self.keep(await self.enter(**hello)))

        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self.at_once(*[come] * 32)
        return came

    async def at_once(self, *work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do all of it at once; what fails, fails alone."""

        async def alone(one: Callable[[], Coroutine[Any, Any, None]]) -> None:
            with suppress(Refused, *LOST):
                await one()

        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(alone(one))

    async def again_and_again(self, number: int, work: Callable[[], Awaitable[None]]) -> None:
        """Have *number* attackers do *work*, and when they are done or were stopped, do it again."""

        async def always() -> None:
            while not self.over:
                with suppress(Refused, *LOST):
                    await work()
                # Whoever fails at once lets the others have their turn.
                await asyncio.sleep(0)

        async with asyncio.TaskGroup() as group:
            for _ in range(number):
                group.create_task(always())

    def hang_up(self) -> None:
        """Be gone, all of them, without a goodbye."""
        for wire in self.kept:
            wire.reset()


async def attack(work: Callable[[Crew], Awaitable[None]], where: Where) -> str:
    """Run an attack for as long as it may take; return its figures as JSON."""
    crew = Crew(where)
    try:
        async with asyncio.timeout(where.seconds):
            await work(crew)
            if crew.kept:
                # They stay for as long.
                await asyncio.sleep(where.seconds)
    except TimeoutError:
        pass
    except (Refused, *LOST) as error:
        # Where the server is in order, that is how some attacks end.
        print(f"The attack ended early: {error!r}", file=sys.stderr)
    crew.hang_up()
    return json.dumps({"sent": crew.tally.sent, **crew.figures})
