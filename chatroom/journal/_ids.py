"""Ids in the search index: the time of what was said, made unique, so that the index is in order of time."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

APART = 1024
"""The distance between the ids of two neighbouring microseconds; it leaves room for many rooms in each."""
_LAST = 4_500_000_000.0
"""The latest time that has an id of its own, in the year 2112: times 1e6 and `APART`, it fits in 63 bits."""
_TAKEN = "SELECT json_group_array(id) FROM said WHERE id IN (SELECT value FROM json_each(?))"
_END_OF_RUN = """
    SELECT id FROM said AS one WHERE id {0} :id AND (id - :id) % :apart = 0
    AND NOT EXISTS (SELECT 1 FROM said WHERE id = one.id + :step) ORDER BY id {1} LIMIT 1
"""


def identifier(at: float, room: int = 0) -> int:
    """Return the id for a message at the time *at* in the room with the id *room*; it may be taken."""
    return round(max(0.0, min(at, _LAST)) * 1e6) * APART + room % APART


def keep_apart(connection: sqlite3.Connection, rows: list[list[Any]], step: int) -> None:
    """
    Give each of *rows*, which begin with an id, the nearest id that is free.

    :param step: 1 if they are in order of time, -1 if in reverse order: so they stay in order.
    """
    while True:
        used: set[int] = set()
        for row in rows:
            while row[0] in used:
                row[0] += step * APART
            used.add(row[0])
        taken = set(json.loads(connection.execute(_TAKEN, (json.dumps(sorted(used)),)).fetchone()[0]))
        if not taken:
            return
        for row in rows:
            if row[0] in taken:
                row[0] = _beyond(connection, row[0], step)


def _beyond(connection: sqlite3.Connection, taken: int, step: int) -> int:
    """Return the first free id after *taken*, or before it, a multiple of `APART` away."""
    query = _END_OF_RUN.format(">=", "ASC") if step > 0 else _END_OF_RUN.format("<=", "DESC")
    [last] = connection.execute(query, {"id": taken, "apart": APART, "step": step * APART}).fetchone()
    return int(last) + step * APART
