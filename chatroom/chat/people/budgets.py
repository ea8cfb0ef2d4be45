"""Budgets: how much each person and place may use; they outlive connections, nicks and sessions."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable
from copy import copy
from typing import TypeVar
from weakref import WeakValueDictionary

from ..limits import Limits
from ..syntax.networks import is_local, place_of
from ..token_bucket import Rate, TokenBucket

LOCAL = ""
"""The place of everyone who has no address, or a loopback address: this machine."""

LOCAL_TIMES = 8
"""Multiplier of this machine's own budget: proxies, tunnels and scripts connect from here."""

REMEMBERED = 10_000
"""Budgets remembered of places and of absent people; about 5 MB. The longest unused are evicted."""

_LONGEST = 5.0
"""Longest wait of a place, in seconds: newcomers should not pay for a whole crowd's debts."""


def times_of(place: str) -> int:
    """Return the budget multiplier of *place*."""
    return LOCAL_TIMES if place == LOCAL else 1


B = TypeVar("B", "PlaceBudget", "Budget")


class PlaceBudget:
    """
    The shared budget of one place: as much as `Limits.persons_per_address` people.

    :param name: of the place; see `times_of`.
    :param lines: the rate of all there, as `size`, that of their bytes.
    :param rests: counts the waits.
    """

    __slots__ = ("__weakref__", "bytes", "lines", "name", "rests", "told_at")

    def __init__(self, name: str, lines: Rate, size: Rate, rests: Counter[str]) -> None:
        self.name = name
        self.lines = TokenBucket(lines)
        self.bytes = TokenBucket(size)
        self.rests = rests
        self.told_at = float("-inf")
        """When the log last noted that this place is slowed."""

    def owed(self) -> float:
        """Return the seconds until the debt is paid; 0.0: now."""
        return max(self.lines.spend(0.0), self.bytes.spend(0.0))

    def spend(self, lines: float, size: int = 0) -> None:
        """Charge *lines* lines' worth of work and *size* bytes to a person without a name yet; see `owed`."""
        self.lines.spend(lines)
        self.bytes.spend(size)

    @property
    def in_debt(self) -> bool:
        """Whether more has been spent than there was."""
        return self.lines.level < 0

    @property
    def full(self) -> bool:
        """Whether it is full again, as if nothing had been spent."""
        return self.lines.full and self.bytes.full


class Budget:
    """
    The budget of one person, over all connections and as part of a place.

    An exhausted place slows newcomers and those who have used half of their own budget, so that quiet people do not
    pay for the others.
    """

    __slots__ = ("_bytes", "_lines", "_since", "place")

    def __init__(self, place: PlaceBudget, lines: Rate, size: Rate) -> None:
        self.place = place
        # A newcomer's initial tokens come out of the place's.
        self._lines = TokenBucket(lines, place.lines.level)
        self._bytes = TokenBucket(size, place.bytes.level)
        self._since = self._lines.then + lines.burst / lines.tokens if lines.tokens else 0.0
        """The time until which this person counts as a newcomer."""

    def spend(self, lines: float = 0.0, size: int = 0) -> float:
        """
        Charge *lines* lines' worth of work and *size* bytes, going into debt if necessary.

        :returns: seconds to wait before the next action; 0.0 means go on.
        """
        if not self._lines.rate.tokens:
            return 0.0
        owed = shared = 0.0
        if lines:
            owed, shared = self._lines.spend(lines), self.place.lines.spend(lines)
        if size:
            owed = max(owed, self._bytes.spend(size))
            shared = max(shared, self.place.bytes.spend(size))
        if shared > owed and (self._lines.level < self._lines.rate.burst / 2 or self._lines.then < self._since):
            self.place.rests["place"] += 1
            return shared
        if owed:
            self.place.rests["person"] += 1
        return owed

    def at(self, place: PlaceBudget) -> Budget:
        """Return the same budget for a session from *place*."""
        here = copy(self)
        here.place = place
        return here

    @property
    def level(self) -> float:
        """Return how many lines could be spent at once now."""
        return self._lines.level

    @property
    def full(self) -> bool:
        """Whether it is full again, as if nothing had been spent."""
        return self._lines.full and self._bytes.full


class Budgets:
    """
    The budgets of all places and people of one server.

    :param clock: tells the time in seconds; it never steps back.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._rates, self._place_rates = rates(limits, clock), _place_rates(limits, clock)
        self._places: WeakValueDictionary[str, PlaceBudget] = WeakValueDictionary()
        self._recent: OrderedDict[str, PlaceBudget] = OrderedDict()
        """The places used last; a place without connections is remembered only here."""
        self._gone: OrderedDict[str, Budget] = OrderedDict()
        """Budgets of absent people, by party."""
        self.rests: Counter[str] = Counter()
        """Waits since the start, by whose budget was exhausted: person or place."""

    def set_limits(self, limits: Limits) -> None:
        """Use *limits* for new budgets."""
        if limits != self._limits:
            self._limits = limits
            self._rates, self._place_rates = rates(limits, self._clock), _place_rates(limits, self._clock)
            self._places.clear()
            self._recent.clear()
            self._gone.clear()

    def place(self, address: str) -> PlaceBudget:
        """Return the budget of the place of *address*."""
        name = LOCAL if is_local(address) else place_of(address)
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = PlaceBudget(name, *self._place_rates[times_of(name)], self.rests)
        _remember(self._recent, name, place)
        return place

    def newcomer(self, address: str) -> Budget:
        """Create a budget for a newcomer from *address*."""
        return Budget(self.place(address), *self._rates)

    def keep(self, party: str, budget: Budget) -> None:
        """Remember the *budget* of *party*, who has left."""
        _remember(self._gone, party, budget)

    def recall(self, party: str) -> Budget | None:
        """Return the remembered budget of *party*, who is back."""
        return self._gone.pop(party, None)

    def __len__(self) -> int:
        """Return how many are remembered."""
        return len(self._recent) + len(self._gone)


def _remember(remembered: OrderedDict[str, B], name: str, budget: B) -> None:
    """Remember *budget* under *name*, and evict some of the longest unused."""
    remembered[name] = budget
    remembered.move_to_end(name)
    for _ in range(2):
        oldest = next(iter(remembered.values()))
        if oldest is budget or not (oldest.full or len(remembered) > REMEMBERED):
            return
        remembered.popitem(last=False)


def _place_rates(limits: Limits, clock: Callable[[], float]) -> dict[int, tuple[Rate, Rate]]:
    """Return the rates of places, by their multiplier, shared by all of them."""
    persons = limits.persons_per_address
    return {times: rates(limits, clock, persons * times, _LONGEST) for times in (1, LOCAL_TIMES)}


def rates(
    limits: Limits, clock: Callable[[], float], persons: int = 1, longest: float = float("inf")
) -> tuple[Rate, Rate]:
    """
    Return the line rate and the byte rate of *persons* people together; see `Rate`.

    :param longest: seconds that they wait at most.
    """
    lines = Rate(limits.rate * persons, limits.burst * persons, clock, longest)
    byte_rate = limits.byte_rate if limits.rate else 0.0
    return lines, Rate(byte_rate * persons, max(1, limits.byte_burst) * persons, clock, longest)
