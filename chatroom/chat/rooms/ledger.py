"""The ledger: appends the events of rooms to the journal and handles the results; see `JournalListener`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from ..changes import CHANGES
from ..events import AUDIT, AuditEntry, Batch, Event, Joined, Left
from ..outcomes import changes_in
from ..ports import JournalError, NotKept, TakesLong
from ..refusals import NotStored
from ..replies import Notice, Refused
from .late_changes import LateChanges
from .pending_changes import PendingChanges
from .subscribers import together

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection
    from ..ports import RecordChange, Value
    from .originator import Originator
    from .room import Room

_APART = nullcontext()
"""Instead of `together`: everything is written as it is shown."""

_RETRY = 5.0
"""Seconds between retries for events that must be stored, while the disk is full or broken."""


class Ledger:
    """
    Appends events and changes to the journal, shows committed events in rooms, and notifies their authors.

    :param apply: applies a change of a standing record.
    :param value: returns the current value of the record that a change concerns.
    :param followed: called with changes made by another program, after they are applied.
    :param storing_again: called when storing works again after a failure.
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
        self.late = LateChanges()
        """For what reads from several rooms at once; each room has its own."""
        self.rooms: dict[str, Room] = {}
        """The rooms in use: with members, or with events on their way to the journal."""
        self._authors: dict[int, Originator] = {}
        """The authors of events on their way, to be notified of the result."""
        self._owed: dict[tuple[str, str], list[Event]] = {}
        """Departures that could not be stored yet and must be, by room and person; there may be thousands."""
        self._joining: Counter[tuple[str, str]] = Counter()
        """The number of `Joined` on their way to the journal, by room and person."""
        self._departing: Counter[str] = Counter()
        """The number of `Left` on their way to the journal, by person."""
        self._changes: dict[int, tuple[Sequence[RecordChange], int]] = {}
        """The changes of events on their way, with their numbers: see `PendingChanges`."""
        self.storing = True
        """Whether the last attempt to store succeeded."""

    def tidy(self, room: Room) -> None:
        """Drop *room* from memory if it is unused; its history stays in the journal."""
        if not (room.seats or room.pending or room.users) and self.rooms.get(room.name) is room:
            del self.rooms[room.name]

    def done(self, room: Room) -> None:
        """End one use of *room*, begun by `RoomRegistry.use`; seats keep it in use, too."""
        room.users -= 1
        self.tidy(room)

    # Into the journal.

    def append(self, room: Room, author: Originator, event: Event, changes: Sequence[RecordChange] = ()) -> None:
        """
        Append an *event* of *room* to the journal; *author*, if still here, is notified of the result.

        :param changes: applied at once, so that nobody acts on outdated state, and undone if the event cannot be
            stored.
        """
        if type(event) is Joined:
            # Somebody whose departure is not yet stored may come back.
            if self._owed:
                self._store_owed(self._owed_of(event))
            who = event.room, event.by
            self._joining[who] = self._joining.get(who, 0) + 1
        elif type(event) is Left:
            self._departing[event.by] += 1
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
        """Log what *actor* did with the command *act* in the audit log; *where* is a room ("": the server)."""
        person, now = actor.person, self._core.runtime.now()
        self._core.journal.append(AuditEntry(AUDIT, now, person.identity, person.nick, act, where, text))

    async def departed(self, identity: str) -> None:
        """Wait until each departure of the person with this *identity* is stored, or cannot be stored for now."""
        while self._departing[identity]:
            await self._core.journal.flush()

    def take_back(self, identity: str) -> list[Room]:
        """
        Forget the departures of the person with this *identity* that could not be stored: nobody was shown them.

        :returns: the rooms, where they have to be given a seat now.
        """
        due = [event for event in self._all_owed() if event.by == identity]
        return [self._forget_owed(event) for event in due]

    async def keep(self, changes: Sequence[RecordChange]) -> None:
        """
        Apply and store *changes* that come without an event.

        :raises NotKept: if they could not be stored; they are undone then.
        """
        number = self._pending.hold(changes)
        try:
            await self._core.journal.change(changes)
        except JournalError as error:
            self._followed(self._pending.failed(changes))
            raise NotKept(str(error)) from error
        except BaseException:
            self._followed(self._pending.failed(changes))
            raise
        self._pending.stored(changes, number)

    # Callbacks of the journal.

    def changed(self, changes: Sequence[RecordChange]) -> None:
        """Apply *changes* made by another program; called in commit order."""
        self._followed([change for change in changes if self._pending.by_another(change)])

    def committed(self, batches: Sequence[Batch]) -> None:
        """Show these committed batches in their rooms, then notify their authors."""
        # The audit log is not shown live; admins read it.
        batches = [batch for batch in batches if batch.room != AUDIT]
        rooms = [self.rooms[batch.room] for batch in batches]
        if self._changes:
            self._apply(batches)
        # Somebody may come into many rooms, or leave them, and others be in several of these, too.
        apart = len({batch.events[0].by for batch in batches}) == len(batches)
        with _APART if apart else together([room.subscribers for room in rooms]):
            for room, batch in zip(rooms, batches, strict=True):
                for event in batch.events:
                    if event.marks is not None or isinstance(event, CHANGES):
                        self.late.note(changes_in(batch.events))
                        room.show(room.history.settled(batch))
                        break
                else:
                    room.show(batch)
        authors = self._authors
        if self._joining or self._departing:
            self._note_moved([event for batch in batches for event in batch.events])
        for batch in batches:
            for seq, event in enumerate(batch.events, batch.first):
                author = authors.pop(id(event), None)
                if author is not None:
                    author.stored(batch.room, seq)
        for room, batch in zip(rooms, batches, strict=True):
            # Only now: an author may be about to take a seat, just after the last one was vacated.
            room.pending -= len(batch.events)
            self.tidy(room)
        if not self.storing:
            self.storing = True
            self._core.people.announce(Notice("Messages can be stored again."))
            self._store_owed(self._all_owed())
            self._storing_again()

    def failed(self, events: Sequence[Event], error: JournalError) -> None:
        """Undo these events, which could not be stored."""
        waiting, was_storing = bool(self._owed), self.storing
        self.storing = False
        self._undo(events)
        for event in events:
            if event.room == AUDIT:
                continue
            if type(event) is Joined:
                self._not_joining(event)
            elif type(event) is Left:
                self._not_departing(event)
            fact, author = self._is_fact(event), self._authors.pop(id(event), None)
            if fact:
                # A departure has happened anyway: keep it, with its room, until it can be stored.
                self._owed.setdefault((event.room, event.by), []).append(event)
                continue
            room = self.rooms[event.room]
            room.pending -= 1
            if author is not None:
                author.lost(event, error)
            self.tidy(room)
        if was_storing:
            self._core.people.announce(
                Notice(f"Storing takes long ({error}). What you say now is shown when it has been stored.")
                if isinstance(error, TakesLong)
                else Refused(NotStored.code, f"Messages cannot be stored now ({error}), so nothing can be said.")
            )
        if self._owed and not waiting:
            self._core.runtime.later(_RETRY, lambda: self._store_owed(self._all_owed()))

    def _store_owed(self, owed: Sequence[Event]) -> None:
        # For people just coming back, this is decided once their `Joined` has a result.
        due = [event for event in owed if not self._joining[event.room, event.by]]
        for event in due:
            self._strike(event)
            self._departing[event.by] += 1
            changes, number = self._changes.get(id(event), ((), 0))
            if changes:
                changes = self._pending.again(changes, number)
                self._changes[id(event)] = changes, number
            self._core.journal.append(event, changes)

    def _owed_of(self, joined: Event) -> list[Event]:
        """Return the unstored departures of the person who has *joined*."""
        return [*self._owed.get((joined.room, joined.by), ())]

    def _all_owed(self) -> list[Event]:
        return [event for events in self._owed.values() for event in events]

    def _strike(self, left: Event) -> None:
        """Note that this departure, which could not be stored, is on its way again, or is none any more."""
        who = left.room, left.by
        events = [event for event in self._owed[who] if event is not left]
        if events:
            self._owed[who] = events
        else:
            del self._owed[who]

    def _forget_owed(self, left: Event) -> Room:
        """Forget this departure, which could not be stored; return its room."""
        self._strike(left)
        room = self.rooms[left.room]
        room.pending -= 1
        changes, _ = self._changes.pop(id(left), ((), 0))
        self._pending.failed(changes)
        return room

    def _note_moved(self, events: Sequence[Event]) -> None:
        """Note who has joined and who has left; an earlier unstored departure of who has joined is obsolete."""
        for event in events:
            if type(event) is Left:
                self._not_departing(event)
            elif type(event) is Joined:
                self._not_joining(event)
                for left in self._owed_of(event) if self._owed else ():
                    self._forget_owed(left)

    def _not_joining(self, joined: Event) -> None:
        who = joined.room, joined.by
        left = self._joining[who] - 1
        if left:
            self._joining[who] = left
        else:
            del self._joining[who]

    def _not_departing(self, left: Event) -> None:
        self._departing[left.by] -= 1
        if not self._departing[left.by]:
            del self._departing[left.by]

    def _apply(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            for event in batch.events:
                held = self._changes.pop(id(event), None)
                if held is not None:
                    self._pending.stored(*held)

    def _undo(self, events: Sequence[Event]) -> None:
        """Undo the changes of *events*, except those that will be stored later."""
        for event in events:
            if id(event) in self._changes and not self._is_fact(event):
                changes, _ = self._changes.pop(id(event))
                self._pending.failed(changes)

    def _is_fact(self, event: Event) -> bool:
        """Return whether *event* has happened even if it cannot be stored: a departure."""
        author = self._authors.get(id(event))
        return (author is None or author.gone) and isinstance(event, Left)
