"""
The search index: made in slices on a thread and a connection of its own, so that no commit waits for it.

Events have ids in the order in which everything was committed, so two ids say what is indexed: new messages go on
beyond the higher, and old ones, of a history that was copied, below the lower.  A message is locked while it is being
indexed, so that an edit meanwhile waits, and then finds it in the index.
"""

from __future__ import annotations

from typing import Any

import psycopg

from chatroom.chat.ports import RetentionLimit

from .._backlog import Backlog
from .connection import Connection, as_journal_errors
from .rows import TALKING, as_json, restored
from .words import document

SLICE = 200
"""Events in one slice, in some 20 ms."""
_REMOVED = 500
"""Events removed in one slice."""

_EVENTS = f"""
    SELECT event.id, event.room, seq, at, nick, text, name FROM event JOIN room ON room.id = event.room
    WHERE event.id {{}} %s AND type IN ({TALKING}) AND marks ->> 'deleted' IS NULL
    ORDER BY event.id {{}} LIMIT {SLICE} FOR SHARE OF event
"""
_NEW, _OLD = _EVENTS.format(">", "ASC"), _EVENTS.format("<=", "DESC")
_BOUNDS = "SELECT {}, (SELECT max(id) FROM event) FROM indexed FOR UPDATE"
_REACHED = "UPDATE indexed SET {} = %s"
_STORE = b"""
    INSERT INTO said SELECT (one->>0)::integer, (one->>1)::bigint, (one->>2)::double precision, (one->>3)::bigint,
        (one->>4)::tsvector
    FROM json_array_elements(%s::json) AS one ON CONFLICT DO NOTHING
"""
_UPTO_EVENTS = "SELECT max(seq) - %(count)s::bigint FROM event WHERE room = %(room)s"
_UPTO_TIME = """
    SELECT coalesce(min(seq) FILTER (WHERE at >= %(at)s), max(seq)) - 1 FROM event WHERE room = %(room)s
"""
_UPTO_BYTES = f"""
    SELECT max(seq) FILTER (WHERE total > %(bytes)s) FROM (
        SELECT seq, sum(CASE WHEN type IN ({TALKING}) THEN octet_length(text) ELSE 0 END)
            OVER (ORDER BY seq DESC ROWS UNBOUNDED PRECEDING) AS total
        FROM event WHERE room = %(room)s
    ) AS sized
"""


class Indexer:
    """Keeps the search index up to date, and removes old events; on one thread and one connection."""

    def __init__(self, connection: Connection, fence: tuple[int, str] | None = None) -> None:
        self.backlog = Backlog()
        self.backlog.owe(1)  # there may be something
        self._connection = connection
        self._fence = fence or (None, None)
        self._old = True
        """Whether there may be old history that is still to be indexed."""

    @property
    def grown(self) -> bool:
        """Whether there may be something new."""
        return self.backlog.count > 0

    def step(self) -> int | None:
        """
        Index a slice.

        :returns: how many messages; None if there was nothing to do.
        """
        if self.backlog.is_due():
            self.freshen()
            return 0
        return self._go_back() if self._old else None

    def freshen(self) -> bool:
        """
        Index a slice of new messages.

        :returns: whether there is more.
        """
        noted = self.backlog.noted
        if self._index(_NEW, "high") < SLICE:
            self.backlog.reached(noted)
        return self.grown

    def _go_back(self) -> int | None:
        """Index the newest slice of the history that is not."""
        count = self._index(_OLD, "low")
        self._old = count == SLICE
        return count or None

    def _index(self, events: str, end: str) -> int:
        try:
            with as_journal_errors():
                return self._store(self._connection.get(), events, end)
        except BaseException:
            self._connection.close()
            raise

    def _store(self, connection: psycopg.Connection[Any], events: str, end: str) -> int:
        with connection.transaction():
            bounds = connection.execute(_BOUNDS.format(end).encode())
            [(start, newest)] = bounds.fetchall()
            if end == "low" and not start:
                return 0
            rows = connection.execute(events.encode(), (start,), binary=True).fetchall()
            # The end of what was looked at: of fewer than a slice, everything that there is.
            full = rows[-1][0] if len(rows) == SLICE else None
            reached = ((newest or 0) if full is None else full) if end == "high" else (0 if full is None else full - 1)
            words = [
                [room, seq, at, number, document(restored(text), restored(nick), room, restored(name))]
                for number, room, seq, at, nick, text, name in rows
            ]
            connection.execute(_STORE, (as_json(words),))
            if reached != start:
                connection.execute(_REACHED.format(end).encode(), (reached,))
            return len(rows)

    def cutoff(self, room: str, keep: RetentionLimit, now: float) -> int:
        """Work out up to which seq events of *room* are to be removed; 0: none."""
        found = self._connection.read("SELECT id FROM room WHERE name = %s", (room,))
        if not found:
            return 0
        values: dict[str, Any] = {"room": found[0][0], "count": keep.events, "bytes": keep.bytes}
        bounds = []
        if keep.events is not None:
            bounds.append(_UPTO_EVENTS)
        if keep.seconds is not None:
            bounds.append(_UPTO_TIME)
            values["at"] = now - keep.seconds
        if keep.bytes is not None:
            bounds.append(_UPTO_BYTES)
        with as_journal_errors():
            found = [row for bound in bounds for row in self._connection.get().execute(bound.encode(), values)]
            [(newest,)] = self._connection.ask("SELECT max(seq) FROM event WHERE room = %s", (values["room"],))
        return max([0, *(min(int(seq), int(newest) - 1) for (seq,) in found if seq is not None)])

    def trim(self, room: str, upto: int) -> int | None:
        """
        Remove a slice of the oldest events of *room* up to *upto*, with what is indexed of them.

        :returns: how many there were; None if all are removed.
        """
        with as_journal_errors():
            rows = self._connection.ask("SELECT trim_room(%s, %s, %s, %s, %s)", (*self._fence, room, upto, _REMOVED))
        return int(rows[0][0]) or None


def vacuum(connection: Connection) -> None:
    """Remove former versions of rows: texts that were edited or deleted."""
    with as_journal_errors():
        connection.ask("VACUUM event")
        connection.ask("VACUUM said")
