"""The server, its people and the world around them; and everything that can be done to them."""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from itertools import count
from typing import Any, TypeVar

from twisted.internet.address import IPv4Address

from chatroom.chat.ports import JournalError
from chatroom.chat.session import Session
from chatroom.chat.syntax import public_keys

from .beside import first_accounts, written_beside
from .broken import Broken
from .clock import START, SimClock
from .disk import Disk
from .faults import NONE, Fault
from .house import POLICIES, SimHouse
from .invariants import check_quiet, check_seats
from .model import Model
from .network import SimWire
from .people import DOORS, Guest, JsonGuest
from .scripts import Scripts
from .world import Schedule, Switch

H = TypeVar("H", bound=SimHouse)


class Simulation:
    """
    Everything there is, in its state after some steps.

    :param prompt: see `SimWorld`.
    :param fault: what is put back into the house.
    """

    def __init__(self, *, prompt: bool = True, fault: Fault = NONE) -> None:
        self.clock = SimClock()
        fault.prepare(self.clock)
        self.schedule = Schedule()
        self.disk = Disk(self.clock.now)
        self.model = Model(self.disk)
        self.guests: dict[int, Guest] = {}
        """Everyone who ever came."""
        self.here: list[Guest] = []
        """Those who are connected."""
        self.lately: deque[Guest] = deque(maxlen=12)
        """Those who came last, also if they have gone."""
        self.nameless: list[Guest] = []
        """Those who have no name yet."""
        self.switches: set[Switch] = set()
        """Where tasks have been suspended in processes that are gone."""
        self.failures: list[str] = []
        """What was logged that must not happen."""
        self.digest = blake2b(digest_size=8)
        """Of all that was done and read."""
        self.tell: Callable[[str], object] | None = None
        """Is told of every step, and of whatever is read."""
        self._prompt = prompt
        self._hub = fault.hub
        self._numbers = count(1)
        for row in first_accounts(START):
            self.disk.put(row)
        self._start()

    def _start(self) -> None:
        self.house = self._build(SimHouse, self.clock, self.schedule)
        self.scripts = Scripts(self)

    def _build(self, kind: type[H], clock: SimClock, schedule: Schedule) -> H:
        return kind(
            clock,
            schedule,
            self.disk,
            self.model,
            self.guests,
            self._numbers,
            self._prompt,
            self._failed,
            self._hub,
        )

    def _failed(self, error: BaseException) -> None:
        self.failures.append(described(error))

    def may_rule(self, guest: Guest) -> bool:
        """Tell whether *guest* is an admin, or an operator of the room that they are in now."""
        session = guest.session
        if session is None or not session.person.nick:
            return False
        return self.model.rules(session.current, session.person)

    def check(self) -> None:
        """
        Check the invariants of every step.

        :raises Broken: if it does not.
        """
        if self.failures:
            raise Broken(self.failures[0])
        for guest in self.nameless:
            guest.named = guest.session is not None and bool(guest.session.person.nick)
        self.nameless = [guest for guest in self.nameless if not (guest.named or guest.wire.cut)]
        hub = self.house.hub
        for person in hub.core.people.values():
            for session in person.sessions:
                guest = hub.guest_of(session)
                if guest is not None:
                    self._note_session(guest, session)
        if hub.seats_are_checked:
            check_seats(hub)

    def _note_session(self, guest: Guest, session: Session) -> None:
        person = session.person
        self.model.observe(guest, person)
        guest.parties.add(person.party)
        guest.identities.add(person.identity)
        guest.ignores = guest.ignores or bool(person.preferences.ignore)

    def forget_gone(self) -> None:
        """Count those as here who still are."""
        self.here = [guest for guest in self.here if not guest.wire.cut]

    # Coming to rest.

    def calm(self) -> None:
        """Let the disk have room; from now on nothing bad happens."""
        self.do_disk(False, False)

    def unsettled(self) -> bool:
        """Tell whether something still waits for time to pass."""
        here = [one for one in self.here if not one.wire.cut]
        unread = any(one.wire.unread for one in here)
        # What could not be read is read again a second later.
        behind = any(one.session is not None and not one.session.gone and one.session.catch_up.behind for one in here)
        return bool(self.house.world.tasks or self.house.hub.ledger._owed or unread or behind)

    def check_rest(self) -> None:
        """
        Check the invariants of a world in which nothing happens any more.

        :raises Broken: if they do not hold.
        """
        check_quiet(self.house, self.disk, self.model)

    # What can be done: one method for each action.

    def do_go(self, label: str) -> None:
        """Continue *label*: a waiting coroutine, or the next timer that is due."""
        if label == "timer":
            self.clock.fire()
        elif (call := self.schedule.take(label)) is not None:
            call()

    def do_come(
        self,
        number: int,
        door: str,
        address: str,
        nick: str,
        rooms: list[str] | None,
        token: tuple[int, int] | None,
        seen: int | None,
        password: str | None,
        attach: bool = False,
    ) -> None:
        """Connect a person, perhaps with a token given to guest number *token[0]*; *attach*: as a further session."""
        entrance = self._entrance(number)
        if entrance is None:
            return
        schedule, front = entrance
        # Some transports hold little before they ask for no more.
        capacity = (200, 1000, 5000, 65536)[number % 4]
        wire = SimWire(schedule, number, IPv4Address("TCP", address, 40_000), capacity, self._digested(number))
        guest = DOORS[door](wire, address, self.model)
        self.guests[number] = guest
        wire.protocol = front.buildProtocol(wire.getPeer())
        wire.protocol.makeConnection(wire)
        self.here.append(guest)
        self.lately.append(guest)
        self.nameless.append(guest)
        former = self.guests.get(token[0]) if token is not None else None
        given = former.tokens[token[1]] if token and former and token[1] < len(former.tokens) else None
        if seen is not None and seen in self.guests and given:
            guest.expected = {room: seq + 1 for room, seq in self.guests[seen].seen.items()}
            guest.seen = dict(self.guests[seen].seen)
            guest.ignores = self.guests[seen].ignores
            guest.parties |= self.guests[seen].parties
            guest.identities |= self.guests[seen].identities
            guest.parted |= self.guests[seen].parted
        more = {"attach": True} if attach and given else {}
        if given and former and not attach:
            # Their own lines, even those that are still on their way, may be shown to them once more.
            guest.sent = former.sent
        guest.hello(nick, rooms=rooms, resume=given, seen=guest.seen or None, password=password, **more)

    def _entrance(self, number: int) -> tuple[Schedule, Any] | None:
        """Return what a new connection is carried by, and who lets it in; None: nobody does now."""
        return self.schedule, self.house.front

    def _digested(self, number: int) -> Callable[[bytes], None]:
        def read(data: bytes) -> None:
            self.digest.update(data)
            if self.tell is not None:
                self.tell(f"      {number} reads {data!r}")
            self.guests[number].read(data)

        return read

    def do_type(self, number: int, text: str) -> None:
        """Have a person type."""
        guest = self.guests.get(number)
        if guest is not None and not guest.wire.cut:
            self.model.sayings.sent(guest, text)
            guest.type(text)

    def do_send(self, number: int, values: dict[str, Any]) -> None:
        """Have a program send an object."""
        guest = self.guests.get(number)
        if isinstance(guest, JsonGuest) and not guest.wire.cut:
            self.model.sayings.sent(guest, values)
            guest.sends(**values)

    def do_break(self, number: int) -> None:
        """Break a connection."""
        if number in self.guests:
            self.guests[number].wire.vanish()

    def do_half(self, number: int) -> None:
        """Close a person's sending half."""
        if number in self.guests:
            self.guests[number].wire.half_close()

    def do_stall(self, number: int) -> None:
        """Stop a person's reading."""
        if number in self.guests:
            self.guests[number].wire.stall()

    def do_drain(self, number: int) -> None:
        """Resume a person's reading."""
        if number in self.guests:
            self.guests[number].wire.drain()

    def do_wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.passed += seconds
        self.model.latest = max(self.model.latest, self.clock.now())

    def do_clock(self, seconds: float) -> None:
        """Set the clock."""
        self.clock.wall += seconds
        self.do_wait(0.0)

    def do_disk(self, full: bool, unreadable: bool) -> None:
        """Let the disk be full or not, and readable or not."""
        noticed = full != self.disk.full and self.schedule.coin()
        self.disk.full, self.disk.unreadable = full, unreadable
        if noticed:
            self.house.journal.tell_of_disk()

    def do_govern(self, number: int) -> None:
        """Change the configuration."""
        self.house.hub.set_policy(POLICIES[number])

    def do_trim(self, room: str, keep: int) -> None:
        """Let old events be forgotten."""
        self.house.world.spawn(self._trim(room, keep))

    async def _trim(self, room: str, keep: int) -> None:
        # As retention does it: what cannot be read now is tried again, some other time.
        with suppress(JournalError):
            if await self.house.journal.trim(room, keep):
                await self.house.hub.rooms.trimmed(room)

    def do_close(self, reason: str) -> None:
        """Begin to shut the server down."""
        if not self.house.hub.closing:
            self.house.world.spawn(self.house.hub.close(reason))

    def do_crash(self, flushed: bool) -> None:
        """
        Let the process be gone from one moment to the next, and another one start.

        :param flushed: whether what was written to connections still arrives.
        """
        self.switches |= self.house.world.switches
        for guest in self.here:
            cut_off(guest, flushed)
        self.here, self.nameless = [], []
        self.house.world.die()
        # Not before: what is broken off may have left something behind.
        self.schedule.clear()
        self.clock.clear()
        self._start()

    def do_sign(self, number: int, line: str) -> None:
        """Do what the SSH door does when somebody has come in by a key."""
        session = self.guests[number].session if number in self.guests else None
        if session is None or session.gone or not session.person.nick or session not in self.house.world.serials:
            return
        hub, session.key = self.house.hub, public_keys.parse(line)
        account = session.person.account
        if account is None:
            hub.key_guests.came(session.key.fingerprint, session.person.nick, session.person)
        else:
            hub.account_keys.came(session.key.fingerprint, account)

    def do_script(self, what: str, number: int, room: str, *how: object) -> None:
        """Let a script do something."""
        self.scripts.begin(what, number, room, *how)

    def do_beside(self, what: str, nick: str, password: str) -> None:
        """Let another program write."""
        rows = written_beside(self.disk, next(self._numbers), what, nick, password)
        self.house.journal.write_beside(rows)


def cut_off(guest: Guest, flushed: bool) -> None:
    """End the connection of *guest*, whose process is gone; *flushed*: whether what was written still arrives."""
    if not guest.wire.cut:
        guest.wire.cut = True
        if flushed and guest.wire.held:
            guest.read(bytes(guest.wire.held))


def described(error: BaseException) -> str:
    """Tell of an exception: what it says if that is what an invariant says, and where it comes from if not."""
    if isinstance(error, Broken):
        return str(error)
    return "".join(traceback.format_exception(error))
