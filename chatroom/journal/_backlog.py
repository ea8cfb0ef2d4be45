"""Backlog: counts what the search index still lacks of what is said, and decides when to go on with it."""

from __future__ import annotations

ENOUGH = 1000
"""
Events that are worth indexing at once.

Each time, what the chat works with leaves the processor's caches, which costs more than to index a hundred lines.  And
the more lines share a transaction, the more of them share the pages that it changes.
"""
LONGEST = 5
"""Rounds, of a second each, after which fewer are indexed, too."""
_QUIET = 2
"""Rounds without anything new after which nothing more is waited for: the redo log may hold what comes for one."""


class Backlog:
    """
    What is to be indexed.

    The thread that commits calls `note`, the reactor's `begin_round`, the one that indexes everything else.
    """

    def __init__(self) -> None:
        self._noted = 0
        """How many events there have been."""
        self._done = 0
        """How many there had been when all was indexed."""
        self._seen = 0
        """How many there had been at the last round."""
        self._rounds = 0
        """Rounds for which something has waited."""
        self._quiet = 0
        """The last of them, without anything new."""
        self._due = False
        """Whether a round has begun since the last look at it."""
        self._catching_up = False
        """Whether everything is being indexed that there is."""

    @property
    def noted(self) -> int:
        """Return how many events there have been, for `reached`."""
        return self._noted

    @property
    def count(self) -> int:
        """Return how many events there have been since all was indexed."""
        return self._noted - self._done

    def note(self, count: int) -> None:
        """Note *count* new events."""
        self._noted += count

    def owe(self, count: int) -> None:
        """Count *count* events that an earlier run has left; these are due."""
        self._done -= count
        self._catching_up = True

    def begin_round(self) -> None:
        """Begin the next round."""
        self._due = True

    def is_due(self) -> bool:
        """Return whether to index what there is: enough of it, or some for long, or some and nothing more comes."""
        if self._due and self.count:
            self._due = False
            self._quiet = self._quiet + 1 if self._seen == self._noted else 0
            self._seen = self._noted
            self._rounds += 1
            if self._quiet >= _QUIET or self.count >= ENOUGH or self._rounds >= LONGEST:
                self._catching_up = True
        return self._catching_up

    def reached(self, noted: int) -> None:
        """All is indexed that had been noted when there were *noted* events."""
        self._done = noted
        self._rounds = self._quiet = 0
        self._catching_up = False
