"""
How guessing of passwords is slowed, without locking out whom a name belongs to.

Wrong passwords are counted by place (an address) and by nick, whether anyone has it or not.  The first
`FREE` cost nothing; from then on each further try has to wait, twice as long each time.  That stops one
place that guesses at many names, and many places that guess at one name.

Waits for a nick are short, because strangers can bring them about; still they let no more than 120 tries
an hour through.  And whoever has logged in from a place to a nick lately is held up by neither
count there, but by one for that place and nick alone: neither neighbours behind the same address nor
strangers elsewhere can keep an owner out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..refusals import TooMany, TooSoon
from ..syntax.durations import spoken

FREE = 5
"""Wrong passwords that cost no wait: people mistype, and try the passwords of other places."""

LONGEST_PLACE = 900.0
"""Seconds that a place waits at most."""

LONGEST_NICK = 30.0
"""Seconds that a nick is waited for at most."""

FORGOTTEN = 3600.0
"""Seconds without a wrong password after which those before are forgotten."""

LATELY = 30 * 86_400.0
"""Seconds that a place is remembered from which someone has logged in."""

HELD = 10_000
"""Places, nicks, and pairs of both that are remembered: a few megabytes in all; the oldest go first."""

T = TypeVar("T")


class _ExpiringMap(Generic[T]):
    """
    What is remembered for a while, and at most `HELD` of it.

    A clock that jumps back makes everything that would lie in the future just now.
    """

    def __init__(self, lasts: float) -> None:
        self._lasts = lasts
        self._held: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()

    def get(self, key: Hashable, now: float) -> tuple[float, T] | None:
        """Find since when this is remembered, and what."""
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
        """Remember *what*, as of *since*."""
        self._held[key] = since, what
        self._held.move_to_end(key)
        if len(self._held) > HELD:
            self._held.popitem(last=False)

    def drop(self, key: Hashable) -> None:
        """Remember this no more; harmless if it is not."""
        self._held.pop(key, None)

    def __len__(self) -> int:
        return len(self._held)


@dataclass(frozen=True, slots=True)
class _Count:
    wrong: int = 0
    before: float = 0.0
    """When the wrong one before the last was tried."""


class _FailureCounts:
    """Wrong passwords by one sort of key, and how long each key has to wait for the next try."""

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._counts: _ExpiringMap[_Count] = _ExpiringMap(FORGOTTEN)

    def owed(self, key: Hashable, now: float, times: int = 1) -> float:
        """Seconds until the next try; *times* as many as elsewhere cost no wait."""
        since, count = self._counts.get(key, now) or (now, _Count())
        free = FREE * times
        if count.wrong < free:
            return 0.0
        # No shift by a number that grows without bound.
        wait = min(self._longest / times, float(1 << min(count.wrong - free, 20)))
        return max(0.0, since + wait - now)

    def add(self, key: Hashable, now: float) -> None:
        """Count a try as wrong."""
        since, count = self._counts.get(key, now) or (now, _Count())
        self._counts.put(key, now, _Count(count.wrong + 1, since))

    def again(self, key: Hashable, now: float) -> None:
        """The try that is counted has ended just now: the wait begins here."""
        found = self._counts.get(key, now)
        if found is not None:
            self._counts.put(key, now, found[1])

    def undo(self, key: Hashable, now: float) -> None:
        """The try that was counted is not to count."""
        found = self._counts.get(key, now)
        if found is None or found[1].wrong <= 1:
            self._counts.drop(key)
        else:
            self._counts.put(key, min(now, found[1].before), _Count(found[1].wrong - 1, found[1].before))

    def forget(self, key: Hashable) -> None:
        """Nothing was wrong."""
        self._counts.drop(key)

    def __len__(self) -> int:
        return len(self._counts)


class Try:
    """One try at a password.  It counts as wrong until it is known to be `right`, or is `withdrawn`."""

    __slots__ = ("_counted", "_guessing", "_pair")

    def __init__(
        self, guessing: LoginThrottle, pair: tuple[str, str], counted: Sequence[tuple[_FailureCounts, Hashable]]
    ) -> None:
        self._guessing = guessing
        self._pair = pair
        self._counted = counted

    def wrong(self) -> None:
        """It was wrong: what there is to wait begins now."""
        now = self._guessing.clock()
        for wrongs, key in self._counted:
            wrongs.again(key, now)

    def right(self) -> None:
        """
        It was right: from now on the nick knows this place.

        What else was wrong goes on counting, or who has one account could guess at all others.
        """
        self.withdrawn()
        self._guessing.know(self._pair)

    def withdrawn(self) -> None:
        """Nothing came of it, neither right nor wrong."""
        now = self._guessing.clock()
        for wrongs, key in self._counted:
            wrongs.undo(key, now)


class LoginThrottle:
    """
    Slows whoever guesses at passwords; see above.

    :param clock: tells the time in seconds; it may jump, which nobody has to wait longer for.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._places = _FailureCounts(LONGEST_PLACE)
        self._nicks = _FailureCounts(LONGEST_NICK)
        self._pairs = _FailureCounts(LONGEST_NICK)
        self._known: _ExpiringMap[None] = _ExpiringMap(LATELY)

    def begin(self, place: str, key: str, times: int = 1) -> Try:
        """
        Begin a try from *place* at the nick with this *key*.

        It counts from now on, so that of a thousand at once no more are let through than one by one.

        :param times: how many times as many tries as elsewhere cost no wait at *place*.
        :raises TooSoon: if it has to wait; then it does not count.
        """
        now, pair = self.clock(), (place, key)
        counted: list[tuple[_FailureCounts, Hashable]] = [(self._places, place), (self._nicks, key)]
        if self._known.get(pair, now) is not None:
            counted = [(self._pairs, pair)]
        owed = max(wrongs.owed(of, now, times if wrongs is self._places else 1) for wrongs, of in counted)
        if owed > 0:
            raise TooSoon(f"There were too many wrong passwords. Please wait {spoken(owed)}, then try again.")
        for wrongs, of in counted:
            wrongs.add(of, now)
        return Try(self, pair, counted)

    def know(self, pair: tuple[str, str]) -> None:
        """Someone has logged in from this place to this nick: nothing that others do keeps them out."""
        self._known.put(pair, self.clock(), None)
        self._pairs.forget(pair)

    def __len__(self) -> int:
        """Tell how much is remembered."""
        return len(self._places) + len(self._nicks) + len(self._pairs) + len(self._known)


class Registrations:
    """
    Counts the accounts that are made from each place within an hour.

    :param clock: tells the time in seconds; it may jump, which nobody has to wait longer for.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._made: _ExpiringMap[tuple[float, ...]] = _ExpiringMap(FORGOTTEN)

    def spend(self, place: str, limit: int) -> None:
        """
        Count one more account.

        :param limit: how many there may be.
        :raises TooSoon: if that would be more.
        :raises TooMany: if there may be none at all.
        """
        if limit < 1:
            raise TooMany("No accounts can be made on this server.")
        now = self._clock()
        _, times = self._made.get(place, now) or (now, ())
        recent = tuple(min(one, now) for one in times if now - one < FORGOTTEN)
        if len(recent) >= limit:
            wait = spoken(recent[-limit] + FORGOTTEN - now)
            raise TooSoon(f"There were too many new accounts from your address. Please try again in {wait}.")
        self._made.put(place, now, (*recent, now))

    def refund(self, place: str) -> None:
        """The last one was not made after all."""
        since, times = self._made.get(place, self._clock()) or (0.0, ())
        if times:
            self._made.put(place, since, times[:-1])
