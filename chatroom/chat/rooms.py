"""The rooms in use: brought in from the journal, shown what it has stored, let go of when nobody is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from .events import AUDIT, Batch, Event, Joined, Left
from .past import TAIL, Past
from .ports import JournalError
from .refusals import NotStored
from .replies import Notice, Refused
from .room import Room
from .standing import Standing

if TYPE_CHECKING:
    from .errands import Author
    from .hub import Hub
    from .ports import Change, Promise
    from .replies import Reply

_SLICE = 500
"""Records that are taken in within one turn, when a room is brought into use."""

_WORK = 2.0
"""Lines' worth of work that this is."""

_RETRY = 5.0
"""Seconds between two attempts to store what must be stored, while the disk is full or broken."""


class _Loading:
    """A room that is being read: who waits for it, and what has been changed since that began."""

    def __init__(self) -> None:
        self.waiting: list[Promise[None]] = []
        self.changes: list[Change] = []


class Rooms:
    """
    Every room that has someone inside, or events on their way to the journal; the journal's listener.

    :param announce: tells everyone something.
    """

    def __init__(self, hub: Hub, announce: Callable[[Reply], None]) -> None:
        self._hub = hub
        self._announce = announce
        self._rooms: dict[str, Room] = {}
        self._loading: dict[str, _Loading] = {}
        self._authors: dict[int, Author] = {}
        """Who is to be told what becomes of an event that is on its way, by its id()."""
        self._owed: list[Event] = []
        """Facts that must be recorded, and could not be yet: people have left."""
        self._joining: Counter[tuple[str, str]] = Counter()
        """How many `Joined` of each room and person are on their way to the journal."""
        self._changes: dict[int, tuple[Sequence[Change], int]] = {}
        """What holds with an event that is on its way, and under which number, by its id(): see `PendingChanges`."""
        self.version = 0
        """Raised by whatever changes the list of rooms."""
        self.storing = True
        """Whether the last that was to be stored could be."""

    def get(self, name: str) -> Room | None:
        """Find a room that is in use."""
        return self._rooms.get(name)

    def __iter__(self) -> Iterator[Room]:
        return iter(self._rooms.values())

    async def use(self, name: str, charge: Callable[[float], object] | None = None) -> Room:
        """
        Bring the room *name* into use, with what the journal knows of it; `done` ends that.

        :param charge: charges who asks for it, if it has to be read, for so many lines' worth of work.
        :raises JournalError: if the journal cannot be read now.
        """
        while name not in self._rooms:
            if name in self._loading:
                promise = self._hub.world.promise()
                self._loading[name].waiting.append(promise)
                await promise
                continue
            loading = self._loading[name] = _Loading()
            try:
                room = await self._load(name, charge)
                for change in loading.changes:
                    room.apply(change)
                self._rooms[name] = room
            finally:
                del self._loading[name]
                for promise in loading.waiting:
                    promise.callback(None)
        room = self._rooms[name]
        room.users += 1
        return room

    def done(self, room: Room) -> None:
        """End what `use` began; seats keep *room* in use, too."""
        room.users -= 1
        self.tidy(room)

    async def _load(self, name: str, charge: Callable[[float], object] | None) -> Room:
        journal = self._hub.journal
        record = await journal.room(name)
        tail = await journal.before(name, None, TAIL)
        past = Past(self._hub.pages, name, record.last, tail.events)
        room = Room(self._hub, name, record.topic, past, Standing())
        records = await journal.records(name)
        if charge is not None:
            charge(len(records) / _SLICE * _WORK)
        for start in range(0, len(records), _SLICE):
            if start:
                await self._hub.turns.next(_WORK)
            room.standing.load(records[start : start + _SLICE])
        past.seal(room.standing.sealed)
        return room

    def apply(self, change: Change) -> None:
        """Let *change*, of what stands in a room, hold there, if that is in use or about to be."""
        room, loading = self._rooms.get(change.scope), self._loading.get(change.scope)
        if room is not None:
            room.apply(change)
            self.version += change.kind == "setting"
        elif loading is not None:
            loading.changes.append(change)

    async def trimmed(self, name: str) -> None:
        """The oldest events of the room *name* are no longer kept: show none of them from memory either."""
        kept = await self._hub.journal.after(name, 0, 1)
        room = self._rooms.get(name)
        if room is not None and kept.events:
            room.past.forget_below(kept.first)

    def changed(self, changes: Sequence[Change]) -> None:
        """Another program has changed records."""
        self._hub.changed(changes)

    def tidy(self, room: Room) -> None:
        """Let go of *room* if nobody and nothing holds it any more; its history stays in the journal."""
        if not (room.seats or room.pending or room.users) and self._rooms.get(room.name) is room:
            del self._rooms[room.name]

    def append(self, room: Room, author: Author, event: Event, changes: Sequence[Change] = ()) -> None:
        """
        Put an *event* of *room* in the journal; *author*, if still here, is told what becomes of it.

        :param changes: hold at once, so that nobody acts on what is about to change, and are undone if it
            cannot be stored.
        """
        if type(event) is Joined:
            # Somebody may come back of whom it could not be recorded yet that they had left.
            self._store_owed(self._owed_of(event))
            self._joining[event.room, event.by] += 1
        room.pending += 1
        if not author.gone:
            author.outstanding += 1
            self._authors[id(event)] = author
        if changes:
            self._changes[id(event)] = changes, self._hub.pending.hold(changes)
            self._hub.journal.append(event, changes)
        else:
            self._hub.journal.append(event)

    def committed(self, batches: Sequence[Batch]) -> None:
        """These are stored: show them, in every room, then tell who made them."""
        if any(batch.room == AUDIT for batch in batches):
            # Nobody is shown that: it is read, by admins.
            batches = [batch for batch in batches if batch.room != AUDIT]
        rooms = [self._rooms[batch.room] for batch in batches]
        if self._changes:
            self._apply(batches)
        for room, batch in zip(rooms, batches, strict=True):
            room.show(batch)
        authors = self._authors
        if self._joining:
            self._note_joined([event for batch in batches for event in batch.events])
        for batch in batches:
            for seq, event in batch:
                author = authors.pop(id(event), None)
                if author is not None:
                    author.stored(batch.room, seq)
        for room, batch in zip(rooms, batches, strict=True):
            # Not before: an author may have been about to take a seat, just after the last was given up.
            room.pending -= len(batch)
            self.tidy(room)
        if not self.storing:
            self.storing = True
            self._announce(Notice("Messages can be stored again: the chat goes on."))
            self._store_owed(self._owed)
            # Whoever could not be put out of a room meanwhile is now.
            self._hub.world.spawn(self._hub.everyone(self._hub.server_bans.look_again))

    def failed(self, events: Sequence[Event], error: JournalError) -> None:
        """These could not be stored, so they have not happened."""
        waiting = bool(self._owed)
        self._undo(events)
        for event in events:
            if event.room == AUDIT:
                continue
            if type(event) is Joined:
                self._not_joining(event)
            fact, author = self._is_fact(event), self._authors.pop(id(event), None)
            if fact:
                # It has happened all the same: kept, with its room, until it can be recorded.
                self._owed.append(event)
                continue
            room = self._rooms[event.room]
            room.pending -= 1
            if author is not None:
                author.lost(event, error)
            self.tidy(room)
        if self.storing:
            self.storing = False
            self._announce(Refused(NotStored.code, f"Messages cannot be stored now ({error}), so none are passed on."))
        if self._owed and not waiting:
            self._hub.world.later(_RETRY, lambda: self._store_owed(self._owed))

    def _store_owed(self, owed: Sequence[Event]) -> None:
        # What becomes of those who are just coming back is seen when it is known whether they have.
        due = [event for event in owed if not self._joining[event.room, event.by]]
        self._owed = [event for event in self._owed if event not in due]
        for event in due:
            changes, number = self._changes.get(id(event), ((), 0))
            if changes:
                changes = self._hub.pending.again(changes, number)
                self._changes[id(event)] = changes, number
            self._hub.journal.append(event, changes)

    def _owed_of(self, joined: Event) -> list[Event]:
        """The departures that are still to be recorded of the person who has *joined*."""
        return [event for event in self._owed if (event.room, event.by) == (joined.room, joined.by)]

    def _note_joined(self, events: Sequence[Event]) -> None:
        """Note who has come in; that they had left before need not be recorded any more."""
        for event in events:
            if type(event) is Joined:
                self._not_joining(event)
                for left in self._owed_of(event):
                    self._owed.remove(left)
                    self._rooms[left.room].pending -= 1
                    changes, _ = self._changes.pop(id(left), ((), 0))
                    self._hub.pending.failed(changes)

    def _not_joining(self, joined: Event) -> None:
        self._joining[joined.room, joined.by] -= 1
        if not self._joining[joined.room, joined.by]:
            del self._joining[joined.room, joined.by]

    def _apply(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            for event in batch.events:
                held = self._changes.pop(id(event), None)
                if held is not None:
                    self._hub.pending.stored(*held)

    def _undo(self, events: Sequence[Event]) -> None:
        """Let no longer hold what came with *events*, but for those that will be stored later."""
        for event in events:
            if id(event) in self._changes and not self._is_fact(event):
                changes, _ = self._changes.pop(id(event))
                self._hub.pending.failed(changes)

    def _is_fact(self, event: Event) -> bool:
        """Whether *event* has happened even if it cannot be stored now: somebody has left."""
        author = self._authors.get(id(event))
        return (author is None or author.gone) and isinstance(event, Left)
