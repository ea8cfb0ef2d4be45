"""The disk: everything stored, which outlives the server's processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from chatroom.chat.changes import CHANGES, Deleted, Edited
from chatroom.chat.event import quote
from chatroom.chat.events import TALK, Batch, Event, Joined, Left, Renamed, TopicChanged
from chatroom.chat.outcomes import changed, is_deleted, of_deleted, requoted, target_of
from chatroom.chat.ports import READING, Present, Query, StandingRecord, Waiting
from chatroom.journal._memory_readings import MemoryReadings
from chatroom.journal._memory_search import Scan
from chatroom.journal._records import Row, parted

CRASHED = "the server stopped unexpectedly"

Place = tuple[str, str, str]
"""Scope, kind and key of a record."""


@dataclass(slots=True)
class Kept:
    """All events that a room ever had; those from the seq *first* on can still be read."""

    events: list[Event] = field(default_factory=list)
    first: int = 1
    topic: str = ""
    moves: dict[str, list[tuple[int, bool]]] = field(default_factory=dict)
    """When somebody came (True) and went, by identity: the seqs."""
    texts: dict[int, set[str]] = field(default_factory=dict)
    """All that a message, or what is about it, has said at any time, by its seq."""
    deleted: dict[int, int] = field(default_factory=dict)
    """The seqs of the deletions of messages, by those of the messages."""

    @property
    def last(self) -> int:
        """The seq of the newest event."""
        return len(self.events)


class Disk:
    """The stored data."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.secret = b"s" * 32
        self.rooms: dict[str, Kept] = {}
        self.records: dict[Place, str] = {}
        """JSON, so that nobody can change what is stored by changing what they gave or got."""
        self.readings = MemoryReadings(lambda room: (self.rooms.get(room) or Kept()).first)
        self.secrets: list[str] = []
        """The tokens of scripts, right or not any more; only the scripts have them."""
        self.inside: dict[tuple[str, str], str] = {}
        """Presence: the nicks of people in rooms."""
        self.full = False
        """Whether nothing can be stored."""
        self.unreadable = False
        """Whether nothing can be read."""
        self.now = now

    def commit(self, events: Iterable[Event], rows: Iterable[Row]) -> list[Batch]:
        """Store all of it."""
        standing, apart = parted(rows)
        for row in standing:
            self.put(row)
        rooms: dict[str, list[Event]] = {}
        for event in events:
            rooms.setdefault(event.room, []).append(event)
        batches = [self._store(name, added) for name, added in rooms.items()]
        self.readings.write(apart, batches)
        return batches

    def put(self, row: Row) -> None:
        """Keep or forget one record."""
        if row.value is None:
            self.records.pop(row[:3], None)
        else:
            self.records[row[:3]] = row.value

    def of_scope(self, scope: str) -> list[StandingRecord]:
        """Read the records of *scope*."""
        return self._read(place for place in self.records if place[0] == scope)

    def find(self, kind: str, key: str, limit: int) -> list[StandingRecord]:
        """Read up to *limit* records of this *kind* and *key*."""
        if kind == READING:
            return self.readings.find(key, limit)
        return self._read(place for place in self.records if place[1:] == (kind, key))[:limit]

    def waiting(self, account: str, after: Mapping[str, int]) -> dict[str, Waiting]:
        """Count everything, however much it is."""
        found = {}
        for room, seq in after.items():
            kept = self.rooms.get(room) or Kept()
            unread = sum(
                isinstance(event, TALK) and not is_deleted(event) for event in kept.events[max(seq, kept.first - 1) :]
            )
            found[room] = Waiting(unread, self.readings.mentions(account, room, seq))
        return found

    def present(self) -> list[Present]:
        """Who is in which room."""
        return [Present(room, by, nick) for (room, by), nick in sorted(self.inside.items())]

    def send_off(self, present: list[Present]) -> None:
        """After a crash, record a departure for everyone still in a room."""
        self.commit([Left(room, self.now(), by, nick, CRASHED) for room, by, nick in present], ())

    def page(self, room: str, start: int, stop: int, otherwise: int) -> Batch:
        """Read the events from the seq *start* up to but not *stop*, as far as they are kept."""
        kept = self.rooms.get(room) or Kept()
        start = max(start, kept.first)
        events = kept.events[start - 1 : max(stop - 1, 0)]
        return Batch(room, start if events else otherwise, events)

    def search(self, query: Query) -> list[tuple[int, Event]]:
        """Look at everything, the newest first."""
        rooms = [*query.rooms, *(self.talks(query.party) if query.party else ())]
        named = [name for name in dict.fromkeys(rooms) if name in self.rooms]
        scan = Scan(query, [partial(self._log, name, query.sealed.get(name, 0)) for name in named])
        while scan.step():
            pass
        return scan.found()

    def talks(self, identity: str) -> list[str]:
        """Name the conversations of *identity*, the newest first."""
        found = [room for room in self.rooms if room.startswith("@") and identity in room[1:].split(":")]
        return found[::-1]

    def _log(self, name: str, sealed: int) -> tuple[int, list[Event]]:
        room = self.rooms[name]
        first = max(room.first, sealed + 1)
        return first, room.events[first - 1 :]

    def _read(self, places: Iterable[Place]) -> list[StandingRecord]:
        return [StandingRecord(*place, json.loads(self.records[place])) for place in sorted(places)]

    def _store(self, name: str, added: list[Event]) -> Batch:
        room = self.rooms.setdefault(name, Kept())
        first = room.last + 1
        room.events += added
        for seq, event in enumerate(added, first):
            if isinstance(event, Joined | Left):
                room.moves.setdefault(event.by, []).append((seq, isinstance(event, Joined)))
                if isinstance(event, Joined):
                    self.inside[name, event.by] = event.nick
                else:
                    self.inside.pop((name, event.by), None)
            elif isinstance(event, Renamed) and (name, event.by) in self.inside:
                self.inside[name, event.by] = event.new
            elif isinstance(event, TopicChanged):
                room.topic = event.topic
            if hasattr(event, "text"):
                room.texts.setdefault(seq, set()).add(event.text)
            self._amend(room, seq, event)
        return Batch(name, first, added)

    @staticmethod
    def _amend(room: Kept, seq: int, event: Event) -> None:
        """Change earlier events as *event* demands, and *event* as they do."""
        target = target_of(event)
        said = room.events[target - 1] if target is not None and room.first <= target < seq else None
        if said is None and isinstance(event, Edited):
            # Retention has just removed the message, which the house may still have in memory.
            room.texts.setdefault(event.re, set()).add(event.text)
        if target is None or not isinstance(said, TALK):
            return
        events = room.events
        events[seq - 1] = requoted(event, quote(said.nick, said.text))
        if isinstance(event, CHANGES):
            if is_deleted(said):
                events[seq - 1] = of_deleted(events[seq - 1])
                return
            events[:] = [changed(number, one, event) for number, one in enumerate(events, 1)]
            if isinstance(event, Deleted):
                room.deleted[target] = seq
            for number, one in enumerate(events, 1):
                if number == target or target_of(one) == target:
                    room.texts.setdefault(number, set()).add(getattr(one, "text", ""))
