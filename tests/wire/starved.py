"""
How long processes have waited for a processor: what a busy machine adds to any time that a test measures.

The kernel counts for each thread how long it could have run and did not (``/proc/PID/task/TID/schedstat``, see
sched-stats.rst in its documentation).  Between a question and its answer one process works after the other; so on a
machine that has nothing else to do, it takes at most the measured time, less all that.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

Pids = Callable[[], Iterable[int]]


def descendants(*pids: int) -> list[int]:
    """Return *pids*, and all processes that those have started, and so on."""
    found = list(pids)
    for pid in found:
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, children.read_text().split())
    return found


def worked(pid: int) -> float:
    """Return the seconds for which the first thread of a process has had a processor."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


class Stopwatch:
    """
    Measures a time from when it is made.

    :param pids: the processes that work meanwhile, besides this one.
    """

    def __init__(self, pids: Pids) -> None:
        self._pids = pids
        self.start()

    def start(self) -> None:
        """Measure from now on."""
        self.begun = time.monotonic()
        self._before = self._waits()

    @property
    def starved(self) -> float:
        """How many seconds these processes have waited for a processor."""
        before = self._before
        return sum(waited - before.get(task, 0) for task, waited in self._waits().items()) / 1e9

    def check(self, most: float, *, thorough: bool) -> None:
        """
        Check that no more than *most* seconds have passed in which they had the processor, or waited for each other.

        :param thorough: whether *most* counts whatever else the machine does.
        """
        seconds, starved = time.monotonic() - self.begun, self.starved
        check_time(seconds, seconds - starved, most, thorough=thorough)

    def _waits(self) -> dict[int, int]:
        found = {}
        for pid in (os.getpid(), *self._pids()):
            for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                with suppress(OSError):
                    found[int(file.parent.name)] = int(file.read_text().split()[1])
        return found


def check_time(seconds: float, own: float, most: float, *, thorough: bool) -> None:
    """Check a time that was measured, as `Stopwatch.check` does: *own* is without what the processes starved."""
    print(f"{seconds:.2f} s, {max(0.0, own):.2f} of them not for want of a processor; {most:.2f} are allowed.")
    assert own <= most
    assert seconds <= most or not thorough
