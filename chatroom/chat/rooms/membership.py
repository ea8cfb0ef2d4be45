"""Membership: who has a seat in which room, and how people leave or are removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..ports import NOTHING, JournalError, RecordChange, Value
from ..refusals import NotStored, TooLong
from ..replies import Notice, RoomEntered
from ..rules.roles import WORDS, role_in
from .admission import Admission
from .originator import Pending
from .room import Room, Seat
from .whereabouts import whereabouts

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection, Person
    from .ledger import Ledger
    from .reading import Counted, Reading


_LEAVING_WORK = 2.0
"""Cost of showing a leaving person one page that they have not seen, in lines."""


NO_POSITIONS: Mapping[Connection, int] = MappingProxyType({})
"""Every session begins at the same seq."""


class Gone(Exception):
    """A seat was about to be given to somebody who has left: a bug, because callers check first."""


class Membership:
    """
    Gives people their seats in rooms, and takes them away.

    :param unseated: called with a room that somebody no longer has a seat in.
    """

    def __init__(self, core: Core, ledger: Ledger, reading: Reading, unseated: Callable[[Room], object]) -> None:
        self._core = core
        self._ledger = ledger
        self._reading = reading
        self._unseated = unseated
        self.admission = Admission(core, ledger)
        self.occupied = 0
        """The number of rooms with members, without conversations."""

    async def leave(self, session: Connection, room: Room, reason: str = "") -> None:
        """
        Leave *room*.

        :param reason: shown to the others, unless the person may not speak there.
        :raises TooLong: if the reason is.
        :raises NotStored: if it cannot be stored now.
        """
        person = session.person
        if len(reason) > self._core.limits.topic:
            raise TooLong(f"A reason has at most {self._core.limits.topic} characters.")
        reason = "" if room.is_silenced(person) else reason
        seat: Seat = person.seats[room.name]
        seat.leaving = True
        leaving = Pending(self._core.runtime)
        changes = self._reading.forgotten(person, room.name)
        self.admission.depart(seat, room.left(person, reason, session), changes, leaving)
        await self._recorded(leaving, [seat])
        # If they are behind, they are shown the room up to here first.
        if self._has_yet_to_be_shown(session, seat):
            await self._core.fair_queue.next(_LEAVING_WORK)
        if self._has_yet_to_be_shown(session, seat):
            session.catch_up.has_yet_to_see(room.name, leaving.seqs[room.name])
            session.catch_up.read_on()
            await session.flushed()
            if session.gone:
                # Its successor has to be welcomed first.
                await self._core.fair_queue.next()
        self.vacate_seat(seat, read_on=True)
        here = person.continued(session)
        if here is not None:
            here.current = here.current or next(iter(person.room_names()), "")
        for one in person.sessions:
            one.tell(Notice(f"You left #{room.name}. {whereabouts(one)}", "left", (room.name,)), session)

    def _has_yet_to_be_shown(self, session: Connection, seat: Seat) -> bool:
        """Return whether *session* is still to be shown how its person left *seat*."""
        cursor = session.catch_up.cursors.get(seat.room.name) if self._has(seat) and not session.gone else None
        return cursor is not None and not cursor.finished

    async def _recorded(self, leaving: Pending, seats: Sequence[Seat]) -> None:
        """
        Wait until the departures from *seats* are stored.

        :raises NotStored: if that fails; only people who left by themselves meanwhile are gone then.
        """
        for seat in seats:
            seat.room.users += 1
        try:
            await leaving.flushed()
        except BaseException:
            for seat in seats:
                seat.leaving = False
                if not self._has(seat):
                    seat.room.depart(seat.person, "")
            raise
        finally:
            for seat in seats:
                self._ledger.done(seat.room)

    def vacate_seat(self, seat: Seat, *, read_on: bool = False) -> None:
        """
        Remove *seat* after its departure is stored.

        A session whose current room that was has none until one is chosen: what is typed there was meant for it.

        :param read_on: show sessions that are behind the room up to the departure.
        """
        room = seat.room
        if self._has(seat):
            self.unseat(seat, read_on=read_on)
            self._ledger.tidy(room)
        for session in seat.person.sessions:
            if session.current == room.name:
                session.current = ""

    async def remove(self, author: Connection | Pending, seats: Sequence[Seat], reason: str, notice: str) -> None:
        """
        Remove *seats* against their people's will.

        :param author: waits until it is stored.
        :param reason: shown to the others with the `Left`.
        :param notice: shown to the people who are removed.
        :raises NotStored: if it cannot be stored now; nobody is removed then.
        """
        # Only after the author has been shown it: an author who is behind must not let them see later events.
        leaving = Pending(self._core.runtime)
        for seat in seats:
            seat.leaving = True
            changes = self._reading.forgotten(seat.person, seat.room.name)
            self.admission.depart(seat, seat.room.left(seat.person, reason), changes, leaving)
        try:
            await self._recorded(leaving, seats)
        except NotStored:
            await author.flushed()
            raise
        for seat in filter(self._has, seats):
            self.vacate_seat(seat)
            for one in seat.person.sessions:
                one.tell(Notice(f"{notice}. {whereabouts(one)}", "removed", (seat.room.name,)))

    @staticmethod
    def _has(seat: Seat) -> bool:
        """Return whether *seat* still exists."""
        return seat.person.seats.get(seat.room.name) is seat

    async def inherit(self, person: Person[Seat], guest: str) -> None:
        """
        Transfer the roles of the party *guest* to *person*, who has just logged in, in all their rooms.

        The account may be banned where the guest was not.
        """
        await self._pass_on(person.seats.values(), guest, person)
        await self.remove_banned(person)

    async def bequeath(self, guest: Person[Seat], owner: Person[Seat]) -> None:
        """Transfer the roles of *guest*, who is about to become *owner*, in all the guest's rooms."""
        await self._pass_on(guest.seats.values(), guest.party, owner)

    async def _pass_on(self, seats: Iterable[Seat], guest: str, heir: Person[Seat]) -> None:
        changes = []
        for seat in seats:
            standing, room = seat.room.state, seat.room.name
            standing.passes_on(guest, heir.party)
            held = ("operator", standing.operators), ("invite", standing.invited), ("voice", standing.voiced)
            for kind, kept in held:
                if guest in kept and guest != heir.party and heir.account is not None:
                    had = {"nick": heir.account.nick}
                    changes += [RecordChange(room, kind, guest, None), RecordChange(room, kind, heir.party, had)]
        if changes:
            await self._ledger.keep(changes)

    def muted(self, person: Person[Seat]) -> dict[Room, Value]:
        """Return the rooms where *person* is muted, with the mutes."""
        now = self._core.runtime.now()
        found = {seat.room: seat.room.state.mutes.match(person.marks, now) for seat in person.seats.values()}
        return {room: listed for room, listed in found.items() if listed is not None}

    def mute_still(self, person: Person[Seat], muted: Mapping[Room, Value]) -> None:
        """Keep *person*, who is now a guest, *muted* as before; they keep their seats, too."""
        found = [RecordChange(room.name, "mute", f"party:{person.party}", listed) for room, listed in muted.items()]
        if found:
            self._core.runtime.spawn(self._keep(found))

    async def _keep(self, changes: Sequence[RecordChange]) -> None:
        with suppress(JournalError):
            await self._ledger.keep(changes)

    async def remove_banned(self, person: Person[Seat]) -> None:
        """
        Remove *person*, whose marks have changed, from rooms that ban them.

        :raises NotStored: if it cannot be stored now; they are removed when storing works again.
        """
        while seats := [seat for seat in person.seats.values() if not seat.leaving and seat.room.is_banned(person)]:
            notice = f"You are banned from {', '.join('#' + seat.room.name for seat in seats)}"
            try:
                await self.remove(Pending(self._core.runtime), seats, "banned", notice)
            except NotStored:
                # If storing works again by now, whoever looked again then found them leaving.
                if not self._ledger.storing:
                    raise

    def leave_all(self, person: Person[Seat], reason: str) -> None:
        """Remove *person*, who has left, from every room."""
        for seat in list(person.seats.values()):
            seat.room.state.left(person)
            self.unseat(seat)
            if not seat.room.conversation and not seat.leaving:
                left = seat.room.left(person, "" if seat.room.is_silenced(person) else reason)
                self.admission.depart(seat, left)
            if seat.room.conversation and not seat.room.pending:
                # The next message reopens a conversation; one that is not stored yet has still to be shown.
                for left_alone in [one for one in seat.room.seats.values() if one.live]:
                    self._reading.keep(left_alone)
                    self.unseat(left_alone)
            self._ledger.tidy(seat.room)

    def entered(self, session: Connection, seat: Seat, recent: int = 0, counted: Counted | None = None) -> RoomEntered:
        """
        Build the reply for a person who has just taken *seat*.

        :param recent: how many of the last lines before what follows it has.
        :param counted: what was unread before they took it, if that is known.
        """
        room, person = seat.room, seat.person
        name, state = room.name, room.state
        read, position = person.read.get(name, seat.joined_after), session.catch_up.position(name)
        if counted is None or counted.upto != position:
            here = self._reading.counted_here(person, room, position)
            waiting = here or (NOTHING if counted is None else counted.waiting)
        else:
            waiting = counted.waiting
        before = room.history.recent(recent, position) if recent else ()
        role, settings = WORDS[role_in(person, room)], state.settings.copy()
        current = session.current
        elsewhere = None if current == name else current
        return RoomEntered(name, room.topic, room.nicks(), position, before, role, settings, read, *waiting, elsewhere)

    def seat(
        self, person: Person[Seat], room: Room, position: int, positions: Mapping[Connection, int] = NO_POSITIONS
    ) -> Seat:
        """
        Give *person* a seat in *room* at *position*, or return the one they have.

        :param positions: where sessions begin that have been shown more, or less.

        Seats are given only here.  Callers must not wait between their checks and this call.

        :raises Gone: if they have left.
        """
        if self._core.people.get(person.identity) is not person:
            raise Gone
        seat = person.seats.get(room.name)
        if seat is None:
            seat = Seat(room, person, position)
            self.occupied += not (room.seats or room.conversation)
            room.seats[person.identity] = person.seats[room.name] = seat
            person.public += not room.conversation
            for session in person.sessions:
                session.catch_up.follow(seat, positions.get(session, position))
                session.outlet.in_rooms(person.public)
            room.person_came(person)
        return seat

    def unseat(self, seat: Seat, *, read_on: bool = False) -> None:
        """
        Remove *seat*.

        :param read_on: show sessions that are behind the room up to the departure.
        """
        person = seat.person
        for session in person.sessions:
            if read_on:
                session.catch_up.see_off(seat)
            else:
                session.catch_up.unfollow(seat)
        del seat.room.seats[person.identity]
        seat.room.people_changed()
        self.occupied -= not (seat.room.seats or seat.room.conversation)
        del person.seats[seat.room.name]
        person.public -= not seat.room.conversation
        if seat.room.name in person.read and not seat.room.conversation:
            person.read = {name: seq for name, seq in person.read.items() if name != seat.room.name}
        for session in person.sessions:
            session.outlet.in_rooms(person.public)
        self._unseated(seat.room)
