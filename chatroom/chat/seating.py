"""Who has a seat in which room: going in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from .errands import Errand
from .events import RoleChanged, TopicChanged
from .ports import Change, JournalError, Promise, Value
from .refusals import BadInput, NotNow, NotStored, TooMany
from .replies import Entered, Notice
from .roles import Role, role_in
from .room import Room, Seat
from .standing import key_digest
from .turns import MISSED_A_LINE, NAMES_A_LINE

if TYPE_CHECKING:
    from .errands import Author
    from .hub import Hub
    from .session import Session


_ENTERING_WORK = 0.5
"""Lines' worth of work that it is to let somebody in, beside naming the people who are there."""

_LEAVING_WORK = 2.0
"""Lines' worth of work that it is to show somebody who leaves a page of what they have yet to be shown."""


class Gone(Exception):
    """A seat was about to be given to somebody who is gone: a bug, because callers look before."""


class Seating:
    """Lets sessions into the rooms of *hub*, and out."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._rooms = hub.rooms
        self.occupied = 0
        """Rooms that somebody is in, conversations aside."""
        self._coming: dict[tuple[str, str], list[Promise[None]]] = {}
        """Which identity is coming into which room, and who waits for that: a later session of the same identity."""

    async def join(self, session: Session, text: str, key: str = "") -> None:
        """
        Let *session* into the room that *text* names, and make it the current one.

        :param key: opens a room that is locked with it.
        :raises Refusal: if the name is none, *session* is in too many rooms, or must be kept out.
        """
        self._hub.check_open()
        name = self._hub.room_name(text)
        if name in session.seats:
            await session.work(len(session.seats[name].room.seats) / NAMES_A_LINE)
            seat = session.seats.get(name)
            if seat is None or seat.leaving:
                raise NotNow(f"You have just been put out of #{name}.")
            session.current = name
            session.reply(self.entered(seat))
            return
        if session.public >= self._hub.limits.rooms_per_session:
            raise TooMany(f"You are in {session.public} rooms already; /leave one first.")
        await self.enter(session, name, None, key)

    async def leave(self, session: Session, room: Room) -> None:
        """
        Take *session* out of *room*.

        :raises NotStored: if that cannot be recorded now.
        """
        seat = session.seats[room.name]
        seat.leaving = True
        leaving = Errand(self._hub.world)
        room.append(leaving, room.left(session, "", session.ref), self._resigned(seat, leaving))
        await self._recorded(leaving, [seat])
        # Whoever is behind is shown the room up to there first.
        if self._has(seat) and seat.position < seat.upto:
            await self._hub.turns.next(_LEAVING_WORK)
        if self._has(seat):
            ended = seat.ended = self._hub.world.promise()
            seat.session.read_on()
            await ended
        # Another session, if they carry on from another connection meanwhile.
        person = seat.session
        where = self.give_up(seat)
        left = Notice(f"You left #{room.name}. {where}")
        person.outlet.reply(left, session.ref if person is session else None)

    async def _recorded(self, leaving: Errand, seats: Sequence[Seat]) -> None:
        """
        Wait until it is recorded that the people of *seats* have left.

        :raises NotStored: if it cannot be now; then only those have left who have gone by themselves since.
        """
        for seat in seats:
            seat.room.users += 1
        try:
            await leaving.settled()
        except BaseException:
            for seat in seats:
                seat.leaving = False
                if not self._has(seat):
                    seat.room.depart(seat.session, "")
            raise
        finally:
            for seat in seats:
                self._rooms.done(seat.room)

    def give_up(self, seat: Seat) -> str:
        """Take away *seat*, if they have it still, as is recorded already; return where they are then, in words."""
        person, room = seat.session, seat.room
        if self._has(seat):
            self.unseat(seat)
            self._rooms.tidy(room)
        if person.current == room.name:
            person.current = next(person.room_names(), "")
        return f"You are in #{person.current} now." if person.current else "You are in no room now."

    async def enter(self, session: Session, name: str, seen: int | None, key: str = "") -> None:
        """
        Let *session* into the room *name*, and make it the current one.

        :param seen: the seq of the last event that was received there; None: none ever was.
        :raises Refusal: if they must be kept out, or that cannot be recorded now.
        """
        # Who left while it was being recorded that they came, and comes again, waits until that is recorded, too.
        coming = name, session.identity
        while coming in self._coming:
            promise = self._hub.world.promise()
            self._coming[coming].append(promise)
            await promise
        self._coming[coming] = []
        try:
            await self._enter(session, name, seen, key)
        finally:
            for promise in self._coming.pop(coming):
                promise.callback(None)

    async def _enter(self, session: Session, name: str, seen: int | None, key: str) -> None:
        room = await self._rooms.use(name, session.charge)
        try:
            if not session.gone and name not in session.seats:
                # Waited for even if another connection carries on meanwhile.
                joining = Errand(self._hub.world)
                room.enter(session, joining, self._let_in(session, room, key, joining))
                await joining.settled()
                # Hundreds may come in with one commit, and each is told who is there.
                await self._hub.turns.next(_ENTERING_WORK + len(room.seats) / NAMES_A_LINE)
                self._take_seat(session, room, joining.seq - 1, seen)
        finally:
            self._rooms.done(room)

    def _take_seat(self, session: Session, room: Room, before: int, seen: int | None) -> None:
        """Seat *session*, whose coming is recorded; or record that they left, if they may not be here by now."""
        # Another session, if they carry on from another connection meanwhile.
        person = session.by_now()
        if person.gone or room.is_banned(person):
            # They went, or were banned, while the journal was recording that they came.
            room.depart(session, "")
            if not person.gone:
                self._check_not_banned(person, room)
            return
        if person is not session:
            seen = person.missed_since.get(room.name)
        seat = self.seat(person, room, before if seen is None else min(room.past.position(seen), before))
        person.current = room.name
        person.charge((room.shown - seat.position) / MISSED_A_LINE + len(room.seats) / NAMES_A_LINE)
        entered = self.entered(seat, self._hub.limits.greeting if seen is None else 0)
        person.outlet.reply(entered, session.ref if person is session else None)
        person.read_on()

    def _let_in(self, session: Session, room: Room, key: str, joining: Author) -> list[Change]:
        """Make sure that *session* may come in; return what holds from then on."""
        standing = room.standing
        self._check_not_banned(session, room)
        if key and standing.settings.get("lock") != "key":
            raise BadInput(f"#{room.name} has no key, and the name of a room has no spaces.")
        if room.past.sealed > room.shown:
            raise NotNow(f"#{room.name} is just being opened; please try again.")
        if role_in(session, room) < Role.ADMIN and room.abandoned:
            return self._opened_anew(session, room, joining)
        first = not (room.ruled or room.seats or room.pending) and not self._hub.is_default(room.name)
        # Who opens a room rules it.
        changes = [_operator(room, session)] if first else []
        if not room.closed or role_in(session, room) >= Role.OPERATOR or session.party in standing.invited:
            return changes
        digest = key_digest(self._hub.journal.secret, room.name, key) if key else ""
        standing.check_may_enter(session, room.name, digest)
        # Who knew the key once need not say it again, after a restart of the server for example.
        return [*changes, Change(room.name, "invite", session.party, {"nick": session.nick})]

    def _opened_anew(self, session: Session, room: Room, author: Author) -> list[Change]:
        """
        Give *session* an abandoned room as if it were new; return what holds from then on.

        What was said there before, and all that stood there, was for others: nothing of it is shown to anybody.
        """
        upto = room.shown
        if room.topic:
            now = self._hub.world.now()
            room.append(author, TopicChanged(room.name, now, session.identity, session.nick, ""))
            upto += 1
        self._hub.record(session, "join", room.name, "reopened the room, which guests who are gone had closed")
        ended = room.standing.ended(room.name)
        return [*ended, Change(room.name, "seal", "upto", {"upto": upto}), _operator(room, session)]

    def _check_not_banned(self, session: Session, room: Room) -> None:
        if room.is_banned(session):
            room.standing.check_not_banned(session.marks, f"#{room.name}", self._hub.world.now())

    async def put_out(self, author: Session | Errand, seats: Sequence[Seat], reason: str, told: str) -> None:
        """
        Take away *seats*, whose people have not asked for it.

        :param author: waits until it is recorded.
        :param reason: what the others are shown with the `Left`.
        :param told: what those who are put out are told.
        :raises NotStored: if it cannot be recorded now; then nobody has been put out.
        """
        # Not until the author has been shown it: one who is behind would let them be shown what comes after.
        leaving = Errand(self._hub.world)
        for seat in seats:
            seat.leaving = True
            resigned = self._resigned(seat, leaving)
            seat.room.append(leaving, seat.room.left(seat.session, reason), resigned)
        try:
            await self._recorded(leaving, seats)
        except NotStored:
            await author.settled()
            raise
        for seat in filter(self._has, seats):
            where = self.give_up(seat)
            seat.session.outlet.reply(Notice(f"{told}. {where}"))

    @staticmethod
    def _has(seat: Seat) -> bool:
        """Tell whether *seat* has not been taken away."""
        return seat.session.seats.get(seat.room.name) is seat

    async def inherit(self, session: Session, guest: str) -> None:
        """
        Let *session*, who was the party *guest* until now, be in the rooms where they are what that was.

        An account may be banned where the guest was not.
        """
        changes = []
        for seat in session.seats.values():
            standing, room = seat.room.standing, seat.room.name
            standing.passes_on(guest, session.party)
            for kind, kept in (("operator", standing.operators), ("invite", standing.invited)):
                if guest in kept and guest != session.party and session.account is not None:
                    had = {"nick": session.account.nick}
                    changes += [Change(room, kind, guest, None), Change(room, kind, session.party, had)]
        if changes:
            await self._hub.keep(changes)
        await self.put_out_banned(session)

    def muted(self, session: Session) -> dict[Room, Value]:
        """Find the rooms that *session* is in and listed as muted, and as what."""
        now = self._hub.world.now()
        found = {seat.room: seat.room.standing.mutes.about(session.marks, now) for seat in session.seats.values()}
        return {room: listed for room, listed in found.items() if listed is not None}

    def mute_still(self, session: Session, muted: Mapping[Room, Value]) -> None:
        """Let *session*, who is a guest from now on, be *muted* as before: they keep their seats, too."""
        found = [Change(room.name, "mute", f"party:{session.party}", listed) for room, listed in muted.items()]
        if found:
            self._hub.world.spawn(self._keep(found))

    async def _keep(self, changes: Sequence[Change]) -> None:
        with suppress(JournalError):
            await self._hub.keep(changes)

    async def put_out_banned(self, session: Session) -> None:
        """Take *session*, who is known by other marks than before, out of the rooms that keep those out."""
        seats = [seat for seat in session.seats.values() if not seat.leaving and seat.room.is_banned(session)]
        if seats:
            told = f"You are banned from {', '.join('#' + seat.room.name for seat in seats)}"
            await self.put_out(Errand(self._hub.world), seats, "banned", told)

    def vacate(self, session: Session, reason: str) -> None:
        """Take *session*, who is gone, out of every room."""
        for seat in list(session.seats.values()):
            resigned = [] if seat.leaving else self._resigned(seat)
            seat.room.standing.left(session)
            self.unseat(seat)
            if not seat.room.conversation and not seat.leaving:
                seat.room.depart(session, "" if seat.room.is_muted(session) else reason, resigned)
            for left_alone in [one for one in seat.room.seats.values() if seat.room.conversation and one.live]:
                # A conversation is taken up again with the next message.
                self.unseat(left_alone)
            self._rooms.tidy(seat.room)

    def _resigned(self, seat: Seat, author: Author | None = None) -> list[Change]:
        """
        Let go of what a guest was in a room that they leave: nobody can prove later to have been them.

        The room is not left without an operator: it goes to who has been there longest.

        :param author: waits for that to be recorded; None: who leaves.
        """
        room, session = seat.room, seat.session
        author = author or session
        if session.account is not None or room.conversation or session.party not in room.standing.operators:
            return []
        changes = [Change(room.name, "operator", session.party, None)]
        heir = next((one.session for one in room.seats.values() if one is not seat and not one.leaving), None)
        others = self._hub.appointed(room.name) or [party for party in room.operators if party != session.party]
        if heir is not None and not others:
            now = self._hub.world.now()
            room.append(author, RoleChanged(room.name, now, session.identity, session.nick, heir.nick, "operator"))
            # Not with that event: the `Left` is recorded once it can be, whatever happens.
            changes.append(_operator(room, heir))
        return changes

    def entered(self, seat: Seat, recent: int = 0) -> Entered:
        """Describe the room to who has just taken *seat*, with the last *recent* things said before that."""
        room = seat.room
        people = tuple([person.nick for person in room.people()])
        before = room.past.recent(recent, seat.position) if recent else ()
        role = role_in(seat.session, room).name.lower()
        return Entered(room.name, room.topic, people, seat.position, before, role, dict(room.standing.settings))

    def seat(self, session: Session, room: Room, position: int) -> Seat:
        """
        Give *session* a seat in *room*, having seen all up to *position*; the one that they have, if they have one.

        This is the only place where a seat is given.  Between looking whether one may be given and this, nothing is
        waited for.

        :raises Gone: if the session is over, or carried on by another.
        """
        if self._hub.people.get(session.identity) is not session:
            raise Gone
        seat = session.seats.get(room.name)
        if seat is None:
            seat = Seat(room, session, position)
            self.occupied += not (room.seats or room.conversation)
            room.seats[session.identity] = session.seats[room.name] = seat
            room.person_came(session)
            session.outlet.in_rooms(session.public)
        return seat

    def unseat(self, seat: Seat) -> None:
        """Take *seat* away."""
        seat.fall_behind()
        del seat.room.seats[seat.session.identity]
        seat.room.people_changed()
        self.occupied -= not (seat.room.seats or seat.room.conversation)
        del seat.session.seats[seat.room.name]
        seat.end()
        seat.session.shown_no_more(seat.room.name)
        seat.session.outlet.in_rooms(seat.session.public)


def _operator(room: Room, session: Session) -> Change:
    return Change(room.name, "operator", session.party, {"nick": session.nick})
