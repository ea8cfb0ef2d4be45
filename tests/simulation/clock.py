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

    __slots__ = ("at", "call", "clock", "state")

    def __init__(self, clock: SimClock, at: float, call: Callable[[], object]) -> None:
        self.clock = clock
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
        self.at = self.clock.seconds() + seconds
        self.clock.put(self)

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
        self.held: list[Timer] | None = None
        """The timers that were due while the process was paused; None: it is not."""
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
        if timer.clock.held is not None:
            timer.clock.held.append(timer)
            return True
        timer.state = "called"
        timer.call()
        return True

    def clear(self) -> None:
        """Forget all timers: the process is gone."""
        self._heap.clear()

    def forget(self, clock: SimClock) -> None:
        """Forget the timers of *clock*, one of several processes that have this one in common."""
        self._heap = [entry for entry in self._heap if entry[2].clock is not clock]
        heapq.heapify(self._heap)


class ProcessClock(SimClock):
    """The clock of one of several processes: its timers wait in that of the *machine*."""

    def __init__(self, machine: SimClock) -> None:
        super().__init__()
        self._machine = machine
        self.ahead = 0.0
        """Seconds by which its time of day is ahead of that of others."""

    def now(self) -> float:
        return self._machine.now() + self.ahead

    def seconds(self) -> float:
        return self._machine.seconds()

    def put(self, timer: Timer) -> None:
        self._machine.put(timer)

    def clear(self) -> None:
        self.held = None
        self._machine.forget(self)

    def pause(self) -> None:
        """Hold what is due."""
        if self.held is None:
            self.held = []

    def go_on(self) -> None:
        """Call what was due meanwhile, in its order."""
        held, self.held = self.held or [], None
        for timer in held:
            self.put(timer)
