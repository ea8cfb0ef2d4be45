"""The logins workload: how long a line takes while nobody logs in, and while a thousand people try passwords."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.peers.built import CHATROOM
from benchmarks.runs import Bench, Figures
from benchmarks.servers import pin, running
from benchmarks.workloads import Case

CHAT = Case("logins-chat", "paced", members=100, rate=200)
EVERY = 1.0
"""Seconds between two tries of one person: who is told to come back in a few seconds is not that quick."""


@contextmanager
def guessing(bench: Bench, port: int, count: int, answers: Figures) -> Iterator[None]:
    """Have *count* people try passwords meanwhile; count the answers in *answers*."""
    rush = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.rush", str(port), str(count), str(EVERY)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=partial(pin, bench.load_core),
    )
    try:
        assert rush.stdout is not None
        rush.stdout.readline()
        yield
        output, _ = rush.communicate()
        answers |= json.loads(output)
    finally:
        rush.kill()
        rush.communicate()


def memory(pid: int, name: str) -> int:
    """Read one of the kernel's counts of memory, in bytes: ``VmRSS``, or ``VmHWM``, the highest that it was."""
    found = re.search(rf"^{name}:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def measure_once(bench: Bench, guessers: int) -> Figures:
    """Put the same chat on one server twice, the second time with *guessers* at the door."""
    answers: Figures = {}
    with running(CHATROOM, bench.server_core, bench.folder) as (pid, port):
        idle = bench.put(CHATROOM, CHAT, pid, port)
        rss = memory(pid, "VmRSS")
        with guessing(bench, port, guessers, answers):
            busy = bench.put(CHATROOM, CHAT, pid, port)
        growth = memory(pid, "VmHWM") - rss
    return {
        "idle_p50_ms": idle["p50_ms"],
        "idle_p99_ms": idle["p99_ms"],
        "p50_ms": busy["p50_ms"],
        "p99_ms": busy["p99_ms"],
        "max_ms": busy["max_ms"],
        "times_idle": busy["p99_ms"] / idle["p99_ms"],
        "server_busy": busy["server_busy"],
        "growth": growth,
        "tries": sum(answers.values()),
        "checked": answers.get("wrong_password", 0),
    }


def measure(bench: Bench, guessers: int, runs: int, tell: Callable[[str], None]) -> list[Figures]:
    """Measure that *runs* times."""
    figures = []
    for number in range(runs):
        tell(f"logins, run {number + 1} of {runs}")
        figures.append(measure_once(bench, guessers))
    return figures


def table(guessers: int, figures: list[Figures]) -> str:
    """Write the medians."""

    def middle(name: str) -> float:
        return median(one[name] for one in figures)

    return f"""\
### logins: {guessers:,} people who try a password every {EVERY:g} s

- a line's way takes {middle("p99_ms"):.2f} ms (p99); without them {middle("idle_p99_ms"):.2f} ms: \
{middle("times_idle"):.2f} times
- p50 {middle("p50_ms"):.2f} and {middle("idle_p50_ms"):.2f} ms, longest {middle("max_ms"):.1f} ms
- tries answered: {middle("tries"):,.0f}, of which checked {middle("checked"):,.0f}; \
server busy {middle("server_busy"):.0%}
- memory grew by {middle("growth") / 2**20:.1f} MiB at most
"""
