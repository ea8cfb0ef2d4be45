"""Turns at the reactor for costly work: whoever needs much of it keeps nobody waiting who needs little."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from .ports import Future, Runtime

PER_TURN = 8.0
"""Lines' worth of work that is done in one turn of the reactor for those who wait: a few milliseconds."""

ROWS_A_LINE = 50
"""Rows that are charged for as one line: to collect and to render them takes half a millisecond at most."""

NAMES_A_LINE = 500
"""Nicks of a room's people that are charged for as one line: 10,000 of them take some 6 ms."""

MISSED_A_LINE = 1000
"""Missed events that are charged for as one line: a page of 200 costs 0.2 lines."""


Work = Callable[[float], Awaitable[None]]
"""Charges whoever asks for work that costs so much, in lines' worth, and waits for a turn to do it."""


class FairQueue:
    """Gives turns to those who wait for them, in order and a few at a time."""

    def __init__(self, world: Runtime) -> None:
        self._world = world
        self._waiting: deque[tuple[float, Callable[[], object]]] = deque()

    def next(self, cost: float = 1.0) -> Future[None]:
        """
        Wait for a turn to do some work.

        :param cost: how much, in lines' worth: one is half a millisecond at most, or one page of history.
        """
        future = self._world.future()
        self.call(lambda: future.callback(None), cost)
        return future

    def call(self, work: Callable[[], object], cost: float) -> None:
        """Call *work*, which costs so much and never raises, when it is its turn."""
        self._waiting.append((cost, work))
        if len(self._waiting) == 1:
            self._world.later(0, self._give)

    def __len__(self) -> int:
        """Tell how many wait."""
        return len(self._waiting)

    def _give(self) -> None:
        given, cost = [], 0.0
        while self._waiting and cost < PER_TURN:
            one, work = self._waiting.popleft()
            cost += one
            given.append(work)
        if self._waiting:
            self._world.later(0, self._give)
        for work in given:
            work()
