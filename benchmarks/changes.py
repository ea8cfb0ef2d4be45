"""
A million messages of which 5 % were edited or deleted: the cost of history and search, beside as many unchanged.

``python -m benchmarks.changes [CHECKOUT]``: two servers answer the same requests in turn, one with the changes, the
other without; with another checkout (of before there were changes, say), that one answers without.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from twisted.internet.task import Clock

from benchmarks.before import checkout, interval
from benchmarks.journal import ROOMS, build, opened
from benchmarks.machine import describe
from benchmarks.peers import Peer, Site
from benchmarks.peers.built import CHATROOM
from benchmarks.search import Searcher, index
from benchmarks.servers import free_port, started

SHARE = 20
"""One message in so many is changed: half of them edited, half deleted."""
AT_ONCE = 500
"""Changes in a commit."""
REQUESTS = 40
"""Requests of each kind in a measurement, of which the median counts."""
PAGE = 200
SEARCHES = {"common": "talk", "phrase": '"long talk about"', "nick": "talk from:nick7", "nothing": "xyzzy"}

BUILD = """
import sys
sys.path.insert(0, {checkout!r})
from pathlib import Path
from benchmarks.journal import build
build(Path({folder!r}), {events})
"""


def change(folder: Path, events: int) -> int:
    """Edit and delete messages of every room in the journal in *folder*, as a server does; return how many."""
    from chatroom.chat.changes import Deleted, Edited

    clock = Clock()
    journal = opened(folder, clock)
    choose = random.Random(7)
    rooms = min(ROOMS, events // 2)
    sizes = {"lobby": events // 2} | {f"room{n}": events // 2 // (rooms - 1) for n in range(1, rooms)}
    chosen = [(room, seq) for room, size in sizes.items() for seq in choose.sample(range(1, size + 1), size // SHARE)]
    for number, (room, seq) in enumerate(chosen):
        nick, by, at = f"nick{seq % 50}", f"guest:{seq % 50}", 1.7e9 + number
        if number % 2:
            journal.append(Edited(room, at, by, nick, seq, f"line {seq} of a longer talk about this and that"))
        else:
            journal.append(Deleted(room, at, by, nick, seq, nick, by_author=True))
        if number % AT_ONCE == AT_ONCE - 1:
            clock.advance(1)
    for _ in range(5):
        clock.advance(1)
    journal.close()
    return len(chosen)


def erase(folder: Path) -> None:
    """Leave the journal in *folder* as a server has it that has erased the old texts, each in some 10 ms."""
    database = sqlite3.connect(folder / "journal.sqlite3", isolation_level=None)
    database.execute("DELETE FROM erasure")
    database.execute("INSERT INTO words (words) VALUES ('optimize')")
    database.close()


def took(searcher: Searcher, kind: str, lines: int, seed: int) -> float:
    """Return the median time of requests of a *kind*, in milliseconds."""
    choose, times = random.Random(seed), []
    for _ in range(REQUESTS):
        begun = time.perf_counter()
        if kind == "page":
            searcher.ask("history", "history", count=PAGE, before=choose.randrange(PAGE, lines))
        else:
            searcher.ask("search", "found", words=SEARCHES[kind])
        times.append((time.perf_counter() - begun) * 1e3)
    return median(times)


def compare(folder: Path, events: int, before: Peer, core: int, count: int) -> None:
    """Measure in turn, *count* times, and print the ratios."""
    sites = [Site(free_port(), folder / name) for name in ("plain", "changed")]
    with started(before, core, sites[0]), started(CHATROOM, core, sites[1]):
        for site in sites:
            index(site.folder / "data")
        searchers = [Searcher(site.port) for site in sites]
        print("| | ms unchanged | ms changed | ratio | 95 % |\n|---|--:|--:|--:|---|")
        for kind in ("page", *SEARCHES):
            pairs = [measured(searchers, kind, events // 2, number) for number in range(count)]
            middle, low, high = interval([after / first for first, after in pairs])
            unchanged, changed = (median(column) for column in zip(*pairs, strict=True))
            print(f"| {kind} | {unchanged:.2f} | {changed:.2f} | {middle:.3f} | {low:.3f} – {high:.3f} |", flush=True)


def measured(searchers: Sequence[Searcher], kind: str, lines: int, number: int) -> tuple[float, float]:
    """Measure one pair; who begins changes from pair to pair."""
    order = (0, 1) if number % 2 else (1, 0)
    times = {place: took(searchers[place], kind, lines, number) for place in order}
    return times[0], times[1]


def main() -> None:
    """Build both journals, and compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.changes", description=__doc__)
    parser.add_argument("checkout", type=Path, nargs="?", help="folder of the checkout that answers without changes")
    parser.add_argument("--events", type=int, default=1_000_000, metavar="N", help="(default: 1,000,000)")
    parser.add_argument("--pairs", type=int, default=15, metavar="N", help="(default: 15)")
    parser.add_argument("--server-core", type=int, default=0, metavar="CORE")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        folder = Path(name)
        print(describe([CHATROOM], folder))
        plain, changed = folder / "plain" / "data", folder / "changed" / "data"
        build(changed, options.events)
        if options.checkout is None:
            shutil.copytree(changed, plain)
        else:
            code = BUILD.format(checkout=str(options.checkout.absolute()), folder=str(plain), events=options.events)
            subprocess.run([sys.executable, "-c", code], check=True)
        with started(CHATROOM, options.server_core, Site(free_port(), changed.parent)):
            index(changed)
        print(f"{change(changed, options.events):,} of {options.events:,} messages are changed")
        erase(changed)
        before = CHATROOM if options.checkout is None else checkout(options.checkout.absolute())
        compare(folder, options.events, before, options.server_core, options.pairs)


if __name__ == "__main__":
    main()
