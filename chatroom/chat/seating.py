"""Who has a seat in which room: going in and out, and the two of a private conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .refusals import BadInput, NotHere, NotStored, TooMany
from .replies import Entered, Notice
from .room import Room, Seat

if TYPE_CHECKING:
    from .hub import Hub
    from .session import Session


class Seating:
    """Lets sessions into the rooms of *hub*, and out."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._rooms = hub.rooms

    async def join(self, session: Session, text: str) -> None:
        """
        Let *session* into the room that *text* names, and make it the current one.

        :raises Refusal: if the name is none, or *session* is in too many rooms.
        """
        self._hub.check_open()
        name = self._hub.room_name(text)
        if name in session.seats:
            session.current = name
            session.reply(self.entered(session.seats[name]))
            return
        if session.public >= self._hub.limits.rooms_per_session:
            raise TooMany(f"You are in {session.public} rooms already; /leave one first.")
        await self.enter(session, name, None)
        session.read_on()

    async def leave(self, session: Session, room: Room) -> None:
        """
        Take *session* out of *room*.

        :raises NotStored: if that cannot be recorded now.
        """
        seat = session.seats[room.name]
        seat.leaving = True
        room.depart(session, "")
        try:
            await session.settled()
        except NotStored:
            seat.leaving = False
            raise
        # Another session, if they carry on from another connection meanwhile.
        person = seat.session
        if person.gone:
            return
        self._unseat(seat)
        self._rooms.tidy(room)
        if person.current == room.name:
            person.current = next(person.room_names(), "")
        where = f"You are in #{person.current} now." if person.current else "You are in no room now."
        session.reply(Notice(f"You left #{room.name}. {where}"))

    async def enter(self, session: Session, name: str, seen: int | None) -> None:
        """
        Let *session* into the room *name*, and make it the current one.

        :param seen: the seq of the last event that was received there; None: none ever was.
        :raises NotStored: if that cannot be recorded now.
        """
        room = await self._rooms.use(name)
        try:
            if session.gone:
                return
            room.enter(session)
            await session.settled()
            if session.gone:
                # They went while the journal was recording that they came.
                room.depart(session, "")
                return
            before = session.last_seq - 1
            seat = self._seat(session, room, before if seen is None else min(seen, before))
        finally:
            self._rooms.tidy(room)
        session.current = name
        session.reply(self.entered(seat, self._hub.limits.greeting if seen is None else 0))

    def vacate(self, session: Session, reason: str) -> None:
        """Take *session*, who is gone, out of every room."""
        for seat in list(session.seats.values()):
            self._unseat(seat)
            if not seat.room.private and not seat.leaving:
                seat.room.depart(session, reason)
            for left_alone in [one for one in seat.room.seats.values() if seat.room.private and one.live]:
                # A conversation is taken up again with the next message.
                self._unseat(left_alone)
            self._rooms.tidy(seat.room)

    async def whisper(self, session: Session, to: Session, text: str) -> None:
        """
        Say something to one person only.

        :raises Refusal: if it is nobody else, or there are too many conversations.
        """
        self._hub.check_open()
        if to is session:
            raise BadInput("That is you.")
        one, other = sorted((session.identity, to.identity))
        name = f"@{one}:{other}"
        if name not in session.seats and session.conversations >= self._hub.limits.conversations:
            raise TooMany("You have too many private conversations.")
        room = await self._rooms.use(name)
        try:
            listener = self._hub.people.get(to.identity)
            if session.gone:
                return
            if listener is None:
                raise NotHere(f"{to.nick} has just left.")
            if name not in listener.seats and listener.conversations >= self._hub.limits.conversations:
                raise TooMany(f"{listener.nick} has too many private conversations.")
            for party in (session, listener):
                if name not in party.seats:
                    seat = self._seat(party, room, room.shown)
                    if not party.behind:
                        seat.go_live()
            room.whisper(session, listener.nick, text)
            await session.settled()
            listener.correspondent = session.identity
        finally:
            self._rooms.tidy(room)

    async def reopen_conversations(self, session: Session, seen: Mapping[str, int]) -> None:
        """Give *session*, who is back after their session was over, their seats in their conversations."""
        for name in (await self._hub.journal.conversations(session.identity))[: self._hub.limits.conversations]:
            if name not in session.seats and not session.gone:
                room = await self._rooms.use(name)
                self._seat(session, room, min(seen.get(name, 0), room.shown))

    def entered(self, seat: Seat, recent: int = 0) -> Entered:
        """Describe the room to who has just taken *seat*, with the last *recent* things said before that."""
        room = seat.room
        people = tuple(person.nick for person in room.people())
        before = room.past.recent(recent, seat.position) if recent else ()
        return Entered(room.name, room.topic, people, seat.position, before)

    def _seat(self, session: Session, room: Room, position: int) -> Seat:
        seat = Seat(room, session, position)
        room.seats[session.identity] = session.seats[room.name] = seat
        session.outlet.in_rooms(session.public)
        return seat

    def _unseat(self, seat: Seat) -> None:
        seat.fall_behind()
        del seat.room.seats[seat.session.identity]
        del seat.session.seats[seat.room.name]
        seat.session.outlet.in_rooms(seat.session.public)
