"""Who has a seat in which room: going in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ..fair_queue import MISSED_A_LINE, NAMES_A_LINE
from ..ports import Future, JournalError, RecordChange, Value
from ..refusals import NotNow, NotStored, TooMany
from ..replies import Notice, RoomEntered
from ..rules.roles import role_in
from ..syntax.names import room as room_name
from .admission import Admission, check_not_banned
from .originator import Pending
from .room import Room, Seat

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection, Person
    from .ledger import Ledger
    from .registry import RoomRegistry


_ENTERING_WORK = 0.5
"""Lines' worth of work that it is to let somebody in, beside naming the people who are there."""

_LEAVING_WORK = 2.0
"""Lines' worth of work that it is to show somebody who leaves a page of what they have yet to be shown."""


class Gone(Exception):
    """A seat was about to be given to somebody who is gone: a bug, because callers look before."""


class Membership:
    """Lets people into rooms, and out."""

    def __init__(self, core: Core, ledger: Ledger, rooms: RoomRegistry) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms
        self._admission = Admission(core, ledger)
        self.occupied = 0
        """Rooms that somebody is in, conversations aside."""
        self._coming: dict[tuple[str, str], list[Future[None]]] = {}
        """Which identity is coming into which room, and who waits for that: a later session of the same identity."""

    async def join(self, session: Connection, text: str, key: str = "") -> None:
        """
        Let *session* into the room that *text* names, and make it the current one.

        :param key: opens a room that is locked with it.
        :raises Refusal: if the name is none, *session* is in too many rooms, or must be kept out.
        """
        self._core.check_open()
        name = room_name(text, self._core.limits.room)
        person: Person[Seat] = session.person
        if name in person.seats:
            await session.work(len(person.seats[name].room.seats) / NAMES_A_LINE)
            seat = person.seats.get(name)
            if seat is None or seat.leaving:
                raise NotNow(f"You have just been put out of #{name}.")
            session.current = name
            session.reply(self.entered(seat))
            return
        public = person.public
        if public >= self._core.limits.rooms_per_session:
            raise TooMany(f"You are in {public} rooms already; /leave one first.")
        await self.enter(session, name, None, key)

    async def leave(self, session: Connection, room: Room) -> None:
        """
        Take the person of *session* out of *room*.

        :raises NotStored: if that cannot be recorded now.
        """
        person = session.person
        seat: Seat = person.seats[room.name]
        seat.leaving = True
        leaving = Pending(self._core.runtime)
        room.append(leaving, room.left(person, "", session.ref), self._admission.resigned(seat, leaving))
        await self._recorded(leaving, [seat])
        # Whoever is behind is shown the room up to there first.
        if self._has(seat) and seat.position < seat.upto:
            await self._core.fair_queue.next(_LEAVING_WORK)
        if self._has(seat):
            ended = seat.ended = self._core.runtime.future()
            person.session.catch_up.read_on()
            await ended
        where = self.vacate_seat(seat)
        person.answer(session, Notice(f"You left #{room.name}. {where}"))

    async def _recorded(self, leaving: Pending, seats: Sequence[Seat]) -> None:
        """
        Wait until it is recorded that the people of *seats* have left.

        :raises NotStored: if it cannot be now; then only those have left who have gone by themselves since.
        """
        for seat in seats:
            seat.room.users += 1
        try:
            await leaving.flushed()
        except BaseException:
            for seat in seats:
                seat.leaving = False
                if not self._has(seat):
                    seat.room.depart(seat.person.session, "")
            raise
        finally:
            for seat in seats:
                self._ledger.done(seat.room)

    def vacate_seat(self, seat: Seat) -> str:
        """Take away *seat*, if they have it still, as is recorded already; return where they are then, in words."""
        session, room = seat.person.session, seat.room
        if self._has(seat):
            self.unseat(seat)
            self._ledger.tidy(room)
        if session.current == room.name:
            session.current = next(iter(seat.person.room_names()), "")
        return f"You are in #{session.current} now." if session.current else "You are in no room now."

    async def enter(self, session: Connection, name: str, seen: int | None, key: str = "") -> None:
        """
        Let the person of *session* into the room *name*, and make it the current one.

        :param seen: the seq of the last event that was received there; None: none ever was.
        :raises Refusal: if they must be kept out, or that cannot be recorded now.
        """
        # Who left while it was being recorded that they came, and comes again, waits until that is recorded, too.
        coming = name, session.person.identity
        while coming in self._coming:
            future = self._core.runtime.future()
            self._coming[coming].append(future)
            await future
        self._coming[coming] = []
        try:
            await self._enter(session, name, seen, key)
        finally:
            for future in self._coming.pop(coming):
                future.callback(None)

    async def _enter(self, session: Connection, name: str, seen: int | None, key: str) -> None:
        room = await self._rooms.use(name, session.charge)
        try:
            if not session.gone and name not in session.person.seats:
                # Waited for even if another connection carries on meanwhile.
                joining = Pending(self._core.runtime)
                room.enter(session, joining, self._admission.let_in(session, room, key, joining))
                await joining.flushed()
                # Hundreds may come in with one commit, and each is told who is there.
                await self._core.fair_queue.next(_ENTERING_WORK + len(room.seats) / NAMES_A_LINE)
                self._take_seat(session, room, joining.seq - 1, seen)
        finally:
            self._ledger.done(room)

    def _take_seat(self, session: Connection, room: Room, before: int, seen: int | None) -> None:
        """Seat who asks, whose coming is recorded; or record that they left, if they may not be here by now."""
        person = session.person
        if person.gone or room.is_banned(person):
            # They went, or were banned, while the journal was recording that they came.
            room.depart(session, "")
            if not person.gone:
                check_not_banned(person, room, self._core.runtime.now())
            return
        now = person.session
        if now is not session:
            # They carry on from another connection meanwhile.
            seen = now.missed_since.get(room.name)
        seat = self.seat(person, room, before if seen is None else min(room.history.position(seen), before))
        now.current = room.name
        now.charge((room.shown - seat.position) / MISSED_A_LINE + len(room.seats) / NAMES_A_LINE)
        person.answer(session, self.entered(seat, self._core.limits.greeting if seen is None else 0))
        now.catch_up.read_on()

    async def remove(self, author: Connection | Pending, seats: Sequence[Seat], reason: str, told: str) -> None:
        """
        Take away *seats*, whose people have not asked for it.

        :param author: waits until it is recorded.
        :param reason: what the others are shown with the `Left`.
        :param told: what those who are put out are told.
        :raises NotStored: if it cannot be recorded now; then nobody has been put out.
        """
        # Not until the author has been shown it: one who is behind would let them be shown what comes after.
        leaving = Pending(self._core.runtime)
        for seat in seats:
            seat.leaving = True
            resigned = self._admission.resigned(seat, leaving)
            seat.room.append(leaving, seat.room.left(seat.person, reason), resigned)
        try:
            await self._recorded(leaving, seats)
        except NotStored:
            await author.flushed()
            raise
        for seat in filter(self._has, seats):
            where = self.vacate_seat(seat)
            seat.person.outlet.reply(Notice(f"{told}. {where}"))

    @staticmethod
    def _has(seat: Seat) -> bool:
        """Tell whether *seat* has not been taken away."""
        return seat.person.seats.get(seat.room.name) is seat

    async def inherit(self, person: Person[Seat], guest: str) -> None:
        """
        Let *person*, who was the party *guest* until now, be in the rooms where they are what that was.

        An account may be banned where the guest was not.
        """
        changes = []
        for seat in person.seats.values():
            standing, room = seat.room.state, seat.room.name
            standing.passes_on(guest, person.party)
            for kind, kept in (("operator", standing.operators), ("invite", standing.invited)):
                if guest in kept and guest != person.party and person.account is not None:
                    had = {"nick": person.account.nick}
                    changes += [RecordChange(room, kind, guest, None), RecordChange(room, kind, person.party, had)]
        if changes:
            await self._ledger.keep(changes)
        await self.remove_banned(person)

    def muted(self, person: Person[Seat]) -> dict[Room, Value]:
        """Find the rooms that *person* is in and listed as muted, and as what."""
        now = self._core.runtime.now()
        found = {seat.room: seat.room.state.mutes.match(person.marks, now) for seat in person.seats.values()}
        return {room: listed for room, listed in found.items() if listed is not None}

    def mute_still(self, person: Person[Seat], muted: Mapping[Room, Value]) -> None:
        """Let *person*, who is a guest from now on, be *muted* as before: they keep their seats, too."""
        found = [RecordChange(room.name, "mute", f"party:{person.party}", listed) for room, listed in muted.items()]
        if found:
            self._core.runtime.spawn(self._keep(found))

    async def _keep(self, changes: Sequence[RecordChange]) -> None:
        with suppress(JournalError):
            await self._ledger.keep(changes)

    async def remove_banned(self, person: Person[Seat]) -> None:
        """Take *person*, who is known by other marks than before, out of the rooms that keep those out."""
        seats = [seat for seat in person.seats.values() if not seat.leaving and seat.room.is_banned(person)]
        if seats:
            told = f"You are banned from {', '.join('#' + seat.room.name for seat in seats)}"
            await self.remove(Pending(self._core.runtime), seats, "banned", told)

    def leave_all(self, person: Person[Seat], reason: str) -> None:
        """Take *person*, who is gone, out of every room."""
        for seat in list(person.seats.values()):
            resigned = [] if seat.leaving else self._admission.resigned(seat)
            seat.room.state.left(person)
            self.unseat(seat)
            if not seat.room.conversation and not seat.leaving:
                seat.room.depart(person.session, "" if seat.room.is_muted(person) else reason, resigned)
            for left_alone in [one for one in seat.room.seats.values() if seat.room.conversation and one.live]:
                # A conversation is taken up again with the next message.
                self.unseat(left_alone)
            self._ledger.tidy(seat.room)

    def entered(self, seat: Seat, recent: int = 0) -> RoomEntered:
        """Describe the room to who has just taken *seat*, with the last *recent* things said before that."""
        room = seat.room
        people = tuple([one.nick for one in room.people()])
        before = room.history.recent(recent, seat.position) if recent else ()
        role = role_in(seat.person, room).name.lower()
        return RoomEntered(room.name, room.topic, people, seat.position, before, role, dict(room.state.settings))

    def seat(self, person: Person[Seat], room: Room, position: int) -> Seat:
        """
        Give *person* a seat in *room*, having seen all up to *position*; the one that they have, if they have one.

        This is the only place where a seat is given.  Between looking whether one may be given and this, nothing is
        waited for.

        :raises Gone: if they have left.
        """
        if self._core.people.get(person.identity) is not person:
            raise Gone
        seat = person.seats.get(room.name)
        if seat is None:
            seat = Seat(room, person, position)
            self.occupied += not (room.seats or room.conversation)
            room.seats[person.identity] = person.seats[room.name] = seat
            room.person_came(person)
            person.outlet.in_rooms(person.public)
        return seat

    def unseat(self, seat: Seat) -> None:
        """Take *seat* away."""
        seat.fall_behind()
        del seat.room.seats[seat.person.identity]
        seat.room.people_changed()
        self.occupied -= not (seat.room.seats or seat.room.conversation)
        del seat.person.seats[seat.room.name]
        seat.end()
        seat.person.session.catch_up.shown_no_more(seat.room.name)
        seat.person.outlet.in_rooms(seat.person.public)
