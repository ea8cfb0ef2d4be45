"""Admission: queues requests of people without a name until their address has the budget, then until their turn."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from typing import NamedTuple

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from chatroom.chat.fair_queue import FairQueue
from chatroom.chat.people.budgets import Budgets, PlaceBudget
from chatroom.system.quiet_log import QuietLog

from .rate_limit import log_slowed


class _Wish(NamedTuple):
    """A request that is waiting."""

    go: Callable[[], object]
    lines: float
    size: int
    queue: _Queue | None


class Admission:
    """
    One queue for each place whose budget is used up.

    Requests are charged when they run, not before: so a place is in debt for at most one of them, and a request that
    is given up costs nothing.

    :param turns: bounds the work of one reactor turn.
    """

    def __init__(self, clock: IReactorTime, budgets: Budgets, turns: FairQueue) -> None:
        self._clock = clock
        self._budgets = budgets
        self._turns = turns
        self._log = QuietLog(clock, Logger(namespace="chatroom"))
        self._queues: dict[str, _Queue] = {}
        self._wishes: dict[Hashable, _Wish] = {}

    def enter(self, who: Hashable, address: str | None, go: Callable[[], object], lines: float, size: int = 0) -> None:
        """
        Call *go* in a later turn, once the budget covers *lines* lines' worth of work and *size* bytes.

        :param who: may wait for one thing at a time.
        :param address: whose budget pays; None: free of charge.
        :param go: must not raise.
        """
        if address is None:
            self._give_turn(who, _Wish(go, lines, size, None))
            return
        place = self._budgets.place(address)
        queue = self._queues.get(place.name)
        if queue is None:
            if not place.owed():
                place.spend(lines, size)
                self._give_turn(who, _Wish(go, lines, size, None))
                return
            queue = self._queues[place.name] = _Queue(self, self._clock, place)
            log_slowed(place, self._clock.seconds(), self._log)
        place.rests["place"] += 1
        self._wishes[who] = wish = _Wish(go, lines, size, queue)
        queue.add(who, wish)

    def admit(self, who: Hashable, address: str, go: Callable[[], object], lines: float) -> bool:
        """
        Charge *lines* lines' worth of work, if the budget covers it now.

        :returns: False if not; *who* then waits as in `enter`.
        """
        place = self._budgets.place(address)
        if place.name not in self._queues and not place.owed():
            place.spend(lines)
            return True
        self.enter(who, address, go, lines)
        return False

    def leave(self, who: Hashable) -> None:
        """Stop waiting on behalf of *who*; harmless if they aren't waiting."""
        wish = self._wishes.pop(who, None)
        if wish is not None and wish.queue is not None:
            wish.queue.remove(who)

    def paid(self, who: Hashable, wish: _Wish) -> None:
        """Queue *who*, whose request is paid for, for a turn."""
        self._give_turn(who, wish._replace(queue=None))

    def over(self, place: PlaceBudget) -> None:
        """Drop the queue of *place*, which is empty."""
        del self._queues[place.name]

    def _give_turn(self, who: Hashable, wish: _Wish) -> None:
        self._wishes[who] = wish
        self._turns.call(partial(self._go, who, wish), wish.lines)

    def _go(self, who: Hashable, wish: _Wish) -> None:
        if self._wishes.get(who) is wish:
            del self._wishes[who]
            wish.go()


class _Queue:
    """The requests waiting at one place, first come, first served."""

    def __init__(self, admission: Admission, clock: IReactorTime, place: PlaceBudget) -> None:
        self._admission = admission
        self._clock = clock
        self._place = place
        self._wishes: OrderedDict[Hashable, _Wish] = OrderedDict()
        self._timer: IDelayedCall | None = None

    def add(self, who: Hashable, wish: _Wish) -> None:
        self._wishes[who] = wish
        if self._timer is None:
            self._timer = self._clock.callLater(self._place.owed(), self._serve)

    def remove(self, who: Hashable) -> None:
        del self._wishes[who]
        if not self._wishes and self._timer is not None:
            self._timer.cancel()
            self._admission.over(self._place)

    def _serve(self) -> None:
        self._timer = None
        while self._wishes and not self._place.owed():
            who, wish = self._wishes.popitem(last=False)
            self._place.spend(wish.lines, wish.size)
            self._admission.paid(who, wish)
        if self._wishes:
            self._timer = self._clock.callLater(self._place.owed(), self._serve)
        else:
            self._admission.over(self._place)
