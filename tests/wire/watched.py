"""
Runs ``twistd`` and measures its reactor: how much CPU time the longest turn of its thread takes.

It is a program: its first argument is where to write the figures, the second how many seconds there are between two
trims of memory, and the others are for ``twistd``.  SIGUSR1 has it write the figures, and begin anew.  It imports
nothing of the tests, so that what is measured is the server alone.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable

LONG = 0.005
"""Seconds from which on a turn is listed by itself."""

LISTED = 100_000
"""Turns that are listed at most."""


class Watch:
    """
    Times the turns of a reactor.

    :param turn: what begins each turn: the reactor's own ``runUntilCurrent``.
    :param path: the file for the figures.
    """

    def __init__(self, turn: Callable[[], None], path: str) -> None:
        self._turn = turn
        self._path = path
        self._collecting = 0.0
        self._begun = time.thread_time()
        self._forget()

    def run_until_current(self) -> None:
        """End one turn and begin the next; sleep between them takes no CPU time."""
        now = time.thread_time()
        self._note(now - self._begun)
        self._begun = now
        self._turns += 1
        self._turn()

    def collecting(self, phase: str, _: object) -> None:
        """Time the collection of garbage, which is part of some turn: see ``gc.callbacks``."""
        if phase == "start":
            self._collecting = time.thread_time()
        else:
            self._collected = max(self._collected, time.thread_time() - self._collecting)

    def report(self, *_: object) -> None:
        """Write the figures, those of the turn under way included: it may never end."""
        self._note(time.thread_time() - self._begun)
        figures = {"longest": self._longest, "turns": self._turns, "long": self._long, "gc": self._collected}
        with open(f"{self._path}.new", "w") as file:
            json.dump(figures, file)
        os.replace(f"{self._path}.new", self._path)
        self._forget()

    def _note(self, spent: float) -> None:
        self._longest = max(self._longest, spent)
        if spent >= LONG and len(self._long) < LISTED:
            self._long.append(spent)

    def _forget(self) -> None:
        self._longest = self._collected = 0.0
        self._turns = 0
        self._long: list[float] = []


def main() -> None:
    """Run ``twistd`` under watch."""
    path, trims = sys.argv.pop(1), float(sys.argv.pop(1))
    from twisted.internet import reactor
    from twisted.scripts.twistd import run

    import chatroom.server.memory

    watch = Watch(reactor.runUntilCurrent, path)  # type: ignore[attr-defined]
    reactor.runUntilCurrent = watch.run_until_current  # type: ignore[attr-defined]
    chatroom.server.memory.EVERY = trims
    gc.callbacks.append(watch.collecting)
    signal.signal(signal.SIGUSR1, watch.report)
    run()


if __name__ == "__main__":
    main()
