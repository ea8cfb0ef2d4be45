"""Fair shares of password work: limits how many hashes each place (an address) runs at a time."""

from __future__ import annotations

from collections import Counter, deque

from ..ports import Busy, Future, Runtime

AT_ONCE = 4
"""Passwords of one place in work at a time, including those that wait for a thread."""

WAITING = 32
"""Further passwords of one place that may queue: enough for a class behind one address."""


class Shares:
    """
    Gives each place its share; requests beyond it queue behind others from the same place.

    :param most: passwords of one place at a time.
    """

    def __init__(self, runtime: Runtime, most: int = AT_ONCE) -> None:
        self._most = most
        self._runtime = runtime
        self._under_way: Counter[str] = Counter()
        self._waiting: dict[str, deque[Future[None]]] = {}

    async def begin(self, place: str, times: int) -> None:
        """
        Wait for a free slot of *place*; `end` must follow.

        :param times: the multiplier of this place's share.
        :raises Busy: if too many are waiting already.
        """
        if self._under_way[place] < self._most * times:
            self._under_way[place] += 1
            return
        waiting = self._waiting.setdefault(place, deque())
        if len(waiting) >= WAITING * times:
            raise Busy
        future = self._runtime.future()
        waiting.append(future)
        await future

    def end(self, place: str) -> None:
        """Free a slot of *place*, and give it to the next in its queue."""
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
        """Return how many are in work or queued."""
        return self._under_way.total() + sum(map(len, self._waiting.values()))
