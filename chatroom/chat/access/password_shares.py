"""How many passwords of one place are worked out at a time, so that none keeps those of others waiting for long."""

from __future__ import annotations

from collections import Counter, deque

from ..ports import Busy, Future, Runtime

AT_ONCE = 4
"""Passwords of one place that are worked out at a time, be it that they wait for a thread."""

WAITING = 32
"""More of them that may wait here: a class behind one address that logs in when the lesson begins."""


class Shares:
    """
    Gives each place its share; whoever comes too soon waits for those from the same place.

    :param most: passwords of one place at a time.
    """

    def __init__(self, world: Runtime, most: int = AT_ONCE) -> None:
        self._most = most
        self._world = world
        self._under_way: Counter[str] = Counter()
        self._waiting: dict[str, deque[Future[None]]] = {}

    async def begin(self, place: str, times: int) -> None:
        """
        Wait until there may be one more from *place*; `end` must follow.

        :param times: how many times as much as others it has.
        :raises Busy: if too many wait already.
        """
        if self._under_way[place] < self._most * times:
            self._under_way[place] += 1
            return
        waiting = self._waiting.setdefault(place, deque())
        if len(waiting) >= WAITING * times:
            raise Busy
        future = self._world.future()
        waiting.append(future)
        await future

    def end(self, place: str) -> None:
        """One from *place* is worked out: the next one's turn."""
        waiting = self._waiting.get(place)
        if not waiting:
            self._under_way[place] -= 1
            if not self._under_way[place]:
                del self._under_way[place]
            return
        future = waiting.popleft()
        if not waiting:
            del self._waiting[place]
        future.callback(None)

    def __len__(self) -> int:
        """Tell how many are worked out, or wait for that."""
        return self._under_way.total() + sum(map(len, self._waiting.values()))
