"""The returns workload: what logging in costs accounts that were in twenty rooms, and what reading positions cost."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from twisted.internet.task import Clock

from benchmarks.indexing import until_indexed
from benchmarks.journal import build, opened
from benchmarks.peers import Site
from benchmarks.peers.built import CHATROOM
from benchmarks.runs import Bench, Figures
from benchmarks.servers import free_port, started

PASSWORD = "correct horse"
ROOMS = 20
"""Rooms of each account: the lobby, and some of the others."""
OTHERS = 999
"""The other rooms."""
EVENTS = 200_000
UNREAD = 10
"""Lines of each room that its accounts have not read."""
LOGINS = 200
READERS = 20
READS = 2_000
PACE = 1 / 30
"""Lines that an active person reads in a second."""
SETTLING = 0.02
"""Seconds until a server has recorded that somebody left, which is not a part of the next login."""
PATIENCE = 30.0
"""Seconds until an answer must have come."""


def cpu(pid: int) -> float:
    """Return the CPU time of all threads of process *pid*, in seconds."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def fill(folder: Path, accounts: int) -> None:
    """Make a journal in *folder* of *accounts*, each in their rooms, whose passwords cost next to nothing to check."""
    from argon2 import PasswordHasher

    from chatroom.chat.ports import READING, RecordChange

    build(folder, EVENTS)
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    clock = Clock()
    journal = opened(folder, clock)
    for number in range(accounts):
        name = f"user{number}"
        account: dict[str, Any] = {"id": f"{name}-id", "nick": name, "hash": cheap, "admin": False, "since": 0.0}
        changes = [RecordChange("", "account", name, account)]
        for place in range(ROOMS):
            room, lines = rooms_of(number)[place]
            changes.append(RecordChange(room, READING, f"{name}-id", {"seq": lines - UNREAD, "member": True}))
        journal.change(changes)
        if number % 500 == 499:
            clock.advance(1)
    clock.advance(1)
    journal.close()


def rooms_of(number: int) -> list[tuple[str, int]]:
    """Return the rooms of an account, and how many lines each has."""
    others = (1 + (number * (ROOMS - 1) + place) % OTHERS for place in range(ROOMS - 1))
    return [("lobby", EVENTS // 2), *((f"room{other}", EVENTS // 2 // OTHERS) for other in others)]


class Program:
    """A program that comes in and reads what it is sent, until it has been shown everything."""

    def __init__(self, port: int, **hello: Any) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.settimeout(PATIENCE)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self.send(type="hello", **hello)
        self.rooms = self.read_until("live").count("room")

    def send(self, **values: Any) -> None:
        """Send one object."""
        self._socket.sendall(json.dumps(values).encode() + b"\n")

    def read_until(self, last: str) -> list[str]:
        """Read up to an object of the type *last*; return the types of all."""
        types: list[str] = []
        while last not in types[-1:]:
            types.append(json.loads(self._lines.readline())["type"])
        return types

    def quit(self) -> None:
        """Leave the chat."""
        self.send(type="quit")
        self._lines.read()
        self._socket.close()


def owner(port: int, number: int) -> Program:
    """Log in to an account; its rooms are those that it was in."""
    return Program(port, nick=f"user{number}", password=PASSWORD)


def guest(port: int, number: int) -> Program:
    """Come as a guest into the rooms that an account was in."""
    return Program(port, nick=f"guest{number}", rooms=[name for name, _ in rooms_of(number)])


def cost(pid: int, come: Callable[[int, int], Program], port: int, numbers: Iterable[int]) -> float:
    """Return the CPU time that it usually takes to *come*, in ms."""
    costs = []
    for number in numbers:
        begun = cpu(pid)
        program = come(port, number)
        costs.append(cpu(pid) - begun)
        assert program.rooms == ROOMS, f"in {program.rooms} rooms"
        program.quit()
        time.sleep(SETTLING)
    return median(costs) * 1e3


def reading(pid: int, port: int, numbers: Sequence[int]) -> float:
    """Return the CPU time of telling the server that a line has been read, and of storing that, in µs."""
    readers = [owner(port, number) for number in numbers]
    begun = cpu(pid)
    for place in range(READS):
        which = place % len(readers)
        room, lines = rooms_of(numbers[which])[place // len(readers) % ROOMS]
        readers[which].send(type="read", room=room, seq=lines - UNREAD + 1 + place // len(readers) // ROOMS)
        readers[which].send(type="ping")
        readers[which].read_until("pong")
    return (cpu(pid) - begun) / READS * 1e6


def measure_once(bench: Bench, accounts: int) -> Figures:
    """Log in to accounts, one after another: into rooms without anybody, then into rooms with somebody."""
    folder = bench.folder / "returns"
    if not folder.exists():
        folder.mkdir()
        fill(folder / "data", accounts)
    site = Site(free_port(), folder)
    numbers = range(0, accounts, max(1, accounts // LOGINS))
    with started(CHATROOM, bench.server_core, site) as pid:
        # Not beside the making of the index.
        until_indexed(folder, EVENTS // 2 + OTHERS * (EVENTS // 2 // OTHERS))
        figures: Figures = {"unused_ms": cost(pid, owner, site.port, numbers)}
        # Somebody in every room: enough guests, each in as many as may be, and one of them in the lobby, too.
        residents = [
            Program(site.port, nick=f"resident{number}", rooms=[name for name, _ in rooms_of(number)][number > 0 :])
            for number in range(-(-OTHERS // (ROOMS - 1)))
        ]
        figures["used_ms"] = cost(pid, owner, site.port, numbers)
        figures["guest_ms"] = cost(pid, guest, site.port, numbers)
        figures["read_us"] = reading(pid, site.port, numbers[:READERS])
        for resident in residents:
            resident.quit()
    return figures


def measure(bench: Bench, accounts: int, runs: int, tell: Callable[[str], None]) -> list[Figures]:
    """Measure that *runs* times."""
    figures = []
    for number in range(runs):
        tell(f"returns, run {number + 1} of {runs}")
        figures.append(measure_once(bench, accounts))
    return figures


def table(accounts: int, figures: list[Figures]) -> str:
    """Write the medians."""

    def middle(name: str) -> float:
        return median(one[name] for one in figures)

    return f"""\
### returns: {accounts:,} accounts, each in {ROOMS} rooms

- logging in costs {middle("used_ms"):.1f} ms of CPU beside the hash; without accounts, entering these rooms costs \
{middle("guest_ms"):.1f} ms
- if the rooms have to be read from the journal, too: {middle("unused_ms"):.1f} ms
- a line that has been read costs {middle("read_us"):.0f} µs: 1,000 people who read {PACE:.2g} lines a second, \
{middle("read_us") / 1e6 * 1_000 * PACE:.2%} of a core
"""
