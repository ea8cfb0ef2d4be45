"""The indexing workload: catching up with a long history that is not indexed, while people chat."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.journal import build
from benchmarks.peers import Site
from benchmarks.peers.built import CHATROOM
from benchmarks.runs import Bench, Figures
from benchmarks.servers import free_port, started
from benchmarks.workloads import Case

CHAT = Case("indexing-chat", "paced", members=100, rate=200)
LONGEST_INDEXING = 900.0
"""Seconds that an index may take to be made."""
WINDOW = 12
"""How many times as long as a run of another workload one lasts: what passes between two is small beside it."""


def indexed(folder: Path) -> int:
    """Count the events that the journal in *folder* has indexed."""
    with closing(sqlite3.connect(f"file:{folder / 'data' / 'journal.sqlite3'}?mode=ro", uri=True)) as database:
        [count] = database.execute("SELECT coalesce(sum(last - first + 1), 0) FROM indexed").fetchone()
    assert isinstance(count, int)
    return count


def until_indexed(folder: Path, events: int) -> None:
    """
    Wait until a server has indexed so many events in *folder*.

    :raises TimeoutError: if that takes too long.
    """
    due = time.monotonic() + LONGEST_INDEXING
    while indexed(folder) < events:
        if time.monotonic() > due:
            raise TimeoutError(f"the index is not ready after {LONGEST_INDEXING:.0f} s")
        time.sleep(0.2)


def measure(bench: Bench, events: int, runs: int, tell: Callable[[str], None]) -> list[Figures]:
    """Put the same chat on one server until it has indexed *events*, and *runs* times after that."""
    folder = bench.folder / "imported"
    tell(f"indexing: building a journal of {events:,} events")
    build(folder / "data", events)
    site = Site(free_port(), folder)
    long = replace(bench, seconds=bench.seconds * WINDOW)
    busy: list[Figures] = []
    with started(CHATROOM, bench.server_core, site) as pid:
        done, begun = 0, time.monotonic()
        started_at = begun
        while done < events:
            tell(f"indexing: {done:,} of {events:,} events after {begun - started_at:.0f} s")
            one = long.put(CHATROOM, CHAT, pid, site.port)
            before, done = done, indexed(folder)
            now = time.monotonic()
            busy.append(one | {"lines_per_s": (done - before) / (now - begun) if done < events else 0.0})
            begun = now
        tell("indexing: the same chat afterwards")
        idle = [long.put(CHATROOM, CHAT, pid, site.port) for _ in range(runs)]
    return [{"busy": True} | one for one in busy] + [{"busy": False} | one for one in idle]


def table(events: int, figures: list[Figures]) -> str:
    """Write the medians."""
    busy = [one for one in figures if one["busy"]]
    idle = median(one["p99_ms"] for one in figures if not one["busy"])
    # The last one ended somewhere within its time.
    rates = [one["lines_per_s"] for one in busy[:-1]] or [0.0]
    p99 = [one["p99_ms"] for one in busy[:-1]] or [busy[0]["p99_ms"]]
    return f"""\
### indexing of {events:,} events while 100 members chat, 200 lines/s

- {median(rates):,.0f} lines are indexed a second ({min(rates):,.0f} – {max(rates):,.0f})
- a line's way takes {median(p99):.2f} ms (p99; {min(p99):.2f} – {max(p99):.2f}), when all is indexed {idle:.2f} ms: \
{median(p99) / idle:.2f} times
"""
