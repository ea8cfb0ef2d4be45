"""The clock: a reactor's timers, and the time of day, which may be set."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count
from typing import Any

from twisted.internet.error import AlreadyCalled, AlreadyCancelled

START = 1_767_322_800.0
"""A Friday in January, 2026-01-02 03:00 UTC."""


class Timer:
    """A call that has been put off."""

    __slots__ = ("_clock", "at", "call", "state")

    def __init__(self, clock: SimClock, at: float, call: Callable[[], object]) -> None:
        self._clock = clock
        self.at = at
        self.call = call
        self.state = ""

    def cancel(self) -> None:
        """Do not call after all; as with Twisted, a mistake if it has been called."""
        if self.state:
            raise AlreadyCancelled if self.state == "cancelled" else AlreadyCalled
        self.state = "cancelled"

    def reset(self, seconds: float) -> None:
        """Call in so many *seconds* from now."""
        if self.state:
            raise AlreadyCancelled if self.state == "cancelled" else AlreadyCalled
        self.at = self._clock.seconds() + seconds
        self._clock.put(self)

    def active(self) -> bool:
        """Whether it is still to be called."""
        return not self.state


class SimClock:
    """A clock, as a reactor has one: its seconds never step back, unless a fault is put in."""

    def __init__(self) -> None:
        self.passed = 1000.0
        """Seconds since some moment or other."""
        self.wall = START
        """What is to be added to that to get the time of day, less a thousand seconds."""
        self.by_wall = False
        """Whether even timers go by the time of day."""
        self._heap: list[tuple[float, int, Timer]] = []
        self._numbers = count()

    def now(self) -> float:
        """Seconds since the epoch, as far as the machine knows."""
        return self.wall + self.passed

    def seconds(self) -> float:
        """What timers go by."""
        return self.now() if self.by_wall else self.passed

    def callLater(self, seconds: float, call: Callable[..., object], *args: Any, **kwargs: Any) -> Timer:
        """Call *call* in *seconds*, when the seed comes to it."""
        assert seconds >= 0, f"a timer for {seconds} seconds"
        timer = Timer(self, self.seconds() + seconds, lambda: call(*args, **kwargs))
        self.put(timer)
        return timer

    def put(self, timer: Timer) -> None:
        """Keep *timer* until it is due."""
        heapq.heappush(self._heap, (timer.at, next(self._numbers), timer))

    def next(self) -> float | None:
        """Seconds until the next timer is due, at least 0; None: there is none."""
        heap = self._heap
        while heap and (heap[0][2].state or heap[0][2].at != heap[0][0]):
            heapq.heappop(heap)
        return max(0.0, heap[0][0] - self.seconds()) if heap else None

    def fire(self) -> bool:
        """Make the first call that is due; return whether there was one."""
        if self.next() != 0.0:
            return False
        timer = heapq.heappop(self._heap)[2]
        timer.state = "called"
        timer.call()
        return True

    def clear(self) -> None:
        """Forget all timers: the process is gone."""
        self._heap.clear()
