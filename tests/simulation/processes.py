"""Processes, where there are several: each may be paused, go on, or be gone from one moment to the next."""

from __future__ import annotations

from collections.abc import Callable

from .clock import ProcessClock, SimClock
from .world import Schedule


class ProcessSchedule(Schedule):
    """What could happen next in one process: it waits in the schedule of all, or here while the process is paused."""

    def __init__(self, common: Schedule) -> None:
        super().__init__()
        self._common = common
        self._held: list[tuple[str, Callable[[], object]]] = []
        self.paused = self.dead = False

    def _number(self) -> int:
        return self._common._number()

    def add(self, label: str, call: Callable[[], object], whose: object = None) -> None:
        if not self.dead:
            self._common.add(label, lambda: self._happen(label, call), self)

    def _happen(self, label: str, call: Callable[[], object]) -> None:
        if self.paused:
            self._held.append((label, call))
        else:
            call()

    def clear(self) -> None:
        self._held.clear()
        self._common.forget(self)

    def pause(self) -> None:
        """Let nothing happen."""
        self.paused = True

    def go_on(self) -> None:
        """Let all happen that would have happened meanwhile."""
        self.paused = False
        held, self._held = self._held, []
        for label, call in held:
            self.add(label, call)


class Process:
    """One of several processes: its own timers and tasks, on the same machine."""

    def __init__(self, clock: SimClock, schedule: Schedule) -> None:
        self.clock = ProcessClock(clock)
        self.schedule = ProcessSchedule(schedule)
        self.dead = False

    @property
    def paused(self) -> bool:
        """Whether it does nothing for now."""
        return self.schedule.paused

    def pause(self) -> None:
        """Stop it, as SIGSTOP does."""
        self.clock.pause()
        self.schedule.pause()

    def go_on(self) -> None:
        """Let it go on, as SIGCONT does."""
        self.clock.go_on()
        self.schedule.go_on()

    def die(self) -> None:
        """Let it be gone."""
        self.dead = self.schedule.dead = True
        self.clock.clear()
        self.schedule.clear()
