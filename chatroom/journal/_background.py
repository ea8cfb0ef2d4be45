"""What the writer's thread does when nobody waits for it: a little at a time, between commits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from functools import partial

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from chatroom.chat.ports import JournalError, Timer

from ._calls import CLOSED, Later, Worker, as_error

PAUSE = 0.005
"""Seconds between two steps, at least, while people chat."""
_BREATH = 0.001
"""The same while nobody says anything."""
_LEISURE = 8
"""How many times as long as a step took is rested after it: so of ten commits, one meets one."""
_SLOW = 0.003
"""Seconds from which a step is a slow one: merging the index, FTS5 stops only between two words, and the places
of the commonest word among a million messages take 20 ms."""
_MORE_LEISURE = 100
"""The same for slow steps: of a hundred commits, one meets one."""
_STEPS = 16
"""Steps between two checkpoints: they write some 16 × 30 pages."""
_PATIENCE = 40
"""Pauses that are waited for a quiet moment; then a step is taken anyway, or it would never end."""


class Mood(Enum):
    """How much there is to commit: so much that it wants the processor for itself, some, or nothing for a while."""

    FLOOD = auto()
    TALK = auto()
    SILENCE = auto()


Step = Callable[[], "int | None"]
"""Does a little of one chore, and says how much that was; None: it was all done before."""


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

    :param mood: tells how much there is to commit.
    :param worker: on whose thread the steps are done.
    :param timer: measures time in seconds, from whenever.
    :param checkpoint: called now and then, while no step is taken: see `Database.checkpoint`.
    """

    def __init__(
        self,
        later: Later,
        mood: Callable[[], Mood],
        worker: Worker,
        timer: Callable[[], float],
        checkpoint: Callable[[], Deferred[None]],
    ) -> None:
        self._later = later
        self._mood = mood
        self._silent = False
        self._worker = worker
        self._open = False
        self._chores: deque[Chore] = deque()
        """The first of them is under way, or comes next."""
        self._going = False
        """Whether a step is under way, or will be after a rest."""
        self._pause: Timer | None = None
        self._timer = timer
        self._checkpoint = checkpoint
        self._waited = 0
        self._steps = 0
        self._took = 0.0
        """Seconds that the last step took."""

    def start(self) -> None:
        """Take on chores from now on."""
        self._open = True

    def do(self, step: Step) -> Deferred[int]:
        """
        Take *step* until it returns None.

        :returns: the sum; fails with a `JournalError` if a step does, or if the journal is closed first.
        """
        if not self._open:
            return fail(JournalError(CLOSED))
        chore = Chore(step)
        self._chores.append(chore)
        if not self._going:
            self._going = True
            self._next()
        return chore.done

    def stop(self) -> None:
        """Take no further step."""
        self._open = self._going = False
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        chores, self._chores = self._chores, deque()
        for chore in chores:
            chore.done.errback(JournalError(CLOSED))

    def _next(self) -> None:
        self._pause = None
        mood = self._mood()
        self._silent = mood is Mood.SILENCE
        if self._waited < _PATIENCE and mood is Mood.FLOOD:
            self._waited += 1
            self._pause = self._later(PAUSE, self._next)
            return
        self._waited = 0
        self._worker.run(partial(self._step, self._chores[0].step), self._stepped)

    def _step(self, step: Step) -> int | None:
        """Take *step*, on the worker's thread."""
        begun = self._timer()
        try:
            return step()
        finally:
            self._took = self._timer() - begun

    def _stepped(self, result: int | Failure | None) -> None:
        if not self._open:
            return
        chore = self._chores.popleft()
        if isinstance(result, int):
            chore.total += result
            self._chores.append(chore)
        self._steps += 1
        if self._steps % _STEPS == 0 or self._took >= _SLOW:
            self._checkpoint().addBoth(self._rest)
        else:
            self._rest(None)
        if isinstance(result, Failure):
            chore.done.errback(as_error(result))
        elif result is None:
            chore.done.callback(chore.total)

    def _rest(self, _: object) -> None:
        self._going = self._open and bool(self._chores)
        if self._going:
            leisure = _LEISURE if self._took < _SLOW else _MORE_LEISURE
            rest = max(_BREATH, self._took) if self._silent else max(PAUSE, leisure * self._took)
            self._pause = self._later(rest, self._next)
