"""Gives a reactor a clock that never steps back, for everything that waits."""

from __future__ import annotations

import time
from typing import Any


def go_by_monotonic_time(reactor: Any) -> None:
    """
    Let everything that waits on *reactor* go by a clock that never steps back.

    Twisted's own clock is ``time.time``: when the system's clock is set back by an hour, whatever has been put off
    by a moment waits for an hour, each turn of the journal included.  What waits already goes on waiting for as
    long as it had left.  Harmless if it has been done.
    """
    before = reactor.seconds
    if before is time.monotonic:
        return
    passed = time.monotonic() - before()
    reactor.seconds = time.monotonic
    for call in reactor.getDelayedCalls():
        call.seconds = time.monotonic
        call.time += passed
