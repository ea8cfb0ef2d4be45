"""How much is too much: the numbers, and the token bucket that paces a session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Every bound on what a stranger can make grow, with the defaults.

    A pasted screenful (50 lines) passes at once, then five lines a second: generous beside the IRC
    servers' two a second, because a flood here is only slowed and never costs the connection.
    """

    line: int = 4096
    """Bytes in a line of text, after its newline is taken off."""
    nick: int = 32
    """Characters in a nick."""
    room: int = 32
    """Characters in a room's name."""
    password: int = 512
    """Bytes in a password (hashing a huge one costs time); the least is 8 characters."""
    login_within: float = 60.0
    """Seconds that someone may use a registered nick without having logged in."""
    registrations: int = 5
    """Accounts that can be registered from one address in an hour."""
    accounts: int = 100_000
    """Accounts on this server."""
    bans: int = 100_000
    """Bans, or mutes, of one room."""
    ignored: int = 200
    """People that one person does not want to hear."""
    topic: int = 300
    """Characters in a topic or in a reason for leaving."""
    ref: int = 64
    """Characters in the mark that a program puts on a command."""
    rooms_per_session: int = 20
    """Rooms that one person is in at a time."""
    conversations: int = 200
    """Private conversations that one person has under way."""
    rate: float = 5.0
    """Lines a second that a person may go on sending; 0: no limit."""
    burst: int = 50
    """Lines that a person may send at once after a rest."""
    byte_rate: float = 4096.0
    """Bytes a second that a person may go on sending; 0: no limit."""
    byte_burst: int = 65_536
    """Bytes that a person may send at once after a rest."""
    persons_per_address: int = 16
    """Persons whose budgets everyone who comes from one address shares; a class behind one router is no attack."""
    flood_kick: float = 0.0
    """Seconds of being slowed without a pause after which a session is ended; 0: never."""
    paste: int = 40
    """Lines that arrived together and are passed on as one event."""
    greeting: int = 20
    """Lines of history shown to who comes in."""
    page: int = 200
    """Events in one page of history."""
    lag: int = 100_000
    """Events of a room that someone who fell behind is shown; of what is older they are told the count."""
    stall: float = 300.0
    """Seconds after which someone who takes nothing at all of what is sent is hung up on; 0: never."""
    grace: float = 30.0
    """Seconds that a session with a resume token stays after its connection broke."""
    token_lasts: float = 86_400.0
    """Seconds until a resume token is worth nothing."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a `Pace` may be, shared by all that may be as fast: one object for ten thousand people."""

    tokens: float
    """Tokens that flow in per second; 0: no limit at all."""
    burst: float
    """Tokens that the bucket holds when full; at least 1."""
    clock: Callable[[], float]
    """Tells the time in seconds; it never steps back."""
    longest: float = float("inf")
    """Seconds that its debt takes to be paid, at most; what is beyond that is let off."""


class Pace:
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
