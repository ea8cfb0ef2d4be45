"""What the writer's thread does when nobody waits for it: a little at a time, between commits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from chatroom.chat.ports import JournalError, Timer

from ._asking import CLOSED, as_error
from .memory import Later
from .worker import AnyWorker

PAUSE = 0.005
"""Seconds between two steps.  A step takes some 1.5 ms, so few commits meet one on their way."""
_PATIENCE = 40
"""Pauses that are waited for a quiet moment; then a step is taken anyway, or it would never end."""

Step = Callable[[], int]
"""Does a little of one chore, and says how much that was; 0: it was all done before."""


class Chore:
    """One thing to do, and who waits for the sum of what was done."""

    __slots__ = ("done", "step", "total")

    def __init__(self, step: Step) -> None:
        self.step = step
        self.total = 0
        self.done: Deferred[int] = Deferred()


class Chores:
    """
    Takes turns between chores, a step each.

    :param quiet: tells whether nothing is to be committed now.
    :param worker: on whose thread the steps are done.
    """

    def __init__(self, later: Later, quiet: Callable[[], bool], worker: AnyWorker) -> None:
        self._later = later
        self._quiet = quiet
        self._worker = worker
        self._open = False
        self._chores: deque[Chore] = deque()
        """The first of them is under way, or comes next."""
        self._pause: Timer | None = None
        self._waited = 0

    def start(self) -> None:
        """Take on chores from now on."""
        self._open = True

    def do(self, step: Step) -> Deferred[int]:
        """
        Take *step* until it returns 0.

        :returns: the sum; fails with a `JournalError` if a step does, or if the journal is closed first.
        """
        if not self._open:
            return fail(JournalError(CLOSED))
        chore = Chore(step)
        self._chores.append(chore)
        if len(self._chores) == 1:
            self._next()
        return chore.done

    def stop(self) -> None:
        """Take no further step."""
        self._open = False
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        chores, self._chores = self._chores, deque()
        for chore in chores:
            chore.done.errback(JournalError(CLOSED))

    def _next(self) -> None:
        self._pause = None
        if self._waited < _PATIENCE and not self._quiet():
            self._waited += 1
            self._pause = self._later(PAUSE, self._next)
            return
        self._waited = 0
        self._worker.run(self._chores[0].step, self._stepped)

    def _stepped(self, result: int | Failure) -> None:
        if not self._open:
            return
        chore = self._chores.popleft()
        if isinstance(result, int) and result:
            chore.total += result
            self._chores.append(chore)
        if self._chores:
            self._pause = self._later(PAUSE, self._next)
        if isinstance(result, Failure):
            chore.done.errback(as_error(result))
        elif not result:
            chore.done.callback(chore.total)
