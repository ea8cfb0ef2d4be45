"""The hub: who is here and which rooms exist; the only entrance to the house."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from . import names
from .commands.table import TABLE
from .events import Batch
from .limits import Limits
from .ports import FanOut, Journal, Outlet, Promise, World
from .refusals import BadInput, NickTaken, NotHere, NotNow, NotStored, TooMany
from .replies import Entered, Goodbye, Named, Notice, Reply, Welcome
from .room import Room, Seat
from .rooms import Rooms
from .session import Session
from .tokens import Tokens

LOBBY = "lobby"
"""The room that everyone enters who asks for no other."""

_RETRY = 5.0
"""Seconds between two attempts to store what must be stored, while the disk is full or broken."""

_PAGES_PER_TURN = 8
"""Pages shown to readers who are behind in one turn of the reactor: about a millisecond's work."""


class Hub:
    """
    Everyone and every room of one server.

    :param world: time, tasks and randomness.
    :param journal: where events are kept; `open` it before anyone connects.
    :param server: name and version, as shown to people.
    :param fan_out: hands one batch to many outlets, the way that suits them best.
    """

    def __init__(self, world: World, journal: Journal, limits: Limits, server: str, fan_out: FanOut) -> None:
        self.world = world
        self.journal = journal
        self.limits = limits
        self.server = server
        self.fan_out = fan_out
        self.nowhere: Outlet = _Nowhere()
        self.rooms = Rooms(self, self._announce)
        self.people: dict[str, Session] = {}
        """Everyone who has a nick, by identity."""
        self.nicks: dict[str, Session] = {}
        """Everyone who has a nick, or is just getting one, by its key."""
        self._sessions: set[Session] = set()
        """Everyone who is connected or may come back, with a nick or without."""
        self._waiting: deque[Promise[None]] = deque()
        """Who is behind and waits for a turn."""
        self._closing = False
        self._tokens = Tokens(b"", 0.0)

    def open(self) -> int:
        """
        Open the journal; may block.

        :returns: how many people a crash had left inside, who are now recorded as having left.
        :raises JournalError: if it cannot be opened.
        """
        left = self.journal.open(self.rooms)
        self._tokens = Tokens(self.journal.secret, self.limits.token_lasts)
        return left

    # People.

    def connect(self, outlet: Outlet) -> Session:
        """Somebody is at the door; they have no name yet."""
        session = Session(self, outlet)
        self._sessions.add(session)
        return session

    def disconnect(self, session: Session, reason: str) -> None:
        """
        The connection of *session* is gone.

        Who can resume stays for a short while, in case they do.
        """
        if session.gone:
            return
        if not session.nick or not session.outlet.resumes or self._closing:
            self.end(session, reason)
            return
        session.fall_behind()
        session.outlet = self.nowhere
        self.world.later(self.limits.grace, lambda: self.end(session, reason))

    def end(self, session: Session, reason: str) -> None:
        """Take *session* out of every room; harmless if that has been done."""
        if session.gone:
            return
        session.fall_behind()
        self._sessions.discard(session)
        session.retire()
        if session.nick:
            del self.people[session.identity]
            del self.nicks[session.key]
            for seat in list(session.seats.values()):
                self._unseat(seat)
                if not seat.room.private and not seat.leaving:
                    seat.room.depart(session, reason)
                self.rooms.tidy(seat.room)

    def person(self, nick: str) -> Session:
        """
        Find someone by nick.

        :raises NotHere: if nobody of that name is here.
        """
        session = self.nicks.get(names.key(nick))
        if session is None or not session.nick:
            raise NotHere(f"Nobody called {nick[: self.limits.nick]} is here.")
        return session

    async def arrive(
        self,
        session: Session,
        nick: str,
        rooms: Sequence[str] | None,
        resume: str | None,
        seen: Mapping[str, int],
    ) -> None:
        """
        Give *session* a name, let it into its rooms, and show it what it has missed.

        :param rooms: the rooms to enter; None: those in *seen*, or else the lobby.
        :param resume: the token of a former session that this one carries on.
        :param seen: the seq of the last event that was received, by room; conversations too.
        :raises Refusal: if the nick cannot be had or the token is no good; *session* may try again.
        """
        if session.nick:
            raise NotNow(f"You are {session.nick} already; /nick changes that.")
        self._check_open()
        wanted = self._wanted_rooms(rooms, seen)
        identity = self._tokens.read(resume, self.world.now(), self.people) if resume else self.world.token()
        former = self.people.get(identity)
        if former is not None:
            self._take_over(session, former)
        else:
            session.nick, session.key = self._claim(session, nick)
            session.identity = identity
            self.people[identity] = session
        session.outlet.viewer = identity
        kept = tuple(session.seats.values())
        session.reply(self._welcome(session, resumed=former is not None))
        session.ref = None
        try:
            for seat in kept:
                seat.position = min(seen.get(seat.room.name, seat.since), seat.room.shown)
                if not seat.room.private:
                    session.reply(self._entered(seat))
            if resume:
                await self._reopen_conversations(session, seen)
            for name in wanted:
                if name not in session.seats and not session.gone:
                    await self._enter(session, name, seen.get(name))
            if former is not None:
                # What the former connection said last may be on its way: it belongs to what was missed.
                await self.journal.flush()
        finally:
            session.arrived()

    async def rename(self, session: Session, nick: str) -> None:
        """
        Let *session* be known by another nick, in every room.

        :raises Refusal: if it cannot be had.
        """
        self._check_open()
        shown, key = self._claim(session, nick)
        if shown == session.nick:
            raise BadInput(f"You are {shown} already.")
        renamed = False
        try:
            for seat in session.seats.values():
                if not seat.room.private:
                    seat.room.rename(session, shown)
            await session.settled()
            renamed = not session.gone
        finally:
            unused = session.key if renamed else key
            if key != session.key:
                self.nicks.pop(unused, None)
        if renamed:
            session.nick, session.key = shown, key
            session.reply(Named(shown))

    async def whisper(self, session: Session, to: Session, text: str) -> None:
        """
        Say something to one person only.

        :raises Refusal: if it is nobody else, or there are too many conversations.
        """
        self._check_open()
        if to is session:
            raise BadInput("That is you.")
        one, other = sorted((session.identity, to.identity))
        name = f"@{one}:{other}"
        if name not in session.seats and session.conversations >= self.limits.conversations:
            raise TooMany("You have too many private conversations.")
        room = await self.rooms.use(name)
        try:
            listener = self.people.get(to.identity)
            if session.gone:
                return
            if listener is None:
                raise NotHere(f"{to.nick} has just left.")
            for party in (session, listener):
                if name not in party.seats:
                    seat = self._seat(party, room, room.shown)
                    if not party.behind:
                        seat.go_live()
            room.whisper(session, listener.nick, text)
            await session.settled()
            listener.correspondent = session.identity
        finally:
            self.rooms.tidy(room)

    # Rooms.

    def room_name(self, text: str) -> str:
        """
        Work out which room *text* names.

        :raises BadName: if no room can have that name.
        """
        return names.room(text, self.limits.room)

    def active_room(self, text: str) -> Room:
        """
        Find the room that *text* names.

        :raises NotHere: if nobody is in it.
        """
        room = self.rooms.get(self.room_name(text))
        if room is None or not room.seats:
            raise NotHere(f"There is nobody in #{self.room_name(text)}.")
        return room

    async def join(self, session: Session, text: str) -> None:
        """
        Let *session* into the room that *text* names, and make it the current one.

        :raises Refusal: if the name is none, or *session* is in too many rooms.
        """
        self._check_open()
        name = self.room_name(text)
        if name in session.seats:
            session.current = name
            session.reply(self._entered(session.seats[name]))
            return
        if session.public >= self.limits.rooms_per_session:
            raise TooMany(f"You are in {session.public} rooms already; /leave one first.")
        await self._enter(session, name, None)
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
        self.rooms.tidy(room)
        if person.current == room.name:
            person.current = next(person.room_names(), "")
        where = f"You are in #{person.current} now." if person.current else "You are in no room now."
        session.reply(Notice(f"You left #{room.name}. {where}"))

    async def _enter(self, session: Session, name: str, seen: int | None) -> None:
        room = await self.rooms.use(name)
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
            self.rooms.tidy(room)
        session.current = name
        session.reply(self._entered(seat, self.limits.greeting if seen is None else 0))

    async def _reopen_conversations(self, session: Session, seen: Mapping[str, int]) -> None:
        for name in (await self.journal.conversations(session.identity))[: self.limits.conversations]:
            if name not in session.seats and not session.gone:
                room = await self.rooms.use(name)
                self._seat(session, room, min(seen.get(name, 0), room.shown))

    def _entered(self, seat: Seat, recent: int = 0) -> Entered:
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

    # Coming and going.

    async def close(self, reason: str) -> None:
        """Say goodbye to everyone; *reason* completes "The server is shutting down: "."""
        self._closing = True
        await self.journal.flush()
        for session in list(self._sessions):
            goodbye = f"The server is shutting down: {reason}. You have been disconnected."
            session.hang_up(goodbye, "the server is shutting down")

    def _claim(self, session: Session, nick: str) -> tuple[str, str]:
        """Reserve *nick*; return how it is shown, and its key."""
        shown, key = names.nick(nick, self.limits.nick)
        if self.nicks.get(key, session) is not session:
            free = names.free_alternative(shown, self.nicks, self.limits.nick)
            raise NickTaken(f"The nick {shown} is taken. {free} is free.")
        self.nicks[key] = session
        return shown, key

    def _take_over(self, session: Session, former: Session) -> None:
        """Let *session* go on as *former*, whose connection broke or is about to be closed."""
        former.fall_behind()
        session.inherit(former)
        self.people[session.identity] = self.nicks[session.key] = session
        outlet = former.outlet
        former.retire()
        self._sessions.discard(former)
        outlet.reply(Goodbye("You carry on from another connection."))
        outlet.close()

    def _welcome(self, session: Session, resumed: bool) -> Welcome:
        lasts = self.limits.token_lasts
        return Welcome(
            nick=session.nick,
            resume=self._tokens.issue(session.identity, self.world.now()) if session.outlet.resumes else "",
            lasts=int(lasts),
            resumed=resumed,
            server=self.server,
            commands={entry.usage: entry.help for entry in TABLE.values() if entry.typed},
        )

    def _wanted_rooms(self, rooms: Sequence[str] | None, seen: Mapping[str, int]) -> list[str]:
        asked = [name for name in seen if not name.startswith("@")] if rooms is None else rooms
        if len(asked) > self.limits.rooms_per_session:
            raise TooMany(f"At most {self.limits.rooms_per_session} rooms at a time.")
        # Each once, in the order asked for.
        return list(dict.fromkeys(self.room_name(name) for name in asked)) or [LOBBY]

    def _check_open(self) -> None:
        if self._closing:
            raise NotNow("The server is shutting down.")

    def turn(self) -> Promise[None]:
        """
        Wait for a turn to show another page to someone who is behind.

        A few at a time get one, so that a crowd that reads on keeps nobody waiting who is up to date.
        """
        promise = self.world.promise()
        self._waiting.append(promise)
        if len(self._waiting) == 1:
            self.world.later(0, self._give_turns)
        return promise

    def _give_turns(self) -> None:
        given = [self._waiting.popleft() for _ in range(min(_PAGES_PER_TURN, len(self._waiting)))]
        if self._waiting:
            self.world.later(0, self._give_turns)
        for promise in given:
            promise.callback(None)

    def _announce(self, reply: Reply) -> None:
        for session in list(self.people.values()):
            session.outlet.reply(reply)


class _Nowhere:
    """The way out of a session whose connection is gone: never takes anything."""

    door = "gone"
    resumes = False
    viewer = ""

    def deliver(self, batch: Batch) -> bool:
        return False

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        pass

    def in_rooms(self, count: int) -> None:
        pass

    def ready(self) -> None:
        pass

    def close(self) -> None:
        pass
