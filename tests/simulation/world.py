"""Tasks and chance: everything that could happen next waits here until the seed lets it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Generator, Iterator
from types import CodeType
from typing import Any

from twisted.internet.defer import AlreadyCalledError

from .clock import SimClock, Timer

Switch = tuple[CodeType, int]
"""Where a task was suspended: a place in a function's code."""


class Future:
    """
    A result that is not there yet.

    :param at_once: whether who waits for it goes on as soon as it is there; if not, when the seed lets them.
    """

    __slots__ = ("_error", "_kept", "_result", "at_once", "task", "world")

    def __init__(self, world: SimWorld, at_once: bool) -> None:
        self.world = world
        self.at_once = at_once
        self.task: Task | None = None
        self._kept = False
        self._result: Any = None
        self._error: Exception | None = None

    def callback(self, result: Any) -> None:
        """Here is the result."""
        if self._kept:
            raise AlreadyCalledError
        self._kept, self._result = True, result
        if self.task is not None:
            self.world.wake(self.task, self.at_once)

    def errback(self, error: Exception) -> None:
        """There will be none."""
        self._error = error
        self.callback(None)

    def __await__(self) -> Generator[Future, None, Any]:
        if not self._kept:
            yield self
        if self._error is not None:
            raise self._error
        return self._result


class Task:
    """A coroutine of the house that has not ended."""

    __slots__ = ("coroutine", "label")

    def __init__(self, coroutine: Coroutine[Any, Any, None], label: str) -> None:
        self.coroutine = coroutine
        self.label = label


class Schedule:
    """What could happen next, by label, so that a recorded choice can be made again where others are left out."""

    def __init__(self) -> None:
        self._ready: list[tuple[str, Callable[[], object], object]] = []
        self.luck = 0
        """What the smaller choices within a step are made of."""

    def coin(self) -> bool:
        """Decide something small."""
        return self._number() % 2 == 0

    def part(self, size: int) -> int:
        """Decide how much of *size* bytes goes on together: all of them mostly, and at least one."""
        number = self._number()
        return size if number % 4 or size < 2 else 1 + number // 4 % (size - 1)

    def _number(self) -> int:
        # The generator of the C standard's example: all that is asked of it is to be the same again.
        self.luck = (self.luck * 1_103_515_245 + 12_345) % 2**31
        return self.luck >> 8

    def add(self, label: str, call: Callable[[], object], whose: object = None) -> None:
        """Let *call* happen at some time from now on; *whose*: see `forget`."""
        self._ready.append((label, call, whose))

    def label(self, place: int) -> str:
        """Return the entry at *place*."""
        return self._ready[place][0]

    def take(self, label: str) -> Callable[[], object] | None:
        """Remove the oldest entry of *label*; None: there is nothing of the kind."""
        for place, (name, call, _) in enumerate(self._ready):
            if name == label:
                del self._ready[place]
                return call
        return None

    def first(self) -> Callable[[], object]:
        """Take out the oldest of all."""
        return self._ready.pop(0)[1]

    def clear(self) -> None:
        """Cancel everything."""
        self._ready.clear()

    def forget(self, whose: object) -> None:
        """Cancel what was *whose*."""
        self._ready = [entry for entry in self._ready if entry[2] is not whose]

    def __len__(self) -> int:
        return len(self._ready)


class SimWorld:
    """
    The world as one process of the server has it.

    :param numbers: what tokens are made of.
    :param prompt: whether who waits for a promise goes on in the moment when it is kept, as with Twisted's; if
        not, anything else may come before.
    :param failed: is told of every exception that nobody expected.
    """

    def __init__(
        self,
        clock: SimClock,
        schedule: Schedule,
        numbers: Iterator[int],
        prompt: bool,
        failed: Callable[[BaseException], None],
    ) -> None:
        self.clock = clock
        self.schedule = schedule
        self._numbers = numbers
        self.prompt = prompt
        self.failed = failed
        self.tasks: dict[Task, None] = {}
        """Those that have not ended, the oldest first."""
        self.switches: set[Switch] = set()
        self.resumed = 0
        self.stopped: list[str] = []
        self.serials: dict[Any, int] = {}
        """The number of each session."""
        self.running = ""
        """The label of the task that is running."""
        self.dead = False
        """Whether the process is gone."""

    # For the house.

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.clock.now()

    def monotonic(self) -> float:
        """Seconds that never step back."""
        return self.clock.seconds()

    def later(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call *call* in *seconds*."""
        return self.clock.callLater(seconds, call)

    def future(self) -> Future:
        """Make a promise."""
        return Future(self, self.prompt)

    def spawn(self, task: Coroutine[Any, Any, None]) -> None:
        """Run *task* up to its first wait now."""
        if self.dead:
            # What a coroutine that has not begun was going to wait for is closed by nobody else.
            for one in (task.cr_frame.f_locals.get("task"), task):  # type: ignore[attr-defined]
                if one is not None:
                    one.close()
            return
        whose = self.serials.get(task.cr_frame.f_locals.get("self"), "")  # type: ignore[attr-defined]
        started = Task(task, f"{task.__qualname__}/{whose}")
        self.tasks[started] = None
        self._run(started)

    def bug(self) -> None:
        """Tell of the exception that is being handled."""
        error = sys.exc_info()[1]
        assert error is not None
        self.failed(error)

    def token(self) -> str:
        """Return a string of 22 characters that has not been returned before."""
        return f"t{next(self._numbers):021}"

    def stop(self, reason: str) -> None:
        """Note that the house wants the server to stop."""
        self.stopped.append(reason)

    def reload(self) -> str:
        """Tell that there is nothing to reload."""
        return "There is no configuration to reload."

    # For the simulation.

    def wake(self, task: Task, at_once: bool) -> None:
        """What *task* waited for is there."""
        if at_once:
            self._run(task)
        else:
            self.schedule.add(f"resume {task.label}", lambda: self._run(task))

    def die(self) -> None:
        """The process is gone, and with it all that it was doing."""
        self.dead = True
        for task in list(self.tasks):
            task.coroutine.close()
        self.tasks.clear()

    def _run(self, task: Task) -> None:
        if self.dead or task not in self.tasks:
            return
        before, self.running = self.running, task.label
        self.resumed += 1
        try:
            future = task.coroutine.send(None)
        except StopIteration:
            del self.tasks[task]
        except Exception as error:
            del self.tasks[task]
            self.failed(error)
        else:
            future.task = task
            self._note_switch(task.coroutine)
        finally:
            self.running = before

    def _note_switch(self, coroutine: Any) -> None:
        while coroutine is not None and hasattr(coroutine, "cr_frame"):
            frame = coroutine.cr_frame
            self.switches.add((frame.f_code, frame.f_lasti))
            coroutine = coroutine.cr_await
