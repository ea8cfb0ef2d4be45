"""Fair queue: shares out costly work in reactor turns, so that heavy requests don't delay light ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable

from .ports import Future, Runtime

PER_TURN = 8.0
"""Work done per reactor turn, in lines' worth: a few milliseconds."""

ROWS_A_LINE = 50
"""Rows charged as one line: collecting and rendering them takes half a millisecond at most."""

NAMES_A_LINE = 2000
"""Nicks of a member list charged as one line: 10,000 take some 2 ms."""

MISSED_A_LINE = 1000
"""Missed events charged as one line: a page of 200 costs 0.2 lines."""


Work = Callable[[float], Awaitable[None]]
"""Charges for work of the given cost, in lines' worth, and waits for a turn to do it."""


class FairQueue:
    """Fair queue: runs waiting work in order, a few items per reactor turn."""

    def __init__(self, world: Runtime) -> None:
        self._world = world
        self._waiting: deque[tuple[float, Callable[[], object]]] = deque()

    def next(self, cost: float = 1.0) -> Future[None]:
        """
        Wait for a turn to do some work.

        :param cost: in lines' worth: 1 is half a millisecond at most, or one page of history.
        """
        future = self._world.future()
        self.call(lambda: future.callback(None), cost)
        return future

    def call(self, work: Callable[[], object], cost: float) -> None:
        """Call *work*, which must not raise, when it is its turn."""
        self._waiting.append((cost, work))
        if len(self._waiting) == 1:
            self._world.later(0, self._give)

    def __len__(self) -> int:
        """Return how many are waiting."""
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
