"""The rooms in use: brought in from the journal, shown what it has stored, let go of when nobody is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from .events import AUDIT, Batch, Event, Left
from .past import TAIL, Past
from .refusals import NotStored
from .replies import Notice, Refused
from .room import Room
from .standing import Standing

if TYPE_CHECKING:
    from .errands import Author
    from .hub import Hub
    from .ports import Change, JournalError, Promise
    from .replies import Reply

_RETRY = 5.0
"""Seconds between two attempts to store what must be stored, while the disk is full or broken."""


class Rooms:
    """
    Every room that has someone inside, or events on their way to the journal; the journal's listener.

    :param announce: tells everyone something.
    """

    def __init__(self, hub: Hub, announce: Callable[[Reply], None]) -> None:
        self._hub = hub
        self._announce = announce
        self._rooms: dict[str, Room] = {}
        self._loading: dict[str, list[Promise[None]]] = {}
        self._authors: dict[int, Author] = {}
        """Who is to be told what becomes of an event that is on its way, by its id()."""
        self._owed: list[Event] = []
        """Facts that must be recorded, and could not be yet: people have left."""
        self._changes: dict[int, Sequence[Change]] = {}
        """What is to hold once an event that is on its way is stored, by its id()."""
        self.storing = True
        """Whether the last that was to be stored could be."""

    def get(self, name: str) -> Room | None:
        """Find a room that is in use."""
        return self._rooms.get(name)

    def __iter__(self) -> Iterator[Room]:
        return iter(self._rooms.values())

    async def use(self, name: str) -> Room:
        """
        Bring the room *name* into use, with what the journal knows of it.

        :raises JournalError: if the journal cannot be read now.
        """
        while name not in self._rooms:
            if name in self._loading:
                promise = self._hub.world.promise()
                self._loading[name].append(promise)
                await promise
                continue
            self._loading[name] = []
            try:
                self._rooms[name] = await self._load(name)
            finally:
                for promise in self._loading.pop(name):
                    promise.callback(None)
        return self._rooms[name]

    async def _load(self, name: str) -> Room:
        journal = self._hub.journal
        record = await journal.room(name)
        tail = await journal.before(name, None, TAIL)
        standing = Standing(await journal.records(name))
        past = Past(journal, name, record.last, tail.events)
        return Room(self._hub, name, record.topic, past, standing)

    async def reload(self) -> None:
        """Read once more what stands in each room: another program has changed it."""
        for room in list(self._rooms.values()):
            room.standing = Standing(await self._hub.journal.records(room.name))

    async def trimmed(self, name: str) -> None:
        """The oldest events of the room *name* are no longer kept: show none of them from memory either."""
        kept = await self._hub.journal.after(name, 0, 1)
        room = self._rooms.get(name)
        if room is not None and kept.events:
            room.past.forget_below(kept.first)

    def changed(self, changes: Sequence[Change]) -> None:
        """Another program has committed *changes*."""
        self._hub.world.spawn(self._hub.reload())

    def tidy(self, room: Room) -> None:
        """Let go of *room* if nobody and nothing holds it any more; its history stays in the journal."""
        if not room.seats and not room.pending:
            self._rooms.pop(room.name, None)

    def append(self, room: Room, author: Author, event: Event, changes: Sequence[Change] = ()) -> None:
        """
        Put an *event* of *room* in the journal; *author*, if still here, is told what becomes of it.

        :param changes: hold from when it is stored.
        """
        room.pending += 1
        if not author.gone:
            author.outstanding += 1
            self._authors[id(event)] = author
        if changes:
            self._changes[id(event)] = changes
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
            self._store_owed()

    def failed(self, events: Sequence[Event], error: JournalError) -> None:
        """These could not be stored, so they have not happened."""
        waiting = bool(self._owed)
        for event in events:
            if event.room == AUDIT:
                continue
            author = self._authors.pop(id(event), None)
            if (author is None or author.gone) and isinstance(event, Left):
                # It has happened all the same: kept, with its room, until it can be recorded.
                self._owed.append(event)
                continue
            self._changes.pop(id(event), None)
            room = self._rooms[event.room]
            room.pending -= 1
            if author is not None:
                author.lost(event, error)
            self.tidy(room)
        if self.storing:
            self.storing = False
            self._announce(Refused(NotStored.code, f"Messages cannot be stored now ({error}), so none are passed on."))
        if self._owed and not waiting:
            self._hub.world.later(_RETRY, self._store_owed)

    def _store_owed(self) -> None:
        owed, self._owed = self._owed, []
        for event in owed:
            self._hub.journal.append(event, self._changes.get(id(event), ()))

    def _apply(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            for event in batch.events:
                for change in self._changes.pop(id(event), ()):
                    self._hub.apply(change)
