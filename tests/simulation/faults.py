"""Old faults of this server, restored: the simulation must find each of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from chatroom.chat.access.devices import Devices
from chatroom.chat.access.resume_tokens import Claim
from chatroom.chat.people.accounts import Account, Accounts
from chatroom.chat.people.person import Connection, Person
from chatroom.chat.people.proofs import Proofs
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.chat.rooms.catchup import CatchUp
from chatroom.chat.rooms.cursor import Cursor
from chatroom.chat.rooms.direct_messages import DirectMessages
from chatroom.chat.rooms.membership import NO_POSITIONS, Membership
from chatroom.chat.rooms.room import Room, Seat
from chatroom.chat.rules.room_state import RoomState
from chatroom.chat.session import Session
from chatroom.link.house import DoorLink
from chatroom.link.rooms import RoomsShown

from .clock import SimClock
from .house import SimHub, SimTokens


@dataclass(frozen=True)
class Fault:
    """
    A fault that is put back.

    :param hub: a house that has it.
    :param prepare: lets the clock have it.
    :param rooms: the rooms that a door shows, with it.
    :param link: lets the house's end of a link have it.
    :param checks_epoch: whether the database compares the epoch of a commit with that of the house that leads.
    :param takes_lower: whether doors also go to a house of a lower epoch than one before.
    :param lasting: whether a house goes on when its lease is over.
    """

    hub: type[SimHub] = SimHub
    prepare: Callable[[SimClock], object] = lambda clock: None
    rooms: type[RoomsShown] = RoomsShown
    link: Callable[[DoorLink], object] = lambda door: None
    checks_epoch: bool = True
    takes_lower: bool = False
    lasting: bool = False


NONE = Fault()
"""Nothing is put back."""


# A seat was given after a wait, without looking again whether it still could be.


class _BlindSeating(Membership):
    def seat(
        self, person: Person[Seat], room: Room, position: int, positions: Mapping[Connection, int] = NO_POSITIONS
    ) -> Seat:
        seat = Seat(room, person, position)
        room.seats[person.identity] = person.seats[room.name] = seat
        person.public = len(person.room_names())
        for session in person.sessions:
            session.catch_up.follow(seat, positions.get(session, position))
        room.people_changed()
        return seat


class _BlindTalks(DirectMessages):
    async def reopen(self, session: Connection, seen: Mapping[str, int]) -> None:
        person: Person[Seat] = session.person
        for name in await self._core.journal.conversations(person.party):
            if name not in person.seats and not session.gone:
                room = await self._rooms.use(name)
                self._membership.seat(person, room, min(seen.get(name, 0), room.shown))
                self._ledger.done(room)


class _BlindlySeatingHub(SimHub):
    membership_class = _BlindSeating
    direct_messages_class = _BlindTalks


# And who read on in such a seat, which the room did not know, went on for ever without a pause.


class _SecondSeating(Membership):
    def seat(
        self, person: Person[Seat], room: Room, position: int, positions: Mapping[Connection, int] = NO_POSITIONS
    ) -> Seat:
        seat = Seat(room, person, position)
        person.seats[room.name] = seat
        person.public = len(person.room_names())
        for session in person.sessions:
            session.catch_up.follow(seat, positions.get(session, position))
        # The room knew the seat that another connection had been given meanwhile.
        room.seats.setdefault(person.identity, seat)
        room.people_changed()
        return seat


class _SpinningCatchUp(CatchUp):
    __slots__ = ()

    async def _catch_up(self) -> None:
        self._catching_up = True
        try:
            while cursor := next((cursor for cursor in self.cursors.values() if not cursor.live), None):
                if not await self._read_on(cursor):
                    return
            self.behind = False
        except JournalError:
            self._core.runtime.later(1.0, self.read_on)
        finally:
            self._catching_up = False

    async def _read_on(self, cursor: Cursor) -> bool:
        room, person = cast(Room, cursor.room), self._session.person
        if cursor.position < room.shown:
            await room.history.after(max(cursor.position, room.shown - self._core.limits.lag))
            if room.seats.get(person.identity) is not person.seats.get(room.name):
                return True
        return await super()._read_on(cursor)


class _SpinningSession(Session):
    __slots__ = ()
    catch_up_class = _SpinningCatchUp


class _SpinningHub(_BlindlySeatingHub):
    seats_are_checked = False
    membership_class = _SecondSeating
    session_class = _SpinningSession


# What another program had changed was read anew, and replaced what had been changed here meanwhile.


class _ReloadingHub(SimHub):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.ledger.changed = self._changed  # type: ignore[method-assign]

    def _changed(self, changes: Sequence[RecordChange]) -> None:
        self.world.spawn(self._reload())

    async def _reload(self) -> None:
        core = self.core
        with suppress(JournalError):
            records = await core.journal.records("")
            core.server_state = RoomState(records)
            core.accounts.__init__()  # type: ignore[misc]
            core.accounts.load(records)
            for room in list(self.rooms):
                room.state = RoomState(await core.journal.records(room.name))
        await self.server_bans.enforce()


# A resume token took over whoever was here with that identity, whatever they had proven since.


class _TrustingTokens(SimTokens):
    def read(self, token: str) -> Claim:
        claim = super().read(token)
        former = self._core.people.get(claim.identity)
        return claim if former is None else claim._replace(login=self.proof_of(former.session))


class _TrustingHub(SimHub):
    tokens_class = _TrustingTokens


# A resume token gave back the account for as long as the password was the same, also after a logout.


class _LastingProofs(Accounts):
    def proof(self, account: Account, login: str) -> str:
        return f"{account.id}~{Proofs().stamp(account.hash)}~{login}"

    def proven(self, proof: str) -> tuple[Account, str] | None:
        identity, _, rest = proof.partition("~")
        account, login = self.known(identity), rest.rpartition("~")[2]
        return (account, login) if account is not None and proof == self.proof(account, login) else None


class _RememberingHub(SimHub):
    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.core.accounts.__class__ = _LastingProofs


# What one session sent was taken for every session's of that person.


class _Unmarked(Devices):
    def attach(self, session: Connection, person: Person[Seat], mark: str, login: str) -> None:
        super().attach(session, person, mark, login)
        session.mark = ""


class _UnmarkedHub(SimHub):
    devices_class = _Unmarked


# Who was removed from a room was still shown it on their other devices.


class _OneEyed(Membership):
    def unseat(self, seat: Seat, *, read_on: bool = False) -> None:
        others = seat.person.others(seat.person.session)
        seat.person.sessions = (seat.person.session,)
        super().unseat(seat, read_on=read_on)
        seat.person.sessions += tuple(others)


class _OneEyedHub(SimHub):
    membership_class = _OneEyed


# Whoever ended one of several sessions left their rooms.


class _HastyHub(SimHub):
    def let_go(self, session: Session, reason: str) -> None:
        if not session.gone and session.person.nick:
            self.membership.leave_all(session.person, reason)
        super().let_go(session, reason)


# The refs of a person's first session were shown to the others, too.


class _SharedRefs(Devices):
    def follow(self, session: Connection, seen: Mapping[str, int], *, anew: bool) -> None:
        super().follow(session, seen, anew=anew)
        session.outlet.session = ""


class _SharingHub(SimHub):
    devices_class = _SharedRefs


# A further session was shown each room from one event too late, or too early.


class _Late(Devices):
    by = 1

    def show_rooms(self, session: Connection, seen: Mapping[str, int], *, anew: bool) -> None:
        super().show_rooms(session, seen, anew=anew)
        for cursor in session.catch_up.cursors.values():  # type: ignore[attr-defined]
            if anew and not cursor.live and cursor.position == cursor.room.shown:
                cursor.advance(cursor.position + self.by)


class _Early(_Late):
    by = -1


class _LateHub(SimHub):
    devices_class = _Late


class _EarlyHub(SimHub):
    devices_class = _Early


# Bans of addresses looked only at the session that was active last.


class _Nearsighted(Person[Any]):
    __slots__ = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.session.address,)


class _NearsightedSession(Session):
    __slots__ = ()

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.person = _Nearsighted(self, self.person.since, self.person.came)


class _NearsightedHub(SimHub):
    session_class = _NearsightedSession


# A changed password left the account's other sessions logged in.


class _Lasting(Session):
    __slots__ = ()

    def hang_up(self, text: str, reason: str, *, ended: bool = False) -> None:
        if not text.startswith("Your password was changed"):
            super().hang_up(text, reason, ended=ended)


class _LastingHub(SimHub):
    session_class = _Lasting


def _by_the_time_of_day(clock: SimClock) -> None:
    clock.by_wall = True


FAULTS: dict[str, Fault] = {
    "blind-seats": Fault(_BlindlySeatingHub),
    "spinning-readers": Fault(_SpinningHub),
    "reloading": Fault(_ReloadingHub),
    "trusting-tokens": Fault(_TrustingHub),
    "lasting-tokens": Fault(_RememberingHub),
    "time-of-day": Fault(prepare=_by_the_time_of_day),
    "unmarked-sessions": Fault(_UnmarkedHub),
    "one-eyed-removals": Fault(_OneEyedHub),
    "hasty-leaving": Fault(_HastyHub),
    "shared-refs": Fault(_SharingHub),
    "late-sessions": Fault(_LateHub),
    "early-sessions": Fault(_EarlyHub),
    "nearsighted-bans": Fault(_NearsightedHub),
    "lasting-sessions": Fault(_LastingHub),
}
