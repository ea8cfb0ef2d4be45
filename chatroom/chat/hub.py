"""The hub: who is here and which rooms exist; the only entrance to the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from . import names
from .commands.table import TABLE
from .limits import Limits
from .nowhere import Nowhere
from .ports import FanOut, Journal, Outlet, World
from .refusals import BadInput, NickTaken, NotHere, NotNow, TooMany
from .replies import Goodbye, Named, Reply, Welcome
from .room import Room
from .rooms import Rooms
from .seating import Seating
from .session import Session
from .tokens import Tokens
from .turns import Turns

LOBBY = "lobby"
"""The room that everyone enters who asks for no other."""


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
        self.nowhere: Outlet = Nowhere()
        self.rooms = Rooms(self, self._announce)
        self.seating = Seating(self)
        self.turns = Turns(world)
        self.people: dict[str, Session] = {}
        """Everyone who has a nick, by identity."""
        self.nicks: dict[str, Session] = {}
        """Everyone who has a nick, or is just getting one, by its key."""
        self._sessions: set[Session] = set()
        """Everyone who is connected or may come back, with a nick or without."""
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
        session.parting = self.world.later(self.limits.grace, lambda: self._part(session, reason))

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
            self.seating.vacate(session, reason)

    def _part(self, session: Session, reason: str) -> None:
        """Their time to come back is over."""
        session.parting = None
        self.end(session, reason)

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
        self.check_open()
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
                    session.reply(self.seating.entered(seat))
            if resume:
                await self.seating.reopen_conversations(session, seen)
            for name in wanted:
                if name not in session.seats and not session.gone:
                    await self.seating.enter(session, name, seen.get(name))
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
        self.check_open()
        shown, key = self._claim(session, nick)
        if shown == session.nick:
            raise BadInput(f"You are {shown} already.")
        session.becoming = shown
        person = None
        try:
            for seat in session.seats.values():
                if not seat.room.private:
                    seat.room.rename(session, shown)
            await session.settled()
            # Another session, if they carry on from another connection meanwhile.
            person = self.people.get(session.identity)
        finally:
            session.becoming = ""
            if person is None and key != session.key:
                self.nicks.pop(key, None)
        if person is not None:
            del self.nicks[person.key]
            person.nick, person.key = shown, key
            self.nicks[key] = person
            session.reply(Named(shown))

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

    # Coming and going.

    async def close(self, reason: str) -> None:
        """Say goodbye to everyone; *reason* completes "The server is shutting down: "."""
        self._closing = True
        try:
            await self.journal.flush()
        finally:
            # Also when that fails, or takes longer than our caller waits.
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

    def check_open(self) -> None:
        """
        Let nothing begin that would not end.

        :raises NotNow: if the server is shutting down.
        """
        if self._closing:
            raise NotNow("The server is shutting down.")

    def _announce(self, reply: Reply) -> None:
        for session in list(self.people.values()):
            session.outlet.reply(reply)
