"""Monotonic clock for a reactor's timers."""

from __future__ import annotations

import time
from typing import Any


def go_by_monotonic_time(reactor: Any) -> None:
    """
    Give *reactor* a monotonic clock for its timers.

    Twisted's own clock is ``time.time``: when the system's clock is set back by an hour, every timer waits an hour
    longer, even those of the journal that were to fire at once.  Timers that are pending keep the time that they had
    left.  Harmless if it has been done already.
    """
    before = reactor.seconds
    if before is time.monotonic:
        return
    passed = time.monotonic() - before()
    reactor.seconds = time.monotonic
    for call in reactor.getDelayedCalls():
        call.seconds = time.monotonic
        call.time += passed
