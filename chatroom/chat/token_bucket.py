"""Token buckets: how fast somebody may go on, and how much they may do at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a `TokenBucket` may be, shared by all that may be as fast: one object for ten thousand people."""

    tokens: float
    """Tokens that flow in per second; 0: no limit at all."""
    burst: float
    """Tokens that the bucket holds when full; at least 1."""
    clock: Callable[[], float]
    """Tells the time in seconds; it never steps back."""
    longest: float = float("inf")
    """Seconds that its debt takes to be paid, at most; what is beyond that is let off."""


class TokenBucket:
    """
    A token bucket that slows and never drops: it may go into debt, and says how long to rest.

    :param filled: tokens that it holds at first, if that is less than when full, but at least 1.
    """

    __slots__ = ("_tokens", "rate", "then")

    def __init__(self, rate: Rate, filled: float = float("inf")) -> None:
        self.rate = rate
        self._tokens = max(1.0, min(rate.burst, filled))
        self.then = rate.clock() if rate.tokens else 0.0
        """When something was spent last."""

    def spend(self, cost: float = 1.0) -> float:
        """
        Spend *cost* tokens (one token is one line), going into debt if need be.

        :returns: seconds to wait before the next action; 0.0 means go on.
        """
        rate = self.rate
        if not rate.tokens:
            return 0.0
        now = rate.clock()
        tokens = min(rate.burst, self._tokens + (now - self.then) * rate.tokens) - cost
        self._tokens = tokens = max(tokens, -rate.longest * rate.tokens)
        self.then = now
        # A line that empties the bucket is free to go; the one after it waits for a whole token.
        return (1.0 - tokens) / rate.tokens if tokens < 1.0 else 0.0

    @property
    def full(self) -> bool:
        """Whether nothing of what was spent makes a difference any more."""
        return not self.rate.tokens or self.level >= self.rate.burst

    @property
    def level(self) -> float:
        """How many tokens there are now; below 0, a debt."""
        rate = self.rate
        if not rate.tokens:
            return float("inf")
        return min(rate.burst, self._tokens + (rate.clock() - self.then) * rate.tokens)
