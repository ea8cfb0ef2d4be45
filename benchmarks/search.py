"""The search workload: finding words in a long history, and forgetting part of it while people chat."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from benchmarks.journal import ENGLISH, build
from benchmarks.peers import Site
from benchmarks.peers.built import CHATROOM
from benchmarks.runs import Bench, Figures
from benchmarks.servers import free_port, started
from benchmarks.workloads import Case

CHAT = Case("search-chat", "paced", members=100, rate=200)
CHINESE = """
    '第' || n || '行：我们在上海东边的茶馆里谈论' || char(19968 + n % 4000) || '和' || char(19968 + n * 7 % 4000)
    || '的事情，' || char(19968 + n * 13 % 4000) || '说很好🍵'
"""
LANGUAGES = {"english": ENGLISH, "chinese": CHINESE}
SEARCHES = {
    "english": {
        "common": "talk",
        "phrase": '"long talk about"',
        "nick": "talk from:nick7",
        "rare": "499999",
        "nothing": "xyzzy",
    },
    "chinese": {
        "common": "茶馆",
        "phrase": "上海东边的茶馆里谈论",
        "one character": "茶",
        "part of a phrase": '"第 499999 行"',
        "emoji": "🍵",
        "rare": "丁和七",
        "nothing": "北京",
    },
}
LOOKS = 9
REMOVED = 100_000
REMOVING = 90.0
"""Seconds that it takes to remove so many while people chat, about."""
ROUND = 30.0
"""Seconds from the start of a server to its first round of retention."""
LONGEST_INDEXING = 900.0


class Searcher:
    """Somebody who searches, through the server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._file = self._socket.makefile("rb")
        self.ask("hello", "live", nick="searcher")

    def ask(self, kind: str, answer: str, **values: object) -> None:
        """Send a command, and wait for the answer of the type *answer*."""
        self._socket.sendall(json.dumps({"type": kind, **values}).encode() + b"\n")
        while json.loads(self._file.readline())["type"] != answer:
            pass

    def close(self) -> None:
        """Leave."""
        self._file.close()
        self._socket.close()


def index(folder: Path) -> Figures:
    """Wait until a server has indexed all that is in the journal in *folder*; return how long, and how large."""
    begun, before = time.monotonic(), size(folder)
    database = sqlite3.connect(f"file:{folder / 'journal.sqlite3'}?mode=ro", uri=True)
    [events] = database.execute("SELECT count(*) FROM event WHERE type = 'said' AND text <> ''").fetchone()
    due = time.monotonic() + LONGEST_INDEXING
    while database.execute("SELECT count(*) FROM said").fetchone()[0] < events:
        if time.monotonic() > due:
            raise TimeoutError(f"the index is not ready after {LONGEST_INDEXING:.0f} s")
        time.sleep(1)
    database.close()
    return {"index_s": time.monotonic() - begun, "index_bytes_a_line": (size(folder) - before) / events}


def size(folder: Path) -> int:
    """Return the size of the database in *folder*, in bytes, with what has not been moved into it."""
    return sum(file.stat().st_size for file in folder.glob("journal.sqlite3*"))


def search(port: int, searches: dict[str, str]) -> Figures:
    """Time the first page of each of *searches*."""
    searcher = Searcher(port)
    figures: Figures = {}
    for name, words in searches.items():
        took = []
        for _ in range(LOOKS):
            begun = time.perf_counter()
            searcher.ask("search", "found", words=words)
            took.append((time.perf_counter() - begun) * 1e3)
        figures[f"{name}_ms"], figures[f"{name}_max_ms"] = median(took), max(took)
    searcher.close()
    return figures


def trim(bench: Bench, folder: Path, small: bool) -> Figures:
    """Put the same chat on one server twice, the second time while retention removes events of the lobby."""
    site = Site(free_port(), folder)
    before, last = lobby(folder)
    with started(CHATROOM, bench.server_core, site) as pid:
        begun = time.monotonic()
        idle = bench.put(CHATROOM, CHAT, pid, site.port)
        with (folder / "chatroom.toml").open("a") as settings:
            settings.write(f"\n[keep-of.lobby]\nlines = {max(1, before - REMOVED)}\n")
        os.kill(pid, signal.SIGHUP)
        if not small:
            time.sleep(max(0.0, begun + ROUND - bench.warmup - time.monotonic()))
        busy = (bench if small else replace(bench, seconds=REMOVING)).put(CHATROOM, CHAT, pid, site.port)
    return {
        "removed": before - lobby(folder, last)[0],
        "idle_p99_ms": idle["p99_ms"],
        "p99_ms": busy["p99_ms"],
        "max_ms": busy["max_ms"],
        "times_idle": busy["p99_ms"] / idle["p99_ms"],
    }


def lobby(folder: Path, upto: int | None = None) -> tuple[int, int]:
    """Count what the lobby's history holds, up to the seq *upto*; and tell the last seq of that."""
    database = sqlite3.connect(folder / "data" / "journal.sqlite3")
    [count, last] = database.execute(
        "SELECT count(*), max(seq) FROM event"
        " WHERE room = (SELECT id FROM room WHERE name = 'lobby') AND seq <= coalesce(?, seq)",
        (upto,),
    ).fetchone()
    database.close()
    return count, last


def measure(bench: Bench, events: int, runs: int, tell: Callable[[str], None]) -> list[Figures]:
    """Measure both, *runs* times; each run removes some more."""
    figures: list[Figures] = [{} for _ in range(runs)]
    for language, line in LANGUAGES.items():
        folder = bench.folder / language
        tell(f"search: building a journal of {events:,} events in {language.title()}, and its index")
        build(folder / "data", events, line)
        for number, one in enumerate(figures):
            tell(f"search, {language}, run {number + 1} of {runs}")
            one |= {f"{language} {name}": figure for name, figure in look(bench, folder, not number).items()}
            if language == "english":
                one |= trim(bench, folder, events <= REMOVED)
    return figures


def look(bench: Bench, folder: Path, fresh: bool) -> Figures:
    """Search in the journal in *folder*, whose name is its language; a *fresh* one is indexed before."""
    site = Site(free_port(), folder)
    with started(CHATROOM, bench.server_core, site):
        figures = index(folder / "data") if fresh else {}
        return figures | search(site.port, SEARCHES[folder.name])


def table(events: int, figures: list[Figures]) -> str:
    """Write the medians."""

    def middle(name: str) -> float:
        return median(one[name] for one in figures if name in one)

    rows = [
        f"| {name}: `{words}` | {middle(f'{language} {name}_ms'):.1f} | {middle(f'{language} {name}_max_ms'):.1f} |"
        for language, searches in SEARCHES.items()
        for name, words in searches.items()
    ]
    sizes = [
        f"- the index of {language.title()} has {middle(f'{language} index_bytes_a_line'):.0f} bytes a line, "
        f"and is made in {middle(f'{language} index_s'):.0f} s while nobody chats"
        for language in LANGUAGES
    ]
    chat = (
        f"- while {middle('removed'):,.0f} events are removed, a line's way takes {middle('p99_ms'):.2f} ms (p99); "
        f"otherwise {middle('idle_p99_ms'):.2f} ms: {middle('times_idle'):.2f} times "
        f"(longest {middle('max_ms'):.1f} ms)"
    )
    head = f"### search in a journal of {events:,} events, through the running server"
    return "\n".join([head, "", "| first page of | ms | longest |", "|---|--:|--:|", *rows, "", *sizes, chat, ""])
