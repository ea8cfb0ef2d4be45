"""The returns workload: what logging in costs accounts that were in twenty rooms, and what reading positions cost."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from twisted.internet.task import Clock

from benchmarks.indexing import until_indexed
from benchmarks.journal import build, opened
from benchmarks.peers import Site
from benchmarks.peers.built import CHATROOM
from benchmarks.runs import Bench, Figures
from benchmarks.servers import free_port, started
from chatroom.passwords import Argon, Cost

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
GROUP = 10
"""Accounts that log in one right after the other, before a server takes who is connected for a person with netcat."""
ACCEPTING = 0.05
"""Seconds until a server has accepted connections."""
SETTLING = 0.3
"""Seconds until a server has recorded who came, which is a part of it, or left, which is not a part of the next."""
PATIENCE = 30.0
"""Seconds until an answer must have come."""


def cpu(pid: int) -> float:
    """Return the CPU time of all threads of process *pid*, in seconds."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def fill(folder: Path, accounts: int) -> None:
    """Make a journal in *folder* of *accounts*, each in their rooms, whose passwords cost next to nothing to check."""
    from chatroom.chat.ports import READING, RecordChange

    build(folder, EVENTS)
    cheap = cheap_hash()
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


def cheap_hash() -> str:
    """Hash the password of all accounts so that it costs next to nothing to check."""
    return Argon(Cost(passes=1, kibibytes=8)).hash(PASSWORD)


def rooms_of(number: int) -> list[tuple[str, int]]:
    """Return the rooms of an account, and how many lines each has."""
    others = (1 + (number * (ROOMS - 1) + place) % OTHERS for place in range(ROOMS - 1))
    return [("lobby", EVENTS // 2), *((f"room{other}", EVENTS // 2 // OTHERS) for other in others)]


class Program:
    """A program that comes in and reads what it is sent, until it has been shown everything."""

    def __init__(self, connection: socket.socket, **hello: Any) -> None:
        self._socket = connection
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


def connected(port: int) -> socket.socket:
    """Connect to a server on this machine."""
    return socket.create_connection(("127.0.0.1", port))


def owner(connection: socket.socket, number: int) -> Program:
    """Log in to an account; its rooms are those that it was in."""
    return Program(connection, nick=f"user{number}", password=PASSWORD)


def guest(connection: socket.socket, number: int) -> Program:
    """Come as a guest into the rooms that an account was in."""
    return Program(connection, nick=f"guest{number}", rooms=[name for name, _ in rooms_of(number)])


def resident(connection: socket.socket, number: int) -> Program:
    """Come as somebody who stays: enough of them are in every room, one in the lobby, too."""
    return Program(connection, nick=f"resident{number}", rooms=[name for name, _ in rooms_of(number)][number > 0 :])


class Spent(NamedTuple):
    """The CPU time that it usually takes to connect, and then to come in, in ms."""

    connecting: float
    coming: float


def cost(
    pid: int, come: Callable[[socket.socket, int], Program], port: int, numbers: Sequence[int], apart: float = 0.0
) -> Spent:
    """
    Return what it costs to *come*, one right after the other, with what follows from it at once on any thread.

    They come in groups, who leave before the next one comes: each person costs an equal part of what theirs costs.
    What is left for later, as to move the pages to their places in the database, usually is not counted.

    :param apart: what is not to be counted, in ms.
    """
    costs = []
    for start in range(0, len(numbers), GROUP):
        group = numbers[start : start + GROUP]
        begun = cpu(pid)
        connections = [connected(port) for _ in group]
        time.sleep(ACCEPTING)
        accepted = cpu(pid)
        programs = [come(connection, number) for connection, number in zip(connections, group, strict=True)]
        time.sleep(SETTLING)
        costs.append(((accepted - begun) / len(group), (cpu(pid) - accepted) / len(group)))
        for program in programs:
            assert program.rooms == ROOMS, f"in {program.rooms} rooms"
            program.quit()
        time.sleep(SETTLING)
    connecting, coming = (median(each) * 1e3 for each in zip(*costs, strict=True))
    return Spent(connecting, coming - apart)


def cost_of_hash() -> float:
    """Return the CPU time that it usually takes to check a password of these accounts, in ms."""
    passwords, hashed = Argon(), cheap_hash()
    costs = []
    for _ in range(LOGINS):
        begun = time.thread_time()
        passwords.verify(hashed, PASSWORD)
        costs.append(time.thread_time() - begun)
    return median(costs) * 1e3


def reading(pid: int, port: int, numbers: Sequence[int]) -> float:
    """Return the CPU time of telling the server that a line has been read, and of storing that, in µs."""
    readers = [owner(connected(port), number) for number in numbers]
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
        hashing = cost_of_hash()
        figures: Figures = {"unused_ms": cost(pid, owner, site.port, numbers, hashing).coming}
        # Somebody in every room: enough guests, each in as many as may be, and one of them in the lobby, too.
        residents = [resident(connected(site.port), number) for number in range(-(-OTHERS // (ROOMS - 1)))]
        figures["connecting_ms"], figures["used_ms"] = cost(pid, owner, site.port, numbers, hashing)
        figures["guest_ms"] = cost(pid, guest, site.port, numbers).coming
        figures["read_us"] = reading(pid, site.port, numbers[:READERS])
        for one in residents:
            one.quit()
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

- logging in costs {middle("used_ms"):.2f} ms of CPU beside the hash
- to connect before costs {middle("connecting_ms"):.2f} ms
- without accounts, entering these rooms costs {middle("guest_ms"):.2f} ms
- if the rooms have to be read from the journal, too: {middle("unused_ms"):.1f} ms
- a line that has been read costs {middle("read_us"):.0f} µs: 1,000 people who read {PACE:.2g} lines a second, \
{middle("read_us") / 1e6 * 1_000 * PACE:.2%} of a core
"""
