"""Devices: attaches further sessions to a person, moves a guest's to an account, and ends single ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..fair_queue import MISSED_A_LINE, NAMES_A_LINE
from ..people.directory import PersonChange
from ..people.person import Person
from ..policy import LOBBY
from ..refusals import NotHere, Refusal, TooMany
from ..replies import NickChanged, Notice, Refused, SessionLine, Sessions, spoken_doors
from ..rooms.joining import JoinRequest

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection
    from ..rooms.joining import Joining
    from ..rooms.membership import Membership
    from ..rooms.reading import Reading
    from ..rooms.room import Seat


class Devices:
    """
    Gives people several sessions, one a device, and takes them away.

    Only the methods that enter rooms wait.
    """

    def __init__(self, core: Core, membership: Membership, joining: Joining, reading: Reading) -> None:
        self._core = core
        self._membership = membership
        self._joining = joining
        self._reading = reading

    # More of them.

    def attach(self, session: Connection, person: Person[Seat], mark: str, login: str) -> None:
        """
        Make *session*, which has no person with a nick yet, a further session of *person*.

        :param mark: tells its events from those of the others; "": a new one.
        :raises TooMany: if the person has as many as may be.
        """
        broken = self.to_give_up(person, 1)
        if not mark or self._core.people.is_id(mark):
            mark = self._core.runtime.token()
        session.belong_to(person, mark)
        session.login = login
        self._end(broken)

    def to_give_up(self, person: Person[Seat], more: int) -> list[Connection]:
        """
        Return the sessions with broken connections that *person* has to give up for so many *more*.

        :raises TooMany: if that is not enough.
        """
        most = self._core.limits.sessions_per_person
        broken = sorted((one for one in person.sessions if not one.connected), key=lambda one: one.active)
        excess = len(person.sessions) + more - most
        if excess > len(broken):
            raise TooMany(f"{person.nick} is connected {most} times already; /sessions there lists and ends them.")
        return broken[: max(0, excess)]

    @staticmethod
    def _end(sessions: Iterable[Connection]) -> None:
        for one in sessions:
            one.hang_up("Goodbye.", "")

    def become(self, guest: Person[Seat], person: Person[Seat]) -> dict[Connection, dict[str, int]]:
        """
        Move all sessions of *guest*, who has left when this returns, to *person*.

        :returns: how far each session has been shown the guest's rooms.
        :raises TooMany: if *person* has as many as may be; nothing has changed then.
        """
        broken = self.to_give_up(person, len(guest.sessions))
        shown = {
            one: {name: one.catch_up.position(name) for name, seat in guest.seats.items() if not seat.leaving}
            for one in guest.sessions
        }
        moving = guest.sessions
        self._core.leave(guest)
        self._membership.leave_all(guest, f"logged in as {person.nick}")
        for one in moving:
            one.catch_up.know(dict(shown[one]))
            one.belong_to(person, one.id)
            one.login = self._core.runtime.token()
        self._end(broken)
        return shown

    def split(self, session: Connection) -> Person[Seat]:
        """
        Make *session* a guest of its own, under a free nick, in no room; it knows those of its person.

        :returns: the guest.
        """
        core, person = self._core, session.person
        shown = {
            name: session.catch_up.position(name)
            for name, seat in person.seats.items()
            if not (seat.room.conversation or seat.leaving)
        }
        for seat in person.seats.values():
            session.catch_up.unfollow(seat)
        guest: Person[Seat] = Person(session, core.runtime.now(), core.runtime.monotonic())
        guest.nick, guest.key = core.nicks.claim(guest, core.nicks.free_like(person.nick))
        guest.identity = core.runtime.token()
        core.people[guest.identity] = guest
        core.people.notify(guest, PersonChange.CAME)
        mark = session.id
        person.drop(session)
        session.catch_up.know(shown)
        session.belong_to(guest, mark)
        session.login = ""
        return guest

    # Showing them where they are.

    def follow(self, session: Connection, seen: Mapping[str, int], *, anew: bool) -> None:
        """
        Show *session* the rooms of its person from the seqs in *seen* on; never waits.

        :param anew: whether a room that it has not seen begins now, rather than where the person came.
        """
        person: Person[Seat] = session.person
        session.outlet.viewer, session.outlet.session = person.identity, session.mark
        session.outlet.in_rooms(person.public)
        for seat in person.seats.values():
            known, room = seen.get(seat.room.name), seat.room
            if known is None and anew:
                position = room.shown
            else:
                position = room.history.position(seat.joined_after if known is None else known)
            if position >= seat.upto:
                # They have left, which only others of their sessions are still to be shown.
                continue
            session.catch_up.follow(seat, position)
            session.charge((room.shown - position) / MISSED_A_LINE)

    def show_rooms(self, session: Connection, seen: Mapping[str, int], *, anew: bool) -> None:
        """
        Tell *session* which rooms its person is in.

        :param anew: whether a room that is not in *seen* begins with its last lines.
        """
        for seat in list(session.person.seats.values()):
            room = seat.room
            if not room.conversation and room.name in session.catch_up.cursors and session.shows(room.name):
                recent = self._core.limits.greeting if anew and room.name not in seen else 0
                session.charge(len(room.seats) / NAMES_A_LINE)
                session.tell(self._membership.entered(session, seat, recent))

    async def enter_again(self, session: Connection) -> None:
        """Let *session*, which has become somebody else, into the rooms that it knows, from where it has read on."""
        current = session.current
        await self.enter(session, [JoinRequest(name) for name in session.catch_up.known if not name.startswith("@")])
        session.current = current if current in session.person.seats else ""

    async def enter_remembered(self, session: Connection, rooms: Sequence[str]) -> None:
        """Let *session* enter the *rooms* in which its person was before, and choose the current one."""
        if not session.current:
            session.current = LOBBY if LOBBY in rooms else next(iter(rooms), "")
        await self.enter(session, [JoinRequest(name, remembered=True) for name in rooms])
        if not session.gone:
            # It has been said once that they may not come in.
            await self._reading.forget(session.person, [name for name in rooms if name not in session.person.seats])
        if session.current not in session.person.seats:
            session.current = next(iter(session.person.room_names()), "")

    async def enter(self, session: Connection, requests: Iterable[JoinRequest]) -> None:
        """Let *session* enter rooms; a refusal of one does not stop the rest."""

        def refused(request: JoinRequest, refusal: Refusal) -> None:
            if not request.remembered:
                # They asked to be here, so their lines must not go to the room before.
                session.current = ""
            session.tell(Refused(refusal.code, str(refusal)))

        # A room that they were just leaving is still in what they have seen.
        known = {*session.person.seats, *session.catch_up.cursors}
        wanted = [request for request in requests if request.name not in known]
        if wanted and not session.gone:
            await self._joining.enter(session, wanted, refused)

    def greet(self, session: Connection, nick: str) -> None:
        """Tell *session*, which was *nick* before, who it is now and where else."""
        person = session.person
        if person.nick != nick:
            session.tell(NickChanged(person.nick))
        doors = spoken_doors([one.door for one in person.others(session) if one.connected])
        if doors:
            session.tell(Notice(f"You are also here by {doors}."))

    # Listing and ending them.

    def listed(self, session: Connection) -> Sessions:
        """List the sessions of the person of *session*."""
        rows = sorted(session.person.sessions, key=lambda one: one.number)
        return Sessions(
            tuple(
                SessionLine(one.number, one.door, one.since, one.active, one.address, one.connected, one is session)
                for one in rows
            )
        )

    def others_to_end(self, session: Connection, which: str) -> list[Connection]:
        """
        Find the sessions that *which* means: a number, or ``others``.

        :raises NotHere: if the person has no such session.
        """
        others, all_others = session.person.others(session), which.lower() == "others"
        if not all_others:
            others = [one for one in session.person.sessions if str(one.number) == which]
        if not others:
            raise NotHere("You have no other session." if all_others else f"You have no session {which[:8]}.")
        return others
