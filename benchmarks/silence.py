"""How long two people hear nothing of each other while the house is killed, or all processes are replaced."""

from __future__ import annotations

import os
import re
import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

from benchmarks.runs import Figures

EVERY = 0.005
"""Seconds between two lines."""
BEFORE = 1.0
"""Seconds of talk before, and after the first line that was heard again."""
LONGEST = 60.0
"""Seconds after which no more is waited for."""


class Person:
    """Somebody with nc."""

    def __init__(self, port: int, nick: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(f"{nick}\n".encode())
        self._seen = b""
        while b"You are in #" not in self._seen:
            self._seen += self.socket.recv(1 << 16)
        self._rest = b""
        self.heard: list[tuple[float, int]] = []
        """When each number came."""
        self.gone = False

    def read(self) -> None:
        """Read what is there."""
        data = self.socket.recv(1 << 18)
        self.gone = self.gone or not data
        now = time.monotonic()
        *lines, self._rest = (self._rest + data).split(b"\n")
        found = (re.search(rb"<talker> (\d+)$", line) for line in lines)
        self.heard += [(now, int(one[1])) for one in found if one]


def numbers(talker: Person, until: Callable[[], bool]) -> Iterator[int]:
    """Say a number every few milliseconds."""
    number, due = 0, time.monotonic()
    while not until():
        number, due = number + 1, due + EVERY
        talker.socket.sendall(b"%d\n" % number)
        yield number
        time.sleep(max(0.0, due - time.monotonic()))


def silence(port: int, strike: Callable[[], None], listeners: int = 4, after: float = BEFORE) -> Figures:
    """Talk, *strike*, and go on for *after* seconds when everybody hears what was said then."""
    talker, people = Person(port, "talker"), [Person(port, f"listener{number}") for number in range(listeners)]
    poller = selectors.DefaultSelector()
    for person in people:
        person.socket.setblocking(False)
        poller.register(person.socket, selectors.EVENT_READ, person)
    begun, struck, again = time.monotonic(), 0.0, 0.0
    last = 0

    def over() -> bool:
        now = time.monotonic()
        return now > begun + LONGEST or (bool(again) and now > again + after)

    for number in numbers(talker, over):
        last = number
        for key, _ in poller.select(0):
            key.data.read()
        now = time.monotonic()
        if not struck and now > begun + BEFORE:
            struck = now
            strike()
        elif struck and not again and all(one.heard and one.heard[-1][0] > struck + after for one in people):
            again = now
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline and any(one.heard[-1][1] < last and not one.gone for one in people):
        for key, _ in poller.select(0.1):
            key.data.read()
    said, gaps, lost, doubled, order = set(range(1, last + 1)), [0.0], 0, 0, 0
    for one in people:
        heard = [number for _, number in one.heard]
        times = [at for at, _ in one.heard]
        gaps += [later - sooner for sooner, later in pairwise(times)]
        lost += len(said - set(heard))
        doubled += len(heard) - len(set(heard))
        order += heard != sorted(heard)
    gone = sum(one.gone for one in people)
    for one in (talker, *people):
        one.socket.close()
    return {"silence_s": max(gaps), "lost": lost, "doubled": doubled, "disorder": order, "gone": gone, "said": last}


def kill(pid: int) -> Callable[[], None]:
    """Return what kills a process at once."""
    return lambda: os.kill(pid, signal.SIGKILL)


def parent(pid: int) -> int:
    """Return the process that started *pid*."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def replace_all(supervisor: int) -> Callable[[], None]:
    """Return what has all processes of a server replaced."""
    return lambda: os.kill(supervisor, signal.SIGUSR2)
