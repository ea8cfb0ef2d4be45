"""The ledger: what rooms put into the journal, and what becomes of it; see `JournalListener`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ..events import AUDIT, AuditEntry, Batch, Event, Joined, Left
from ..refusals import NotStored
from ..replies import Notice, Refused
from .pending_changes import PendingChanges

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection
    from ..ports import JournalError, RecordChange, Value
    from .originator import Originator
    from .room import Room

_RETRY = 5.0
"""Seconds between two attempts to store what must be stored, while the disk is full or broken."""


class Ledger:
    """
    Puts events and changes into the journal, shows in the rooms what it has stored, and tells who made it.

    :param apply: lets a change of a standing record hold.
    :param value: returns what the record that a change is about holds now.
    :param followed: called with changes that hold and that nobody here has asked for.
    :param storing_again: called when messages can be stored again after they could not.
    """

    def __init__(
        self,
        core: Core,
        apply: Callable[[RecordChange], None],
        value: Callable[[RecordChange], Value | None],
        followed: Callable[[Sequence[RecordChange]], None],
        storing_again: Callable[[], None],
    ) -> None:
        self._core = core
        self._followed = followed
        self._storing_again = storing_again
        self._pending = PendingChanges(apply, value)
        self.rooms: dict[str, Room] = {}
        """The rooms in use: those that have someone inside, or events on their way to the journal."""
        self._authors: dict[int, Originator] = {}
        """Who is to be told what becomes of an event that is on its way, by its id()."""
        self._owed: list[Event] = []
        """Facts that must be recorded, and could not be yet: people have left."""
        self._joining: Counter[tuple[str, str]] = Counter()
        """How many `Joined` of each room and person are on their way to the journal."""
        self._changes: dict[int, tuple[Sequence[RecordChange], int]] = {}
        """What holds with an event that is on its way, and under which number, by its id(): see `PendingChanges`."""
        self.storing = True
        """Whether the last that was to be stored could be."""

    def tidy(self, room: Room) -> None:
        """Let go of *room* if nobody and nothing holds it any more; its history stays in the journal."""
        if not (room.seats or room.pending or room.users) and self.rooms.get(room.name) is room:
            del self.rooms[room.name]

    def done(self, room: Room) -> None:
        """End what `RoomRegistry.use` began; seats keep *room* in use, too."""
        room.users -= 1
        self.tidy(room)

    # Into the journal.

    def append(self, room: Room, author: Originator, event: Event, changes: Sequence[RecordChange] = ()) -> None:
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
            self._changes[id(event)] = changes, self._pending.hold(changes)
            self._core.journal.append(event, changes)
        else:
            self._core.journal.append(event)

    def audit(self, actor: Connection, act: str, where: str, text: str) -> None:
        """Put into the audit log what *actor* did with the command *act*, in the room *where* ("": on the server)."""
        person, now = actor.person, self._core.runtime.now()
        self._core.journal.append(AuditEntry(AUDIT, now, person.identity, person.nick, act, where, text))

    async def keep(self, changes: Sequence[RecordChange]) -> None:
        """
        Let *changes* that come without an event hold, and store them.

        :raises JournalError: if they could not be stored; then they are undone.
        """
        number = self._pending.hold(changes)
        try:
            await self._core.journal.change(changes)
        except BaseException:
            self._followed(self._pending.failed(changes))
            raise
        self._pending.stored(changes, number)

    # What the journal says.

    def changed(self, changes: Sequence[RecordChange]) -> None:
        """Apply *changes* that another program has made; called in the order of the commits."""
        for change in changes:
            self._pending.by_another(change)
        self._followed(changes)

    def committed(self, batches: Sequence[Batch]) -> None:
        """These are stored: show them, in every room, then tell who made them."""
        # The audit log is shown to nobody: admins read it.
        batches = [batch for batch in batches if batch.room != AUDIT]
        rooms = [self.rooms[batch.room] for batch in batches]
        if self._changes:
            self._apply(batches)
        for room, batch in zip(rooms, batches, strict=True):
            room.show(batch)
        authors = self._authors
        if self._joining:
            self._note_joined([event for batch in batches for event in batch.events])
        for batch in batches:
            for seq, event in enumerate(batch.events, batch.first):
                author = authors.pop(id(event), None)
                if author is not None:
                    author.stored(batch.room, seq)
        for room, batch in zip(rooms, batches, strict=True):
            # Not before: an author may have been about to take a seat, just after the last was given up.
            room.pending -= len(batch.events)
            self.tidy(room)
        if not self.storing:
            self.storing = True
            self._core.people.announce(Notice("Messages can be stored again: the chat goes on."))
            self._store_owed(self._owed)
            self._storing_again()

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
            room = self.rooms[event.room]
            room.pending -= 1
            if author is not None:
                author.lost(event, error)
            self.tidy(room)
        if self.storing:
            self.storing = False
            self._core.people.announce(
                Refused(NotStored.code, f"Messages cannot be stored now ({error}), so none are passed on.")
            )
        if self._owed and not waiting:
            self._core.runtime.later(_RETRY, lambda: self._store_owed(self._owed))

    def _store_owed(self, owed: Sequence[Event]) -> None:
        # What becomes of those who are just coming back is seen when it is known whether they have.
        due = [event for event in owed if not self._joining[event.room, event.by]]
        self._owed = [event for event in self._owed if event not in due]
        for event in due:
            changes, number = self._changes.get(id(event), ((), 0))
            if changes:
                changes = self._pending.again(changes, number)
                self._changes[id(event)] = changes, number
            self._core.journal.append(event, changes)

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
                    self.rooms[left.room].pending -= 1
                    changes, _ = self._changes.pop(id(left), ((), 0))
                    self._pending.failed(changes)

    def _not_joining(self, joined: Event) -> None:
        self._joining[joined.room, joined.by] -= 1
        if not self._joining[joined.room, joined.by]:
            del self._joining[joined.room, joined.by]

    def _apply(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            for event in batch.events:
                held = self._changes.pop(id(event), None)
                if held is not None:
                    self._pending.stored(*held)

    def _undo(self, events: Sequence[Event]) -> None:
        """Let no longer hold what came with *events*, but for those that will be stored later."""
        for event in events:
            if id(event) in self._changes and not self._is_fact(event):
                changes, _ = self._changes.pop(id(event))
                self._pending.failed(changes)

    def _is_fact(self, event: Event) -> bool:
        """Whether *event* has happened even if it cannot be stored now: somebody has left."""
        author = self._authors.get(id(event))
        return (author is None or author.gone) and isinstance(event, Left)
