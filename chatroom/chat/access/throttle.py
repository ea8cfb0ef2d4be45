"""
Login throttle: slows password guessing without locking out the owner of a nick.

Wrong passwords are counted by place (an address) and by nick, whether anyone has it or not.  The first `FREE` cost
nothing; each further try has to wait, twice as long each time.  That stops one place that guesses at many names, and
many places that guess at one name.

Waits for a nick are short, because strangers can bring them about; still they let no more than 120 tries
an hour through.  A pair of place and nick with a recent login is exempt from both counts and has one of its own:
neither neighbours behind the same address nor strangers elsewhere can keep an owner out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..refusals import TooMany, TooSoon
from ..syntax.durations import spoken

FREE = 5
"""Wrong passwords without a wait: people mistype, and try passwords of other sites."""

LONGEST_PLACE = 900.0
"""Longest wait of a place, in seconds."""

LONGEST_NICK = 30.0
"""Longest wait for a nick, in seconds."""

FORGOTTEN = 3600.0
"""Seconds without a wrong password after which earlier ones are forgotten."""

LATELY = 30 * 86_400.0
"""Seconds for which a successful login is remembered, by place and nick."""

HELD = 10_000
"""Places, nicks and pairs remembered: a few megabytes in all; the oldest are evicted."""

T = TypeVar("T")


class _ExpiringMap(Generic[T]):
    """
    An expiring map: forgets entries after a while, and holds at most `HELD`.

    If the clock jumps back, entries that would lie in the future count as new.
    """

    def __init__(self, lasts: float) -> None:
        self._lasts = lasts
        self._held: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()

    def get(self, key: Hashable, now: float) -> tuple[float, T] | None:
        """Return the time and the value of an entry."""
        found = self._held.get(key)
        if found is None:
            return None
        since, what = found
        if since > now:
            found = self._held[key] = now, what
        elif now - since >= self._lasts:
            del self._held[key]
            return None
        return found

    def put(self, key: Hashable, since: float, what: T) -> None:
        """Store *what*, dated *since*."""
        self._held[key] = since, what
        self._held.move_to_end(key)
        if len(self._held) > HELD:
            self._held.popitem(last=False)

    def drop(self, key: Hashable) -> None:
        """Remove an entry, if there is one."""
        self._held.pop(key, None)

    def __len__(self) -> int:
        return len(self._held)


@dataclass(frozen=True, slots=True)
class _Count:
    wrong: int = 0
    before: float = 0.0
    """The time of the wrong password before the last."""
    trying: int = 0
    """How many of them are still being checked, and may turn out to be right."""


class _FailureCounts:
    """Failure counts: wrong passwords by key, and how long each key has to wait."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._counts: _ExpiringMap[_Count] = _ExpiringMap(FORGOTTEN)

    def owed(self, key: Hashable, now: float, times: int = 1) -> float:
        """Return the seconds until the next try; *times* multiplies the free tries."""
        since, count = self._counts.get(key, now) or (now, _Count())
        free = FREE * times
        if count.wrong < free:
            return 0.0
        # Bound the shift: the count has no bound.
        wait = min(self._longest / times, float(1 << min(count.wrong - free, 20)))
        return max(0.0, since + wait - now)

    def guessed(self, key: Hashable, now: float, times: int = 1) -> bool:
        """Return whether the free tries are used up by those that have turned out to be wrong; see `owed`."""
        found = self._counts.get(key, now)
        return found is not None and found[1].wrong - found[1].trying >= FREE * times

    def add(self, key: Hashable, now: float) -> None:
        """Count a try as wrong."""
        since, count = self._counts.get(key, now) or (now, _Count())
        self._counts.put(key, now, _Count(count.wrong + 1, since, count.trying + 1))

    def again(self, key: Hashable, now: float) -> None:
        """Restart the wait: the counted try has just ended."""
        found = self._counts.get(key, now)
        if found is not None:
            count = found[1]
            self._counts.put(key, now, _Count(count.wrong, count.before, max(0, count.trying - 1)))

    def undo(self, key: Hashable, now: float) -> None:
        """Take a counted try back."""
        found = self._counts.get(key, now)
        if found is None or found[1].wrong <= 1:
            self._counts.drop(key)
        else:
            count = found[1]
            left = _Count(count.wrong - 1, count.before, max(0, count.trying - 1))
            self._counts.put(key, min(now, count.before), left)

    def forget(self, key: Hashable) -> None:
        """Forget all failures of *key*."""
        self._counts.drop(key)

    def __len__(self) -> int:
        return len(self._counts)


class Try:
    """A login attempt, counted as wrong until its result is known.  Call `wrong`, `right` or `withdrawn` once."""

    __slots__ = ("_counted", "_pair", "_throttle")

    def __init__(
        self, throttle: LoginThrottle, pair: tuple[str, str], counted: Sequence[tuple[_FailureCounts, Hashable]]
    ) -> None:
        self._throttle = throttle
        self._pair = pair
        self._counted = counted

    def wrong(self) -> None:
        """Record a wrong password: the wait begins now."""
        now = self._throttle.clock()
        for wrongs, key in self._counted:
            wrongs.again(key, now)

    def right(self) -> None:
        """
        Record a right password: the place becomes known to the nick.

        Other failures of the place still count, so that the owner of one account cannot guess at others.
        """
        self.withdrawn()
        self._throttle.know(self._pair)

    def withdrawn(self) -> None:
        """Take the attempt back: it was not checked."""
        now = self._throttle.clock()
        for wrongs, key in self._counted:
            wrongs.undo(key, now)


class LoginThrottle:
    """
    Login throttle: slows password guessing; see above.

    :param clock: returns the time in seconds; jumps never make anyone wait longer.
    :param what: what is guessed, in the plural.
    """

    def __init__(self, clock: Callable[[], float], what: str = "passwords") -> None:
        self.clock = clock
        self._what = what
        self._places = _FailureCounts(LONGEST_PLACE)
        self._nicks = _FailureCounts(LONGEST_NICK)
        self._pairs = _FailureCounts(LONGEST_NICK)
        self._known: _ExpiringMap[None] = _ExpiringMap(LATELY)

    def may_begin(self, place: str, key: str, times: int = 1) -> bool:
        """
        Return whether an attempt may `begin` now, or has to wait for those that are under way.

        :raises TooSoon: if it has to wait, however they turn out.
        """
        now = self.clock()
        free = self._free(place, key, times, now)
        owed = max(wrongs.owed(of, now, often) for wrongs, of, often in free)
        if owed > 0 and any(wrongs.guessed(of, now, often) for wrongs, of, often in free):
            raise TooSoon(f"Too many wrong {self._what}. Please wait {spoken(owed)}, then try again.", owed)
        return owed == 0

    def begin(self, place: str, key: str, times: int = 1) -> Try:
        """
        Start an attempt from *place* at the nick with this *key*.

        It counts at once, so a thousand parallel attempts get no further than sequential ones.

        :param times: multiplies the free tries of *place*.
        :raises TooSoon: if it has to wait; it does not count then.
        """
        if not self.may_begin(place, key, times):
            raise TooSoon(f"Too many {self._what} are being checked at once. Please try again in a moment.")
        now = self.clock()
        free = self._free(place, key, times, now)
        for wrongs, of, _ in free:
            wrongs.add(of, now)
        return Try(self, (place, key), [(wrongs, of) for wrongs, of, _ in free])

    def _free(self, place: str, key: str, times: int, now: float) -> list[tuple[_FailureCounts, Hashable, int]]:
        """Return the counts that an attempt is in, with its key there and the multiplier of the free tries."""
        if self._known.get((place, key), now) is not None:
            return [(self._pairs, (place, key), 1)]
        return [(self._places, place, times), (self._nicks, key, 1)]

    def know(self, pair: tuple[str, str]) -> None:
        """Remember a login to this nick from this place: others' failures don't lock it out."""
        self._known.put(pair, self.clock(), None)
        self._pairs.forget(pair)

    def __len__(self) -> int:
        """Return the number of entries held."""
        return len(self._places) + len(self._nicks) + len(self._pairs) + len(self._known)


class Registrations:
    """
    Counts the accounts registered from each place within an hour.

    :param clock: returns the time in seconds; jumps never make anyone wait longer.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._made: _ExpiringMap[tuple[float, ...]] = _ExpiringMap(FORGOTTEN)

    def spend(self, place: str, limit: int) -> None:
        """
        Count a registration.

        :param limit: how many are allowed per hour.
        :raises TooSoon: if the limit is reached.
        :raises TooMany: if the limit is 0.
        """
        if limit < 1:
            raise TooMany("Accounts cannot be created on this server.")
        now = self._clock()
        _, times = self._made.get(place, now) or (now, ())
        recent = tuple(min(one, now) for one in times if now - one < FORGOTTEN)
        if len(recent) >= limit:
            wait = spoken(recent[-limit] + FORGOTTEN - now)
            raise TooSoon(f"Too many new accounts from your address. Please try again in {wait}.")
        self._made.put(place, now, (*recent, now))

    def refund(self, place: str) -> None:
        """Take the last registration back."""
        since, times = self._made.get(place, self._clock()) or (0.0, ())
        if times:
            self._made.put(place, since, times[:-1])
