"""Bot pace: what the bots of one account may do in a time, in the order in which they ask; nothing is lost."""

from __future__ import annotations

from collections import OrderedDict, deque
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from ..refusals import TooSoon
from ..syntax.durations import spoken

if TYPE_CHECKING:
    from ..core import Core
    from ..people.bot import Bot
    from ..people.budgets import Budget
    from ..ports import Future

WAITING = 100
"""Requests of one account that may wait, except from senders that cannot be refused; each holds one message."""

_HELD = 1000
"""Accounts whose budgets are remembered; the longest unused are forgotten."""


class _Lane:
    """The requests of one account: one at a time, each after the debts of those before."""

    __slots__ = ("budget", "busy", "free_at", "waiting")

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.busy = False
        self.free_at = -inf
        """When everything so far is paid, on the monotonic clock."""
        self.waiting: deque[Future[None]] = deque()


class BotPace:
    """Slows the bots of each account to the pace of one person."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()

    async def turn(self, bot: Bot, lines: float, size: int = 0, *, most: float = WAITING) -> None:
        """
        Wait until the account has paid for what it did before, then charge *lines* lines' worth and *size* bytes.

        :param most: how many may wait already.
        :raises TooSoon: if more do.
        """
        lane = self._lane(bot)
        if lane.busy:
            if len(lane.waiting) >= most:
                wait = max(1.0, lane.free_at - self._core.runtime.monotonic())
                raise TooSoon(f"Too many requests are waiting already; please try again in {spoken(wait)}.", wait)
            future = self._core.runtime.future()
            lane.waiting.append(future)
            # The place in front is passed on.
            await future
        lane.busy = True
        try:
            await self.rest(lane.free_at - self._core.runtime.monotonic())
            self._charge(lane, bot, lines, size)
        finally:
            if lane.waiting:
                # In a later turn, so that this one goes first.
                future = lane.waiting.popleft()
                self._core.runtime.later(0, partial(future.callback, None))
            else:
                lane.busy = False

    def charge(self, bot: Bot, lines: float) -> None:
        """Charge for work with the cost of *lines* lines, which the next request waits for."""
        self._charge(self._lane(bot), bot, lines, 0)

    async def work(self, bot: Bot, lines: float) -> None:
        """Charge for work, and wait for a turn of the fair queue to do it."""
        self.charge(bot, lines)
        await self._core.fair_queue.next(lines)

    async def rest(self, seconds: float) -> None:
        """Wait for *seconds*, if that is any time."""
        if seconds > 0:
            future = self._core.runtime.future()
            self._core.runtime.later(seconds, partial(future.callback, None))
            await future

    def _charge(self, lane: _Lane, bot: Bot, lines: float, size: int) -> None:
        lane.budget = lane.budget.at(self._core.budgets.place(bot.address))
        owed = lane.budget.spend(lines, size)
        lane.free_at = max(lane.free_at, self._core.runtime.monotonic() + owed)

    def _lane(self, bot: Bot) -> _Lane:
        lane = self._lanes.get(bot.party)
        if lane is None:
            lane = self._lanes[bot.party] = _Lane(self._core.budgets.newcomer(bot.address))
            self._forget_idle()
        self._lanes.move_to_end(bot.party)
        return lane

    def _forget_idle(self) -> None:
        if len(self._lanes) > _HELD:
            party = next((party for party, one in self._lanes.items() if not one.busy), None)
            if party is not None:
                del self._lanes[party]
