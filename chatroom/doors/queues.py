"""Where those wait who are nobody yet, when the place that they come from has asked for too much."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import NamedTuple

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from chatroom.chat.budgets import Budgets, PlaceBudget
from chatroom.quiet_log import QuietLog

TOLD_EVERY = 60.0
"""Seconds between two lines of the log about one place that is slowed."""


class _Wish(NamedTuple):
    """What somebody waits for."""

    lines: float
    size: int
    go: Callable[[], object]


class Queues:
    """
    One queue for each place whose budget is used up.

    What somebody asks for is paid for when they get it, and not before: so a place is in debt for one of them at
    most, and who gives up waiting has cost it nothing.

    :param clock: calls whoever may go on, and may be asked for the time.
    """

    def __init__(self, clock: IReactorTime, budgets: Budgets) -> None:
        self._clock = clock
        self._budgets = budgets
        self._log = QuietLog(clock, Logger(namespace="chatroom"))
        self._queues: dict[str, _Queue] = {}
        self._waiting: dict[Hashable, _Queue] = {}

    def enter(self, who: Hashable, address: str, go: Callable[[], object], lines: float, size: int = 0) -> None:
        """
        Call *go* when *lines* lines' worth of work and *size* bytes can be paid for; at once, if they can be now.

        :param who: waits for one thing at a time.
        :param go: never raises.
        """
        place = self._budgets.place(address)
        queue = self._queues.get(place.name)
        if queue is None:
            if not _owed(place):
                place.spend(lines, size)
                go()
                return
            queue = self._queues[place.name] = _Queue(self, self._clock, place)
            self._tell_of(place)
        place.rests["place"] += 1
        self._waiting[who] = queue
        queue.add(who, _Wish(lines, size, go))

    def leave(self, who: Hashable) -> None:
        """*who* waits no more; harmless if they do not."""
        queue = self._waiting.pop(who, None)
        if queue is not None:
            queue.remove(who)

    def _tell_of(self, place: PlaceBudget) -> None:
        now = self._clock.seconds()
        if now - place.told_at >= TOLD_EVERY:
            place.told_at = now
            self._log.info("Slowed {place}: its budget is used up.", place=place.name or "this machine")

    def served(self, who: Hashable) -> None:
        """*who* may go on."""
        del self._waiting[who]

    def over(self, place: PlaceBudget) -> None:
        """Nobody from *place* waits any more."""
        del self._queues[place.name]


class _Queue:
    """Those who wait at one place, in the order in which they came."""

    def __init__(self, queues: Queues, clock: IReactorTime, place: PlaceBudget) -> None:
        self._queues = queues
        self._clock = clock
        self._place = place
        self._wishes: OrderedDict[Hashable, _Wish] = OrderedDict()
        self._timer: IDelayedCall | None = None
        self._serving = False

    def add(self, who: Hashable, wish: _Wish) -> None:
        self._wishes[who] = wish
        if self._timer is None and not self._serving:
            self._timer = self._clock.callLater(_owed(self._place), self._serve)

    def remove(self, who: Hashable) -> None:
        del self._wishes[who]
        if not self._wishes and self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._queues.over(self._place)

    def _serve(self) -> None:
        self._timer, self._serving = None, True
        while self._wishes and not _owed(self._place):
            who, wish = self._wishes.popitem(last=False)
            self._queues.served(who)
            self._place.spend(wish.lines, wish.size)
            wish.go()
        self._serving = False
        if self._wishes:
            self._timer = self._clock.callLater(_owed(self._place), self._serve)
        else:
            self._queues.over(self._place)


def _owed(place: PlaceBudget) -> float:
    """Tell in how many seconds something can be paid for again."""
    return max(place.lines.spend(0.0), place.bytes.spend(0.0))
