"""
Search index: indexes events in slices, on the writer's thread.

The id of what was said is its time, made unique.  So the newest ids are the newest messages, in whatever
order they were indexed; dates are bounds of ids; and old history can be indexed backward, newest first,
while people chat.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from functools import lru_cache
from heapq import heappop, heappush
from itertools import islice
from math import inf
from typing import Any, NamedTuple

from chatroom.chat.events import TALK
from chatroom.chat.syntax.names import speaker_key

from ._backlog import Backlog
from ._database import as_journal_errors
from ._ids import identifier, keep_apart
from ._retention import trim_slice
from ._rows import checksum
from ._tokens import indexed


class Size(NamedTuple):
    """
    How large a slice may be: events, characters, and characters of tokens, after which it ends early.

    Tokens of scripts without spaces are shorter than words.
    """

    events: int
    text: int
    tokens: int


SLICE = Size(96, 16_384, 4096)
"""A slice of what takes many of them: with 9 words a line it takes 1.6 ms, and a commit may have to wait as long."""
LARGE = Size(256, 40_960, 10_240)
"""
A slice of what has been said in the last few seconds; small ones would change the same pages one after the other.

It takes some 3 ms.  At 500 lines a second that is a hundredth of the time, so p99 of a line is not that.
"""
MANY = 4096
"""Events that are indexed in large slices at most: of more, all slices are small, for people chat meanwhile."""
_ROOMS = 256
"""Rooms handled in one step."""
PASSED_OVER = 64
"""
Events without anything said, after which a room is looked at nevertheless: counting what is unread scans them.

To look at a room costs as much as a commit to it, for each time that somebody comes or goes.
"""
_PASSING = 10_000
"""Rooms with such events that are remembered, about 1 MB."""
_MANY = 2000
"""Events from which a room that is not indexed at all counts as old, even if there is something new."""
_ABREAST = 6
"""
Rooms whose old history one slice has a piece of.

Rows of the index are in order of time.  If one room after the other was indexed, each row of a room would be on a
page of its own, among those of all other rooms that people talked in at the same time: a third as fast with a thousand
rooms.
"""
_PAGES = 8
"""Pages of the index that one step of merging writes, in about 1 ms."""
UNMERGED = 16
"""Slices after which merging is worth it; each leaves a segment that every search has to read."""
_TYPES = frozenset(kind.type for kind in TALK)

_EVENTS = """
    SELECT json_group_array(json_array(room, seq, CASE WHEN before < ?3 THEN
        json_array(type, printf('%!.17g', at), "by", nick, text, target, ref,
            marks IS NOT NULL AND json_extract(marks, '$.deleted') IS NOT NULL)
    END)) FROM (
        SELECT event.*, sum(length(text)) OVER (
            ORDER BY wanted.key, seq * ?1 ROWS UNBOUNDED PRECEDING
        ) - length(text) AS before
        FROM json_each(?2) AS wanted CROSS JOIN event
        ON room = json_extract(wanted.value, '$[0]')
        AND seq BETWEEN json_extract(wanted.value, '$[1]') AND json_extract(wanted.value, '$[2]')
        ORDER BY wanted.key, seq * ?1
    )
"""
_STATES = """
    SELECT json_group_array(json_array(id, coalesce(first, 1), coalesce(last, 0),
        (SELECT coalesce(min(seq), 1) FROM event WHERE event.room = id),
        (SELECT coalesce(max(seq), 0) FROM event WHERE event.room = id)
    )) FROM (SELECT id FROM room WHERE {}) LEFT JOIN indexed ON indexed.room = id
"""


class State(NamedTuple):
    """The indexed range of a room, *first* to *last*, of its events, *oldest* to *newest*."""

    room: int
    first: int
    last: int
    oldest: int
    newest: int


class Span(NamedTuple):
    """Events of one room."""

    room: int
    low: int
    high: int


_key = lru_cache(512)(speaker_key)
"""A separate cache of keys: old history contains nicks that are no longer in use."""


def _piece(state: State, size: int) -> Span:
    """Return the newest *size* events of a room before the first that is indexed."""
    return Span(state.room, max(state.oldest, state.first - size), state.first - 1)


class Indexer:
    """Keeps the search index up to date, for one thread and on the writer's connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.grown: set[int] = set()
        """Rooms that may have something new."""
        self._passed: dict[int, int] = {}
        """How many events other rooms have that need not be looked at yet."""
        self.backlog = Backlog()
        self.unmerged = 0
        """Slices written since the index was last fully merged."""
        self._connection = connection
        self._swept: int | None = 0
        """The last room that has been checked since the start; None: all have been."""
        self._old: list[tuple[float, int]] = []
        """
        A heap of the rooms whose old history is still to be indexed, by the time before which it is.

        The times are negative, for the newest to come first; until that is known, infinite.
        """
        self._times: dict[int, float] = {}
        """The times of the events that the last slice has reached, by room."""

    def note(self, room: int, count: int, *, said: bool) -> None:
        """Note that the room with the id *room* has *count* new events; whether anything was *said* there."""
        if said or room in self.grown:
            self._look_at(room, count)
            return
        passed = self._passed[room] = self._passed.get(room, 0) + count
        if passed >= PASSED_OVER:
            self._look_at(room, 0)
        elif len(self._passed) > _PASSING:
            self._look_at(next(iter(self._passed)), 0)

    def _look_at(self, room: int, count: int) -> None:
        """Have *room* looked at, which has *count* new events besides those that were passed over."""
        self.grown.add(room)
        self.backlog.note(count + self._passed.pop(room, 0))

    def step(self) -> int | None:
        """
        Do one step of the most urgent work.

        :returns: 0; None if there was nothing to do.
        """
        with as_journal_errors():
            if self.unmerged >= UNMERGED:
                self._merge()
            elif self.grown and self.backlog.is_due():
                self._freshen()
            elif self._swept is not None:
                self._sweep(self._swept)
            elif self._old:
                self._go_back()
            else:
                return None
        return 0

    def freshen(self) -> bool:
        """
        Index a slice of new events.

        :returns: whether there is more.
        """
        if self.grown:
            with as_journal_errors():
                self._freshen()
        return bool(self.grown)

    def trim(self, room: str, upto: int) -> int | None:
        """
        Remove a slice of the oldest events of *room* up to *upto*, with their index entries.

        :returns: how many there were; None if all are removed.
        """
        if self.unmerged >= UNMERGED:
            return self.step()
        removed = trim_slice(self._connection, room, upto)
        if removed:
            self.unmerged += 1
        return removed or None

    def _merge(self) -> None:
        before = self._connection.total_changes
        self._connection.execute("INSERT INTO words (words, rank) VALUES ('merge', ?)", (_PAGES,))
        if self._connection.total_changes - before < 2:  # FTS5's way of saying that nothing is left
            self.unmerged = 0

    def _sweep(self, start: int) -> None:
        """Find rooms that an earlier run, or an older version, has not indexed completely."""
        rooms = self._states(f"id > ? ORDER BY id LIMIT {_ROOMS}", start)
        # A room with so few events may have been passed over by the earlier run.
        never = [state for state in rooms if not state.last and state.newest - state.oldest >= PASSED_OVER]
        if never:
            self._begin_at_the_end(never)
        begun = {state.room for state in never}
        left = {
            state.room: state.newest - state.last
            for state in rooms
            if state.newest > state.last and state.room not in begun
        }
        self.grown.update(left)
        if left:
            self.backlog.owe(sum(left.values()))
        for state in rooms:
            if state.first > 1:
                heappush(self._old, (-inf, state.room))
        self._swept = rooms[-1].room if len(rooms) == _ROOMS else None

    def _freshen(self) -> None:
        self._index_new(LARGE if self.backlog.count <= MANY else SLICE)
        if not self.grown:
            self.backlog.reached(self.backlog.noted)

    def _index_new(self, size: Size) -> None:
        # Each has something new, so no more of them fit into a slice.
        looked_at = sorted(islice(self.grown, size.events))
        states = {
            state.room: state
            for state in self._states("id IN (SELECT value FROM json_each(?))", json.dumps(looked_at))
            if state.newest > state.last
        }
        imported = [state for state in states.values() if not state.last and state.newest - state.oldest >= _MANY]
        if imported:
            self._begin_at_the_end(imported)
            self.grown.difference_update(state.room for state in imported)
            return
        spans = []
        left = size.events
        for state in states.values():
            if left:
                low = max(state.last + 1, state.oldest)
                spans.append(Span(state.room, low, min(state.newest, low + left - 1)))
                left -= spans[-1].high - low + 1
        reached = self._index(spans, states, size)
        self.grown.difference_update(
            room for room in looked_at if room not in states or reached.get(room) == states[room].newest
        )

    def _begin_at_the_end(self, rooms: Sequence[State]) -> None:
        """Treat the whole history of *rooms* as old, so that what is said next is found at once."""
        states = {state.room: state._replace(first=state.newest + 1, last=state.newest) for state in rooms}
        self._insert([], [[state.room, state.first, state.last] for state in states.values()])
        size = max(1, SLICE.events // len(rooms))
        self._index([_piece(state, size) for state in states.values()], states, backward=True)
        for room in states:
            heappush(self._old, (-self._times.get(room, inf), room))

    def _go_back(self) -> None:
        """Index a slice of the newest history that is not, of a few rooms abreast."""
        popped = [heappop(self._old) for _ in range(min(_ABREAST, len(self._old)))]
        due = {room: time for time, room in popped}
        try:
            left = self._index_abreast(list(due))
        except BaseException:
            for entry in popped:
                heappush(self._old, entry)
            raise
        for room in left:
            heappush(self._old, (-self._times[room] if room in self._times else due[room], room))

    def _index_abreast(self, rooms: Sequence[int]) -> Sequence[int]:
        """Index the next piece of the old history of each of *rooms*; return those that may have more."""
        states = {
            state.room: state for state in self._states("id IN (SELECT value FROM json_each(?))", json.dumps(rooms))
        }
        left = {room: state for room, state in states.items() if state.oldest < state.first}
        if left:
            size = SLICE.events // len(left)
            self._index([_piece(state, size) for state in left.values()], left, backward=True)
        if len(left) < len(states):
            done = json.dumps([room for room in states if room not in left])
            self._connection.execute(
                "UPDATE indexed SET first = 1 WHERE room IN (SELECT value FROM json_each(?))", (done,)
            )
        return list(left)

    def _states(self, which: str, value: str | int) -> list[State]:
        [found] = self._connection.execute(_STATES.format(which), (value,)).fetchone()
        return [State(*row) for row in json.loads(found)]

    def _index(
        self, spans: Sequence[Span], states: dict[int, State], size: Size = SLICE, *, backward: bool = False
    ) -> dict[int, int]:
        """
        Index *spans*, or as much of them as a slice of this *size* may take.

        :returns: how far it got in each room.
        """
        step = -1 if backward else 1
        [found] = self._connection.execute(_EVENTS, (step, json.dumps(spans), size.text)).fetchone()
        reached = {span.room: span.low if backward else span.high for span in spans}
        rows: list[list[Any]] = []
        made = 0
        self._times = {}
        ended: tuple[int, int] | None = None
        for room, seq, event in json.loads(found):
            if event is None or made > size.tokens:  # too much for one slice
                ended = room, seq - step
                break
            kind, at, *rest, deleted = event
            self._times[room] = when = float(at)
            if kind in _TYPES and not deleted:
                tokens = indexed(rest[2])
                made += len(tokens or "")
                rows.append([identifier(when, room), room, seq, _key(rest[1]), checksum(kind, when, *rest), tokens])
        if ended is not None:
            rooms = [span.room for span in spans]
            reached = {room: reached[room] for room in rooms[: rooms.index(ended[0])]} | {ended[0]: ended[1]}
        progress = [
            [room, seq, states[room].last] if backward else [room, states[room].first, seq]
            for room, seq in reached.items()
        ]
        self._store(rows, progress, step)
        return reached

    def _store(self, rows: list[list[Any]], progress: list[list[int]], step: int) -> None:
        try:
            self._insert(rows, progress)
        except sqlite3.IntegrityError:  # an id is taken, which is so rare that it is cheaper to try first
            keep_apart(self._connection, rows, step)
            self._insert(rows, progress)
        if rows:
            self.unmerged += 1

    def _insert(self, rows: list[list[Any]], progress: list[list[int]]) -> None:
        # Sorted by id: when a row's id is smaller than the one before, FTS5 begins another segment.
        values = (json.dumps(sorted(rows)), json.dumps(progress))
        self._connection.execute("INSERT INTO indexing VALUES (?, ?)", values)
