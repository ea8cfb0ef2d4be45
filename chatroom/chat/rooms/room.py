"""A room: who is in it, its rules, and its events shown to its members in journal order."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING

from ..events import Batch, Delivered, Event, Joined, Left, Renamed, Said, TopicChanged
from ..ports import Future, RecordChange
from ..rules.roles import Role, role_in
from ..rules.room_state import RoomState
from .history import RoomHistory
from .subscribers import Subscribers

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..core import Core
    from ..people.accounts import Account
    from ..people.person import Connection, Person
    from .originator import Originator

    Append = Callable[["Room", Originator, Event, Sequence[RecordChange]], None]

_NEVER = 2**63
"""A seq that no room ever comes to."""

_SEEN_OFF_AT_ONCE = 50
"""
Events of one batch that those who leave with it are shown at once: each of them needs a rendering of their own.

If hundreds leave together, those who come later in the batch read on up to where they left, in turns.
"""

_KEY = attrgetter("key")


class Seat:
    """
    One person's place in one room.

    A *live* seat is shown every batch as it is committed, so its position is the room's.  Any other
    seat belongs to someone reading the journal: ``position`` is the last seq they were shown, ``joined_after``
    the one before the first that they were to be shown here.  Who is *leaving* has said so already.
    """

    __slots__ = ("ended", "joined_after", "leaving", "live", "person", "position", "room", "upto")

    def __init__(self, room: Room, person: Person[Any], position: int) -> None:
        self.room = room
        self.person = person
        self.position = self.joined_after = position
        self.live = self.leaving = False
        self.upto = _NEVER
        """The seq of the last event that they are to be shown here: that they have left."""
        self.ended: Future[None] | None = None
        """Waited for until the seat is taken away."""

    def missing(self, seen: Mapping[str, int]) -> int:
        """Count what has happened here since the seq that *seen* names."""
        return max(0, self.room.shown - seen.get(self.room.name, self.joined_after))

    def end(self) -> None:
        """Wake whoever waits for this seat to be taken away."""
        ended, self.ended = self.ended, None
        if ended is not None:
            ended.callback(None)

    def go_live(self) -> None:
        """From now on, show this seat every batch; it has seen all there is."""
        self.live = True
        self.room.subscribers.add(self.person.identity, self.person.outlet)

    def fall_behind(self) -> None:
        """Show this seat no more batches; it reads on from here when it can."""
        if self.live:
            self.live = False
            self.position = self.room.shown
            self.room.subscribers.remove(self.person.identity)


class Room:
    """
    One room that is in use: its `history`, who has a seat, and who of them are `subscribers`.

    A *conversation* is the room of two people: it is in no list, and nobody joins or leaves it.

    :param append: puts an event into the journal; see `Ledger.append`.
    """

    __slots__ = (
        "_append",
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
        """How many are doing something with it; it stays in use for them, too."""
        self.seats: dict[str, Seat] = {}
        self.subscribers = Subscribers()
        self._people: list[Person[Any]] | None = None

    @property
    def topic(self) -> str:
        """What somebody has set; else what the configuration says."""
        return self._topic or self.core.policy.first_topic(self.name)

    @property
    def shown(self) -> int:
        """The seq of the last event that was handed to the outlets."""
        return self.history.last

    def people(self) -> list[Person[Any]]:
        """Everyone in the room, in the order of their nicks; not to be changed."""
        if self._people is None:
            self._people = sorted([seat.person for seat in self.seats.values()], key=_KEY)
        return self._people

    def person_came(self, person: Person[Any]) -> None:
        """*person* has taken a seat."""
        people = self._people
        self.people_changed()
        if people is not None:
            # A thousand who come one by one would else have the list sorted anew for each of them.
            self._people = people.copy()
            insort(self._people, person, key=_KEY)

    def people_changed(self) -> None:
        """Somebody has come or gone, or has another nick than before."""
        self._people = None
        self.core.room_list_version += 1

    # What people do here.

    def receive(self, person: Person[Any], author: Originator) -> None:
        """Record that *person* has been given what was said to them while they were away, on behalf of *author*."""
        event = Delivered(self.name, self._now(), person.identity, person.nick)
        self.append(author, event, [RecordChange(self.name, "unread", person.party, None)])

    def enter(self, session: Connection, author: Originator, changes: Sequence[RecordChange] = ()) -> None:
        """Record that who asks comes in, which *author* waits for; they have their seat once this is stored."""
        person = session.person
        self.append(author, Joined(self.name, self._now(), person.identity, person.nick, ref=session.ref), changes)

    def depart(self, session: Connection, reason: str, changes: Sequence[RecordChange] = ()) -> None:
        """Record that the person of *session* goes."""
        self.append(session, self.left(session.person, reason, session.ref), changes)

    def left(self, person: Person[Any], reason: str, ref: str | None = None) -> Left:
        """Build the event that says so."""
        return Left(
            self.name,
            self._now(),
            person.identity,
            person.becoming[0] if person.becoming else person.nick,
            reason,
            ref=ref,
        )

    def rename(self, person: Person[Any], new: str, author: Originator, ref: str | None) -> None:
        """Record that *person* is called *new* from here on, which *author* waits for."""
        self.append(author, Renamed(self.name, self._now(), person.identity, person.nick, new, ref=ref))

    def append(self, author: Originator, event: Event, changes: Sequence[RecordChange] = ()) -> None:
        """Put *event* in the journal; *author* is told what became of it, and so is the room."""
        self._append(self, author, event, changes)

    def _now(self) -> float:
        return self.core.runtime.now()

    # Who is who here.

    @property
    def operators(self) -> list[str]:
        """
        The parties that were made operators here, and can still be somebody.

        An account may have been deleted since, and a crash ends the sessions of guests without a word.
        """
        return [party for party in self.state.operators if self.core.people.is_somebody(party)]

    @property
    def ruled(self) -> bool:
        """Whether there is anybody who is an operator here."""
        return bool(self.core.policy.appointed(self.name) or self.operators)

    def is_operator(self, person: Person[Any]) -> bool:
        """Whether *person* is an operator here: was made one, or is one by the configuration."""
        return person.party in self.state.operators or (
            person.account is not None and self.is_ruled_by(person.account)
        )

    def is_ruled_by(self, account: Account) -> bool:
        """Whether who is logged in to *account* is an operator here."""
        return account.id in self.state.operators or account.key in self.core.policy.appointed(self.name)

    @property
    def private(self) -> bool:
        """Whether only members may know of this room; one that the configuration has opened is never."""
        return self.state.private and not self.core.policy.is_default(self.name)

    @property
    def closed(self) -> bool:
        """Whether not everyone may come in; the same goes."""
        return self.state.closed and not self.core.policy.is_default(self.name)

    def is_banned(self, person: Person[Any]) -> bool:
        """Whether *person* is kept out by a ban; who rules here never is."""
        listed = self.state.bans.match(person.marks, self._now())
        return listed is not None and role_in(person, self) < Role.OPERATOR

    def is_muted(self, person: Person[Any]) -> bool:
        """Whether *person* may say nothing here; who rules here always may."""
        listed = self.state.mutes.match(person.marks, self._now())
        return listed is not None and role_in(person, self) < Role.OPERATOR

    def may_know(self, person: Person[Any]) -> bool:
        """Whether *person* may know that this room exists, and who is in it."""
        return not self.private or person.identity in self.seats or role_in(person, self) >= Role.OPERATOR

    def shows_to(self, person: Person[Any]) -> bool:
        """Whether *person* may know of somebody else that they are in this room."""
        return not self.conversation and self.may_know(person)

    def may_read(self, person: Person[Any]) -> bool:
        """Whether *person* may read what was said here without coming in: whoever might come in."""
        if person.identity in self.seats or role_in(person, self) >= Role.OPERATOR:
            return True
        let_in = not self.closed or person.party in self.state.invited
        return let_in and not self.conversation and not self.is_banned(person)

    # What the journal says has happened.

    def apply(self, change: RecordChange) -> None:
        """Let *change* of what stands here hold."""
        self.state.apply(change)
        if change.kind == "seal":
            self.history.seal(self.state.sealed)

    def _see_off(self, left: Event, seq: int, batch: Batch) -> None:
        """Show the person who leaves, as *left* with this *seq* says, the room up to that and no further."""
        seat = self.seats.get(left.by)
        if seat is None or not seat.leaving:
            return
        seat.upto = seq
        if seat.live:
            seat.fall_behind()
            if seq - batch.first < _SEEN_OFF_AT_ONCE:
                seat.position = seq
                seat.person.outlet.deliver(batch.until(seq))

    def show(self, batch: Batch) -> None:
        """Hand *batch*, which follows what was shown before, to everyone who is up to date."""
        for seq, event in enumerate(batch.events, batch.first):
            if type(event) is Said:
                continue
            if type(event) is TopicChanged:
                self._topic = event.topic
                self.core.room_list_version += 1
            if type(event) is Left:
                self._see_off(event, seq, batch)
        self.history.extend(batch)
        for door, count in self.subscribers.doors.items():
            self.core.delivered[door] += count * len(batch.events)
        self.core.fan_out(self.subscribers, batch)
