"""
Background work: done on the writer's thread in small steps between commits, more of it while nobody chats.

A line that comes alone does not wait for it: the redo log commits that on the reactor's thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from functools import partial

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from chatroom.chat.ports import JournalError, Timer

from ._calls import CLOSED, Later, Worker, as_error

MIN_PAUSE = 0.0006
"""
Seconds between two turns, at least.

Without a pause, the reactor's thread waits for the core: if there is only one, p99 of a line is 6 ms.  The worker's
thread sleeps for so long: a timer of the reactor lasts until the next whole millisecond, often twice as long.
"""
_REST_RATIO = 0.5
"""How many times as long as a step took to pause after it: most commits that need the database wait for one."""
_IDLE_TURN = 0.004
"""Seconds that steps are taken for without a pause while there are no events."""
_SLOW_STEP = 0.008
"""Seconds from which a step counts as slow: FTS5 stops merging only between two words, and the places of the
commonest word among a million messages take 20 ms."""
_SLOW_REST_RATIO = 2
"""The same after slow steps: one commit in three that needs the database has to wait for one."""
CHECKPOINT_STEPS = 48
"""Steps between two checkpoints: they write some 48 × 20 pages."""
_SLOW_STEPS = 8
"""As how many of them a slow one counts.  A checkpoint after each one took more than the step, on a busy machine."""
CHECKPOINT_INTERVAL = 5.0
"""Seconds after a checkpoint until the next step is followed by another one: the chat writes meanwhile, too."""
HEAVY_PAUSE = 0.005
"""Seconds between two looks for a quiet moment while there is much to commit."""
_MAX_PAUSES = 40
"""Pauses to wait for a quiet moment; then a step is taken anyway, or the work would never end."""


class Load(Enum):
    """How much there is to commit: a flood, some, or nothing for a while."""

    HEAVY = auto()
    LIGHT = auto()
    IDLE = auto()


Step = Callable[[], "int | None"]
"""Does a little of one task, and returns how much that was; None when it is finished."""


class _Task:
    """A task, and the sum of what its steps have done."""

    __slots__ = ("done", "step", "total")

    def __init__(self, step: Step) -> None:
        self.step = step
        self.total = 0
        self.done: Deferred[int] = Deferred()


class BackgroundTasks:
    """
    Round robin: takes a step of each task in turn.

    :param load: returns how much there is to commit.
    :param worker: the thread that takes the steps.
    :param timer: measures time in seconds; its zero does not matter.
    :param sleep: sleeps for so many seconds, on the worker's thread; None: a timer measures pauses, too.
    :param checkpoint: called now and then, while no step is taken: see `Database.checkpoint`.
    """

    def __init__(
        self,
        later: Later,
        load: Callable[[], Load],
        worker: Worker,
        timer: Callable[[], float],
        checkpoint: Callable[[], Deferred[None]],
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._later = later
        self._load = load
        self._worker = worker
        self._open = False
        self._tasks: deque[_Task] = deque()
        """The queue of tasks; the first is current or next."""
        self._running = False
        """Whether a step is being taken, or will be after a pause."""
        self._timer: Timer | None = None
        self._measure = timer
        self._checkpoint = checkpoint
        self._sleep = sleep
        self._pauses = 0
        self._steps = 0
        self._unchecked = 0
        """How many steps there have been since the last checkpoint; slow ones count more."""
        self._checked = 0.0
        """When that was, in seconds."""
        self._turn = 0.0
        """Seconds that steps were taken for at once; 0: one step only."""
        self._took = 0.0
        """Duration of the last step, in seconds."""

    def start(self) -> None:
        """Accept tasks from now on."""
        self._open = True
        self._checked = self._measure()

    def run(self, step: Step) -> Deferred[int]:
        """
        Take *step* until it returns None.

        :returns: the sum; fails with a `JournalError` if a step does, or if the journal is closed first.
        """
        if not self._open:
            return fail(JournalError(CLOSED))
        task = _Task(step)
        self._tasks.append(task)
        if not self._running:
            self._running = True
            self._next()
        return task.done

    def stop(self) -> None:
        """Take no further step; unfinished tasks fail."""
        self._open = self._running = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        tasks, self._tasks = self._tasks, deque()
        for task in tasks:
            task.done.errback(JournalError(CLOSED))

    def _next(self) -> None:
        self._timer = None
        load = self._load()
        if self._pauses < _MAX_PAUSES and load is Load.HEAVY:
            self._pauses += 1
            self._timer = self._later(HEAVY_PAUSE, self._next)
            return
        self._pauses = 0
        self._turn = _IDLE_TURN if load is Load.IDLE else 0.0
        self._worker.run(partial(self._step, self._tasks[0].step, self._turn), self._stepped)

    def _step(self, step: Step, turn: float) -> int | None:
        """Take *step* until *turn* seconds have passed, on the worker's thread; return how much that was."""
        begun = self._measure()
        total = 0
        try:
            while True:
                done = step()
                if done is None:
                    return total or None
                total += done
                if self._measure() - begun >= turn:
                    return total
        finally:
            self._took = self._measure() - begun
            if self._sleep is not None and self._is_short():
                self._sleep(self._pause())

    def _stepped(self, result: int | Failure | None) -> None:
        if not self._open:
            return
        task = self._tasks.popleft()
        if isinstance(result, int):
            task.total += result
            self._tasks.append(task)
        self._steps += 1
        self._unchecked += 1 if self._took < _SLOW_STEP else _SLOW_STEPS
        late = result is not None and self._measure() - self._checked >= CHECKPOINT_INTERVAL
        if late or self._unchecked >= CHECKPOINT_STEPS:
            self._unchecked, self._checked = 0, self._measure()
            self._checkpoint().addBoth(self._rest)
        else:
            self._rest(None)
        if isinstance(result, Failure):
            task.done.errback(as_error(result))
        elif result is None:
            task.done.callback(task.total)

    def _rest(self, _: object) -> None:
        self._running = self._open and bool(self._tasks)
        if self._running:
            slept = self._sleep is not None and self._is_short()
            self._timer = self._later(0.0 if slept else self._pause(), self._next)

    def _is_short(self) -> bool:
        """Return whether the pause that is due is short, because the last step was not slow, or nobody chats."""
        return bool(self._turn) or self._took < _SLOW_STEP

    def _pause(self) -> float:
        """Return how long to pause after the last step, in seconds."""
        ratio = 0.0 if self._turn else _REST_RATIO if self._took < _SLOW_STEP else _SLOW_REST_RATIO
        return max(MIN_PAUSE, ratio * self._took)
