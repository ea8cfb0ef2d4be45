"""Retention: computes how far to trim a room, and removes old events in slices."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from chatroom.chat.events import TALK
from chatroom.chat.ports import RetentionLimit

from ._database import as_journal_errors

_PAGE = 20_000
"""Events scanned in one step, which takes some 10 ms of the reader's thread."""
_SLICE = 64
"""Events removed in one slice, which takes about 1 ms of the writer's thread."""
_TEXT = 16_384
"""Characters after which a slice ends early."""

_ENDS = "SELECT min(seq), max(seq) FROM event WHERE room = (SELECT id FROM room WHERE name = ?)"
_TALK = ", ".join(f"'{kind.type}'" for kind in TALK)
_BY_AGE = """
    SELECT min(seq) FILTER (WHERE at >= ?), max(seq) FROM (
        SELECT seq, at FROM event WHERE room = (SELECT id FROM room WHERE name = ?) AND seq > ? ORDER BY seq LIMIT ?
    )
"""
_BY_SIZE = f"""
    SELECT max(seq) FILTER (WHERE total > ?), min(seq), max(total) FROM (
        SELECT seq, sum(size) OVER (ORDER BY seq DESC ROWS UNBOUNDED PRECEDING) AS total FROM (
            SELECT seq, CASE WHEN type IN ({_TALK}) THEN length(CAST(text AS BLOB)) ELSE 0 END AS size
            FROM event WHERE room = (SELECT id FROM room WHERE name = ?) AND seq < ? ORDER BY seq DESC LIMIT ?
        )
    )
"""
_UPTO = """
    SELECT min(seq), max(seq), room FROM (
        SELECT seq, room, sum(length(text)) OVER (ORDER BY seq) - length(text) AS before FROM (
            SELECT seq, room, text FROM event
            WHERE room = (SELECT id FROM room WHERE name = ?) AND seq <= ? ORDER BY seq LIMIT ?
        )
    ) WHERE before < ?
"""


class Cutoff:
    """
    Computes which events of a room to remove, in steps, so that other readers get their turn.

    ``upto`` is the seq of the last event to be removed; 0: none.

    :param now: seconds since the epoch.
    """

    def __init__(self, connection: sqlite3.Connection, room: str, keep: RetentionLimit, now: float) -> None:
        self.upto = 0
        self._connection = connection
        self._room = room
        self._oldest_at = None if keep.seconds is None else now - keep.seconds
        self._events = keep.events
        self._bytes = keep.bytes
        self._newest = 0
        self._looked_at = 0
        """The seq that the search by size has reached."""

    def step(self) -> bool:
        """
        Do a little of the work.

        :returns: whether there is more to do.
        """
        with as_journal_errors():
            if not self._newest:
                return self._begin()
            if self._oldest_at is not None:
                return self._pass_over_old(self._oldest_at)
            return self._count_bytes()

    def _begin(self) -> bool:
        oldest, newest = self._ask(_ENDS, self._room)
        if newest is None or oldest == newest:
            return False
        self.upto = oldest - 1
        self._newest = newest
        self._looked_at = newest + 1
        if self._events is not None:
            self._extend(newest - self._events)
        return self._oldest_at is not None or self._bytes is not None

    def _pass_over_old(self, oldest_at: float) -> bool:
        """Go forward to the first event that is new enough; all later ones are kept, whatever their times."""
        kept, seen = self._ask(_BY_AGE, oldest_at, self._room, self.upto, _PAGE)
        if kept is None and seen is not None and seen < self._newest:
            self.upto = seen
            return True
        self._extend((kept or self._newest) - 1)
        self._oldest_at = None
        return self._bytes is not None

    def _count_bytes(self) -> bool:
        """Go back from the newest event to the first beyond the size limit."""
        assert self._bytes is not None
        gone, seen, total = self._ask(_BY_SIZE, self._bytes, self._room, self._looked_at, _PAGE)
        if gone is not None:
            self._extend(gone)
        if gone is not None or seen is None or seen <= self.upto + 1:
            return False
        self._looked_at = seen
        self._bytes -= total
        return True

    def _extend(self, upto: int) -> None:
        self.upto = max(self.upto, min(upto, self._newest - 1))

    def _ask(self, question: str, *values: object) -> Sequence[Any]:
        return list(self._connection.execute(question, values).fetchone())


def trim_slice(connection: sqlite3.Connection, room: str, upto: int) -> int:
    """
    Remove the oldest events of *room*, at most a slice of them and none after *upto*.

    :returns: how many there were; 0: all are removed.
    """
    with as_journal_errors():
        oldest, newest, number = connection.execute(_UPTO, (room, upto, _SLICE, _TEXT)).fetchone()
        if oldest is None:
            return 0
        connection.execute("INSERT INTO trimming VALUES (?, ?)", (number, newest))
    return int(newest - oldest + 1)
