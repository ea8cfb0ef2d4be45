"""The journal workload: appends through the server, the newest lines of a huge journal, and starting on it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from twisted.internet.task import Clock

from benchmarks.peers import Site
from benchmarks.peers.built import CHATROOM
from benchmarks.runs import Bench, Figures
from benchmarks.servers import free_port, started
from benchmarks.workloads import Case

APPENDS = Case("journal-appends", "burst", members=2, senders=1, window=2_000)
ROOMS = 1_000
LOOKS = 200
PAGE = 100

# Half of all lines are the lobby's.  Room by room, in one statement each: only the schema is the journal's own.
FILL = """
INSERT INTO event (room, seq, type, at, "by", nick, text, target)
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :lines)
SELECT :room, n, 'said', 1.6e9 + n, 'guest:' || (n % 50), 'nick' || (n % 50),
       {line}, '' FROM number
"""
ENGLISH = "'line ' || n || ' of a long talk about this and that'"


class AtOnce:
    """In place of the journal's threads: does its work when asked, so that only the journal is measured."""

    def __init__(self, *_: object) -> None:
        pass

    def start(self) -> None:
        """There is nothing to start."""

    def run(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Do *work* now."""
        done(work())

    def stop(self) -> None:
        """There is nothing to stop."""


class Nobody:
    """A listener for a journal to which nothing is appended."""

    def committed(self, batches: object) -> None:
        """Nothing is appended."""

    def failed(self, events: object, error: object) -> None:
        """Nothing is appended."""

    def changed(self, changes: object) -> None:
        """Nobody else is there."""


def opened(folder: Path, clock: Clock | None = None) -> Any:
    """Open the journal in *folder*, in this process; what is written is committed as *clock* goes on."""
    from chatroom.journal.sqlite import SqliteJournal  # the other workloads do without chatroom

    journal = SqliteJournal(folder, (clock or Clock()).callLater, lambda call, *given: call(*given), worker=AtOnce)
    journal.open(Nobody())
    return journal


def build(folder: Path, events: int, line: str = ENGLISH) -> None:
    """
    Make a journal of *events* lines in *folder*.

    :param line: the text of line ``n`` of a room, as an expression of SQL.
    """
    opened(folder).close()
    database = sqlite3.connect(folder / "journal.sqlite3", isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    rooms = min(ROOMS, events // 2)
    for number in range(rooms):
        database.execute("BEGIN")
        name = "lobby" if number == 0 else f"room{number}"
        room = database.execute("INSERT INTO room (name) VALUES (?)", (name,)).lastrowid
        lines = events // 2 if number == 0 else events // 2 // (rooms - 1)
        database.execute(FILL.format(line=line), {"room": room, "lines": lines})
        database.execute("COMMIT")
    database.close()


def newest(folder: Path) -> Figures:
    """Time reading the newest lines of the lobby: the first time, and usually."""
    journal = opened(folder)
    took = []
    for _ in range(LOOKS):
        begun = time.perf_counter()
        answer = journal.before("lobby", None, PAGE)
        took.append((time.perf_counter() - begun) * 1e3)
        assert len(answer.result) == PAGE
    journal.close()
    return {"newest_first_ms": took[0], "newest_ms": median(took), "newest_max_ms": max(took)}


def start_time(bench: Bench, folder: Path) -> float:
    """Time from starting the server, with its data in *folder*, until it takes a connection."""
    begun = time.perf_counter()
    with started(CHATROOM, bench.server_core, Site(free_port(), folder)):
        return time.perf_counter() - begun


def measure(bench: Bench, events: int, runs: int, tell: Callable[[str], None]) -> list[Figures]:
    """Measure everything about the journal, *runs* times."""
    tell(f"journal: building one of {events:,} events")
    huge, empty = bench.folder / "huge", bench.folder / "empty"
    empty.mkdir()
    build(huge / "data", events)
    figures: list[Figures] = []
    for number in range(runs):
        tell(f"journal, run {number + 1} of {runs}")
        appended = bench.run_once(CHATROOM, APPENDS)
        one: Figures = {"appends_per_s": appended.get("lines_per_s", 0.0)}
        one |= newest(huge / "data")
        one["start_s"] = start_time(bench, huge)
        one["start_empty_s"] = start_time(bench, empty)
        one["bytes"] = (huge / "data" / "journal.sqlite3").stat().st_size
        figures.append(one)
    return figures


def table(events: int, figures: list[Figures]) -> str:
    """Write the medians."""

    def middle(name: str) -> float:
        return median(one[name] for one in figures)

    return f"""\
### journal of {events:,} events ({middle("bytes") / 1e6:,.0f} MB)

- appends through the running server: {middle("appends_per_s"):,.0f} a second
- newest {PAGE} lines of a room, in process: {middle("newest_ms"):.2f} ms \
(first time {middle("newest_first_ms"):.2f}, longest {middle("newest_max_ms"):.2f})
- from start to the first connection: {middle("start_s"):.2f} s (with an empty journal {middle("start_empty_s"):.2f})
"""
