"""Read times: up to when people have read, exactly as their clients say it (MARKREAD)."""

from __future__ import annotations

from collections import OrderedDict

MOST = 10_000
"""Times that are remembered, of all people and places together; about 3 MB."""


class ReadTimes:
    """
    The times that clients gave, in seconds since the epoch, while the server runs.

    The house keeps a reading position, which is that of a message; a time need not be one's.  Where a time is
    forgotten, that of the message stands for it.
    """

    def __init__(self) -> None:
        self._times: OrderedDict[tuple[str, str], float] = OrderedDict()

    def note(self, party: str, place: str, at: float) -> None:
        """Note that *party* has read the room or conversation *place* up to the time *at*."""
        self._times[party, place] = at
        self._times.move_to_end((party, place))
        if len(self._times) > MOST:
            self._times.popitem(last=False)

    def of(self, party: str, place: str) -> float:
        """Return the time up to which *party* has read *place*; 0.0 if none is known."""
        return self._times.get((party, place), 0.0)
