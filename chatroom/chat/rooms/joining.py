"""Joining: lets people into rooms, any number of them with one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING, NamedTuple

from ..fair_queue import MISSED_A_LINE, NAMES_A_LINE, PER_TURN
from ..ports import Future
from ..refusals import NotNow, Refusal, TooMany
from ..replies import Notice
from ..rules.ban_list import NOBODY
from ..syntax.names import room as room_name
from .admission import check_not_banned, check_not_full
from .originator import Pending

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection, Person
    from .ledger import Ledger
    from .membership import Membership
    from .reading import Counted, Reading
    from .registry import RoomRegistry
    from .room import Room, Seat


_WORK = 0.2
"""Cost of entering a room, in lines, besides listing its members: 50 to 100 µs."""


class JoinRequest(NamedTuple):
    """
    A room that somebody wants to enter.

    :param name: the name of the room, which is valid.
    :param remembered: whether the person was in it before; else it becomes the current room.
    :param key: opens a room that is locked with it.
    """

    name: str
    remembered: bool = False
    key: str = ""


class Outcome(NamedTuple):
    """What came of a request: the person has joined unless there is a *refusal*."""

    request: JoinRequest
    room: Room
    refusal: Refusal | None

    @property
    def work(self) -> float:
        """The cost of the answer, in lines."""
        return 0.0 if self.refusal else _WORK + len(self.room.seats) / NAMES_A_LINE


class Joining:
    """Lets people into rooms."""

    def __init__(
        self, core: Core, ledger: Ledger, rooms: RoomRegistry, reading: Reading, membership: Membership
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms
        self._reading = reading
        self._membership = membership
        self._coming: dict[tuple[str, str], list[Future[None]]] = {}
        """Entries under way, by room and identity, with the later sessions that wait for them."""

    async def join(self, session: Connection, text: str, key: str = "") -> None:
        """
        Join the room named by *text*, and make it the current one.

        :param key: opens a room that is locked with it.
        :raises Refusal: if the name is invalid, they are in too many rooms, or may not enter.
        """
        self._core.check_open()
        name = room_name(text, self._core.limits.room)
        person: Person[Seat] = session.person
        if name not in person.seats:
            await self.enter(session, [JoinRequest(name, key=key)], _refuse)
            return
        await session.work(len(person.seats[name].room.seats) / NAMES_A_LINE)
        seat = person.seats.get(name)
        if session.gone:
            return
        if seat is None or seat.leaving:
            raise NotNow(f"You have just been removed from #{name}.")
        session.current = name
        session.reply(self._membership.entered(session, seat))
        waiting = self._reading.counted_here(person, seat.room)
        if session.outlet.asks and (waiting is None or waiting.unread):
            session.reply(Notice("There is something new here: /catchup shows it."))

    async def enter(
        self, session: Connection, requests: Sequence[JoinRequest], refused: Callable[[JoinRequest, Refusal], object]
    ) -> None:
        """
        Enter rooms; those in which the person is already are passed over.

        :param refused: called for each room that they may not enter; the others are entered unless it raises.
        :raises NotStored: if it cannot be stored now; none of them is entered then.
        """
        # If they left during an earlier entry and come again, wait until that entry is stored, too.
        while True:
            coming = [(request.name, session.person.identity) for request in requests]
            earlier = next(filter(self._coming.__contains__, coming), None)
            if earlier is None:
                break
            future = self._core.runtime.future()
            self._coming[earlier].append(future)
            await future
        self._coming.update((one, []) for one in coming)
        rooms: list[Room] = []
        try:
            for request in requests:
                room = self._rooms.use_now(request.name)
                rooms.append(room or await self._rooms.use(request.name, session.charge))
            wanted = list(zip(requests, rooms, strict=True))
            remembered = [room for request, room in wanted if request.remembered]
            counted = await self._reading.counted_by_now(session.person, remembered)
            await self._enter(session, wanted, counted, refused)
        finally:
            for room in rooms:
                self._ledger.done(room)
            for future in [future for one in coming for future in self._coming.pop(one)]:
                future.callback(None)

    async def _enter(
        self,
        session: Connection,
        wanted: Sequence[tuple[JoinRequest, Room]],
        counted: Mapping[str, Counted],
        refused: Callable[[JoinRequest, Refusal], object],
    ) -> None:
        person: Person[Seat] = session.person
        present = frozenset([one.id for one in person.sessions])
        # Awaited even if another connection resumes meanwhile.
        joining = Pending(self._core.runtime)
        outcomes: list[Outcome] = []
        others = 0
        for request, room in wanted:
            if not session.gone and request.name not in person.seats:
                refusal = self._let_in(session, request, room, joining, others)
                others += refusal is None
                outcomes.append(Outcome(request, room, refusal))
        await joining.flushed()
        for turn, work in turns(outcomes):
            # Hundreds may enter with one commit, and each gets the member list.
            await self._core.fair_queue.next(work)
            missed = 0.0
            with session.outlet.together():
                for request, room, refusal in turn:
                    try:
                        if refusal is not None:
                            raise refusal
                        before = joining.seqs[room.name] - 1
                        missed += self._take_seat(
                            session, person, present, room, before, request, counted.get(room.name)
                        )
                    except Refusal as reason:
                        refused(request, reason)
            person.successor(session).charge(missed)

    def _let_in(
        self, session: Connection, request: JoinRequest, room: Room, joining: Pending, others: int
    ) -> Refusal | None:
        """
        Record that the person of *session* enters *room*, or return why they may not.

        :param others: how many rooms they enter with the same commit.
        """
        person = session.person
        try:
            self._check_not_in_too_many(person, others)
            changes = self._membership.admission.let_in(session, room, request.key, joining)
        except Refusal as refusal:
            return refusal
        if not request.remembered:
            changes += self._reading.remembered(person, room)
        room.enter(session, joining, changes)
        return None

    def _check_not_in_too_many(self, person: Person[Seat], more: int = 0) -> None:
        most = self._core.limits.rooms_per_session
        # Who has few seats, those of conversations included, is not in too many rooms.
        if len(person.seats) + more >= most and (public := person.public + more) >= most:
            raise TooMany(f"You are in {public} rooms already; /leave one first.")

    def _take_seat(
        self,
        session: Connection,
        person: Person[Seat],
        present: Set[str],
        room: Room,
        before: int,
        request: JoinRequest,
        counted: Counted | None,
    ) -> float:
        """
        Seat *person*, whose entry is stored, or record that they left if they may not stay.

        :param present: the ids of the sessions that they had when they entered; others may have seen more of the room.
        :returns: the cost of showing them the room, in lines.
        :raises Refusal: if they were banned meanwhile, or have entered too many other rooms.
        """
        if person.gone:
            # They left while their entry was being stored.
            room.depart(person, "")
            return 0.0
        state = room.state
        try:
            if state.settings or state.bans is not NOBODY:
                check_not_banned(person, room, self._core.runtime.now())
                check_not_full(person, room)
            self._check_not_in_too_many(person)
        except Refusal:
            room.depart(person, "")
            raise
        now, name, sessions, history = person.continued(session), room.name, person.sessions, room.history
        positions: dict[Connection, int] = {}
        anew: set[Connection] = set()
        for one in sessions:
            known = one.missed_since.get(name)
            if known is not None:
                positions[one] = min(history.position(known), before)
            elif not one.catch_up.knows(name):
                anew.add(one)
                if one.id not in present:
                    positions[one] = history.last
        seat = self._membership.seat(person, room, before, positions)
        if not request.remembered and now is not None:
            now.current = name
        missed = history.last - (now or person.session).catch_up.position(name)
        for one in sessions:
            recent = self._core.limits.greeting if one in anew else 0
            if one.shows(name):
                one.tell(self._membership.entered(one, seat, recent, counted), session)
            elif one is not now:
                one.tell(Notice(f"You are in #{name} now, too: /join {name} shows it."))
            one.catch_up.read_on()
        return missed / MISSED_A_LINE + len(room.seats) * len(sessions) / NAMES_A_LINE


def _refuse(request: JoinRequest, refusal: Refusal) -> None:
    raise refusal


def turns(outcomes: Sequence[Outcome]) -> Iterator[tuple[Sequence[Outcome], float]]:
    """Divide *outcomes* into what may be answered in one reactor turn, each with its cost in lines."""
    begin, total = 0, 0.0
    for place, outcome in enumerate(outcomes):
        work = outcome.work
        if total and total + work > PER_TURN:
            yield outcomes[begin:place], total
            begin, total = place, 0.0
        total += work
    if begin < len(outcomes):
        yield outcomes[begin:], total
