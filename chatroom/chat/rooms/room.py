"""A room: its members, rules and history; it shows events in journal order."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from ..events import Batch, Delivered, Event, Joined, Left, Renamed, Said, TopicChanged
from ..ports import RecordChange
from ..refusals import Refusal
from ..rules.ban_list import NOBODY
from ..rules.roles import Role, role_in
from ..rules.room_state import RoomState
from .cursor import NEVER
from .history import RoomHistory
from .originator import DEPARTED
from .subscribers import Subscribers

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..core import Core
    from ..people.accounts import Account
    from ..people.person import Connection, Person
    from .cursor import Cursor
    from .originator import Originator

    Append = Callable[["Room", Originator, Event, Sequence[RecordChange]], None]

_SEEN_OFF_AT_ONCE = 50
"""
Departures per batch that are shown at once, each with a rendering of its own.

If hundreds leave together, the rest read up to their departure in turns.
"""

_KEY = attrgetter("key")


class Seat:
    """
    A seat: one person's place in one room.

    ``joined_after`` is the last seq before they joined; *leaving* means that they have asked to leave.
    """

    __slots__ = ("cursors", "joined_after", "leaving", "person", "room", "upto")

    def __init__(self, room: Room, person: Person[Any], joined_after: int) -> None:
        self.room = room
        self.person = person
        self.joined_after = joined_after
        self.leaving = False
        self.upto = NEVER
        """The seq of the last event to show here: their departure."""
        self.cursors: tuple[Cursor, ...] = ()
        """How far each of the person's sessions has been shown the room."""

    @property
    def live(self) -> bool:
        """Whether every session of the person is shown each batch as it is committed."""
        return bool(self.cursors) and all(cursor.live for cursor in self.cursors)

    def missing(self, seen: Mapping[str, int]) -> int:
        """Return the number of events since the seq in *seen*."""
        return max(0, self.room.shown - seen.get(self.room.name, self.joined_after))


class Room:
    """
    A room in use: its `history`, its seats and its live `subscribers`.

    A *conversation* is a room of two people, or of one: it is not listed, and nobody joins or leaves it.

    :param append: appends an event to the journal; see `Ledger.append`.
    """

    __slots__ = (
        "__weakref__",
        "_append",
        "_nicks",
        "_people",
        "_topic",
        "conversation",
        "core",
        "history",
        "name",
        "pending",
        "seats",
        "state",
        "subscribers",
        "topic_by",
        "users",
    )

    def __init__(
        self, core: Core, append: Append, name: str, topic: str, history: RoomHistory, state: RoomState
    ) -> None:
        self.core = core
        self._append = append
        self._topic = topic
        self.name = name
        self.conversation = name.startswith("@")
        self.history = history
        self.state = state
        self.pending = 0
        """Events on their way to the journal; a room with any stays in use."""
        self.users = 0
        """The number of operations that use it and keep it in memory."""
        self.seats: dict[str, Seat] = {}
        self.subscribers = Subscribers()
        self._people: list[Person[Any]] | None = None
        self._nicks: tuple[str, ...] | None = None
        self.topic_by: tuple[str, float] | None = None
        """Who set the topic, and when, in seconds since the epoch; None: not since the room was last empty."""

    @property
    def topic(self) -> str:
        """The topic: as set, or else as configured."""
        return self._topic or self.core.policy.first_topic(self.name)

    @property
    def shown(self) -> int:
        """The seq of the last event delivered to outlets."""
        return self.history.last

    def people(self) -> list[Person[Any]]:
        """The members, ordered by nick; do not modify."""
        if self._people is None:
            self._people = sorted([seat.person for seat in self.seats.values()], key=_KEY)
        return self._people

    def nicks(self) -> tuple[str, ...]:
        """The nicks of the members, in the same order."""
        if self._nicks is None:
            self._nicks = tuple([person.nick for person in self.people()])
        return self._nicks

    def person_came(self, person: Person[Any]) -> None:
        """Add *person* to the member list."""
        people = self._people
        self.people_changed()
        if people is not None:
            # Otherwise a thousand arrivals in a row would sort the list a thousand times.
            self._people = people.copy()
            insort(self._people, person, key=_KEY)

    def people_changed(self) -> None:
        """Invalidate the member list after a change."""
        self._people = self._nicks = None
        self.core.room_list_version += 1

    # Events of people.

    def receive(self, person: Person[Any], author: Originator) -> None:
        """Record that *person* has received their offline messages, on behalf of *author*."""
        event = Delivered(self.name, self._now(), person.identity, person.nick)
        self.append(author, event, [RecordChange(self.name, "unread", person.party, None)])

    def enter(self, session: Connection, author: Originator, changes: Sequence[RecordChange] = ()) -> None:
        """Record that the person enters; *author* waits for it.  They get their seat once it is stored."""
        person, ref, mark, ask = session.person, session.ref, session.mark, session.ask
        joined = Joined(
            self.name, self.core.runtime.now(), person.identity, person.nick, ref=ref, session=mark, ask=ask
        )
        self._append(self, author, joined, changes)

    def depart(self, person: Person[Any], reason: str, changes: Sequence[RecordChange] = ()) -> None:
        """Record that *person* has left, whether it can be stored now or later."""
        self.append(DEPARTED, self.left(person, reason), changes)

    def left(self, person: Person[Any], reason: str, session: Connection | None = None) -> Left:
        """Build the event of a departure, which *session* asked for if given."""
        nick = person.becoming[0] if person.becoming else person.nick
        left = Left(self.name, self._now(), person.identity, nick, reason)
        return left if session is None else replace(left, ref=session.ref, session=session.mark, ask=session.ask)

    def rename(self, person: Person[Any], new: str, author: Originator, session: Connection | None) -> None:
        """Record that *person* is renamed to *new*; *author* waits for it, and *session* asked for it if given."""
        renamed = Renamed(self.name, self._now(), person.identity, person.nick, new)
        if session is not None:
            renamed = replace(renamed, ref=session.ref, session=session.mark, ask=session.ask)
        self.append(author, renamed)

    def append(self, author: Originator, event: Event, changes: Sequence[RecordChange] = ()) -> None:
        """Append *event* to the journal; *author* and the room are notified of the result."""
        self._append(self, author, event, changes)

    def _now(self) -> float:
        return self.core.runtime.now()

    # Roles and rules.

    @property
    def operators(self) -> list[str]:
        """
        The operators of this room, as parties that still exist.

        An account may have been deleted since, and a crash ends the sessions of guests without a word.
        """
        return [party for party in self.state.operators if self.core.people.is_somebody(party)]

    @property
    def ruled(self) -> bool:
        """Whether the room has an operator."""
        return bool(self.core.policy.appointed(self.name) or self.operators)

    def is_operator(self, person: Person[Any]) -> bool:
        """Return whether *person* is an operator here, by /op or by configuration."""
        if not (self.state.operators or self.core.policy.appointed(self.name)):
            return False
        return person.party in self.state.operators or (
            person.account is not None and self.is_ruled_by(person.account)
        )

    def is_ruled_by(self, account: Account) -> bool:
        """Return whether *account* is an operator here."""
        return account.id in self.state.operators or account.key in self.core.policy.appointed(self.name)

    @property
    def private(self) -> bool:
        """Whether the room is private (known only to members); default rooms never are."""
        return self.state.private and not self.core.policy.is_default(self.name)

    @property
    def hidden(self) -> bool:
        """Whether the room is left out of lists, because it is private or unlisted; default rooms never are."""
        unlisted = "unlisted" in self.state.settings
        return self.private or (unlisted and not self.core.policy.is_default(self.name))

    @property
    def closed(self) -> bool:
        """Whether entry is restricted; never in default rooms."""
        state = self.state
        return bool(state.settings) and state.closed and not self.core.policy.is_default(self.name)

    def is_banned(self, person: Person[Any]) -> bool:
        """Return whether *person* is banned; operators and admins never are."""
        if self.state.bans is NOBODY:
            return False
        listed = self.state.bans.match(person.marks, self._now())
        return listed is not None and role_in(person, self) < Role.OPERATOR

    def is_muted(self, person: Person[Any]) -> bool:
        """Return whether *person* is muted; operators and admins never are."""
        listed = self.state.mutes.match(person.marks, self._now())
        return listed is not None and role_in(person, self) < Role.OPERATOR

    def check_not_silenced(self, person: Person[Any]) -> None:
        """
        Check that *person* may speak here at all; operators and admins always may.

        :raises Refusal: if they are muted, or have no voice where only some may speak.
        """
        if self.state.restricts and role_in(person, self) < Role.OPERATOR:
            self.state.check_not_silenced(person, self.name, self._now())

    def is_silenced(self, person: Person[Any]) -> bool:
        """Return whether *person* may not speak here, by whatever means."""
        try:
            self.check_not_silenced(person)
        except Refusal:
            return True
        return False

    def may_know(self, person: Person[Any]) -> bool:
        """Return whether *person* may know that this room exists, and who is in it."""
        return not self.hidden or person.identity in self.seats or role_in(person, self) >= Role.OPERATOR

    def shows_to(self, person: Person[Any]) -> bool:
        """Return whether *person* may know that somebody else is in this room."""
        return not self.conversation and self.may_know(person)

    def may_read(self, person: Person[Any]) -> bool:
        """Return whether *person* may read the history without entering: anyone who may enter."""
        if person.identity in self.seats or role_in(person, self) >= Role.OPERATOR:
            return True
        let_in = not self.closed or person.party in self.state.invited
        return let_in and not self.conversation and not self.is_banned(person)

    # Results from the journal.

    def apply(self, change: RecordChange) -> None:
        """Apply *change* to the records of this room."""
        self.state.apply(change)
        if change.kind == "seal":
            self.history.seal(self.state.sealed)

    def _see_off(self, left: Event, seq: int, batch: Batch) -> None:
        """Show the leaving person the room up to their *left* with this *seq*, and no further."""
        seat = self.seats.get(left.by)
        if seat is None or not seat.leaving:
            return
        seat.upto = seq
        for cursor in seat.cursors:
            cursor.see_off(batch, seq, at_once=seq - batch.first < _SEEN_OFF_AT_ONCE)

    def show(self, batch: Batch) -> None:
        """Deliver *batch*, the next in order, to every live session."""
        for seq, event in enumerate(batch.events, batch.first):
            if type(event) is Said:
                continue
            if type(event) is TopicChanged:
                self._topic = event.topic
                self.topic_by = event.nick, event.at
                self.core.room_list_version += 1
            if type(event) is Left:
                self._see_off(event, seq, batch)
        self.history.extend(batch)
        subscribers, delivered, count = self.subscribers, self.core.delivered, len(batch.events)
        for door, outlets in subscribers.doors.items():
            delivered[door] += outlets * count
        self.core.fan_out(subscribers, batch)
        if subscribers.links:
            for link in tuple(subscribers.links):
                link.show(batch)
