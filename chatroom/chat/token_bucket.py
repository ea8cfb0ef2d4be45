"""Token buckets: limit the sustained rate and the burst."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate of a `TokenBucket`, shared by all buckets of the same rate to save memory."""

    tokens: float
    """Tokens added per second; 0: no limit."""
    burst: float
    """Tokens that the bucket holds when full; at least 1."""
    clock: Callable[[], float]
    """Returns the time in seconds; monotonic."""
    longest: float = float("inf")
    """Longest debt, in seconds; more is forgiven."""


class TokenBucket:
    """
    A token bucket that slows and never drops: it may go into debt, and says how long to wait.

    :param filled: initial tokens, if less than full, but at least 1.
    """

    __slots__ = ("_tokens", "rate", "then")

    def __init__(self, rate: Rate, filled: float = float("inf")) -> None:
        self.rate = rate
        self._tokens = max(1.0, min(rate.burst, filled))
        self.then = rate.clock() if rate.tokens else 0.0
        """The time of the last `spend`."""

    def spend(self, cost: float = 1.0) -> float:
        """
        Spend *cost* tokens (one token is one line), going into debt if necessary.

        :returns: seconds to wait before the next action; 0.0 means go on.
        """
        rate = self.rate
        if not rate.tokens:
            return 0.0
        now = rate.clock()
        tokens = min(rate.burst, self._tokens + (now - self.then) * rate.tokens) - cost
        self._tokens = tokens = max(tokens, -rate.longest * rate.tokens)
        self.then = now
        # A line that empties the bucket passes at once; the next one waits for a whole token.
        return (1.0 - tokens) / rate.tokens if tokens < 1.0 else 0.0

    @property
    def full(self) -> bool:
        """Whether it is full again, as if nothing had been spent."""
        return not self.rate.tokens or self.level >= self.rate.burst

    @property
    def level(self) -> float:
        """Return the current number of tokens; negative if in debt."""
        rate = self.rate
        if not rate.tokens:
            return float("inf")
        return min(rate.burst, self._tokens + (rate.clock() - self.then) * rate.tokens)
