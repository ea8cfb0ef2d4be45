"""Parts of a session that the house has, as its door sees them: the person, the budget, the catch-up."""

from __future__ import annotations

from collections.abc import Callable

from chatroom.chat.token_bucket import Rate, TokenBucket


class RemotePerson:
    """Who is at the other end, as far as doors need to know."""

    __slots__ = ("nick",)

    def __init__(self) -> None:
        self.nick = ""
        """Not empty once they have a nick; not always the newest."""


class RemotePlace:
    """The place of a budget that the house keeps."""

    name = ""
    told_at = 0.0
    in_debt = False
    """Whether it is, is for the house to log."""


class RemoteBudget:
    """
    Charges the person in the house, which answers with a pause when there is one.

    Nobody has a larger budget than somebody who has just come, so what even they would wait for need not wait for that
    answer: else a client could have all that it has sent read in one turn, or anything read while there is no house.

    :param rates: the line rate and the byte rate of one person.
    """

    __slots__ = ("_bytes", "_charge", "_lines")

    place = RemotePlace()

    def __init__(self, spend: Callable[[float, int], object], rates: tuple[Rate, Rate]) -> None:
        self._charge = spend
        lines, size = rates
        self._lines, self._bytes = TokenBucket(lines), TokenBucket(size)

    def spend(self, lines: float = 0.0, size: int = 0) -> float:
        """Charge *lines* lines' worth of work and *size* bytes; return the pause at least, in seconds."""
        self._charge(lines, size)
        return max(self._lines.spend(lines) if lines else 0.0, self._bytes.spend(size) if size else 0.0)


class RemoteCatchUp:
    """
    Tells the house whether the client reads.

    :param tell_full: called with whether it has stopped.
    """

    __slots__ = ("_tell_full",)

    def __init__(self, tell_full: Callable[[bool], object]) -> None:
        self._tell_full = tell_full

    def fall_behind(self) -> None:
        """Backpressure: ask the house to show nothing more."""
        self._tell_full(True)

    def drained(self) -> None:
        """Ask the house to go on."""
        self._tell_full(False)
