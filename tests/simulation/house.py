"""One process of the server: the real house and the real doors, over a disk that outlives it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from chatroom.chat import fair_queue
from chatroom.chat.access.password_shares import Shares
from chatroom.chat.access.resume_tokens import ResumeTokens
from chatroom.chat.hub import Hub
from chatroom.chat.limits import Limits
from chatroom.chat.people.api_tokens import ApiToken
from chatroom.chat.people.person import Connection
from chatroom.chat.policy import DefaultRoom, Policy
from chatroom.chat.ports import Outlet
from chatroom.chat.rooms import catchup, history, joining, registry, room_list, settling
from chatroom.chat.rooms.page_reader import Pages
from chatroom.chat.session import Session
from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import DoorFactory
from chatroom.doors.front.assembly import Assembly
from chatroom.doors.front.front_door import FrontFactory
from chatroom.doors.front.preconnects import Preconnects
from chatroom.doors.line import JsonFactory, TextFactory
from chatroom.doors.outlets.fan_out import fan_out
from chatroom.doors.web.factory import WebFactory
from chatroom.link.outlet import LinkedOutlet

from .broken import Broken
from .clock import SimClock
from .disk import Disk
from .journal import SimJournal, SimPasswords
from .model import Model
from .people import Guest
from .world import Schedule, SimWorld

LIMITS = Limits(
    login_within=15.0,
    registrations=1000,
    conversations=4,
    rooms_per_session=4,
    ignored=3,
    tokens=2,
    bans=8,
    lag=40,
    stall=20.0,
    grace=10.0,
    token_lasts=500.0,
    rate=20.0,
    greeting=3,
    sessions_per_person=3,
)
"""Small, so that everything is full now and then."""

POLICIES = (
    Policy(limits=LIMITS, plain_login=True),
    Policy(
        limits=replace(LIMITS, conversations=3, rooms_per_session=3),
        rooms=(DefaultRoom("lobby", "all that is new", ("ann",)), DefaultRoom("den")),
        message_of_the_day=("Be kind.",),
        plain_login=True,
    ),
)
"""What the configuration says, and what it says after it was changed."""


class Ordered(dict[Any, None]):
    """A set in insertion order; real sets' order depends on memory addresses."""

    add = dict.setdefault

    def discard(self, one: Any) -> None:
        """Take *one* out, if it is there."""
        self.pop(one, None)


class SimTokens(ResumeTokens):
    """Resume tokens, reported to the model."""

    hub: SimHub

    def of(self, session: Connection) -> str:
        hub, person = self.hub, session.person
        if hub.core.runtime.dead:
            return ""
        guest = hub.guest_of(session)
        if guest is None:
            return super().of(session)
        if not guest.named:
            guest.named = True
            hub.model.named(guest, person)
            if guest.identities and person.identity not in guest.identities:
                # Not the person whose rooms they have seen: that one may be there still, as a guest.
                guest.parted |= set(guest.expected)
        token = super().of(session)
        guest.parties |= {person.identity, person.party}
        guest.identities.add(person.identity)
        guest.admin = guest.admin or (person.account is not None and person.account.admin)
        hub.model.confirmed(guest, person)
        if token:
            hub.model.issued(guest, person, token)
        return token


class SimHub(Hub):
    """The house, with an eye on who is who."""

    names_are_kept = True
    """Whether nobody may speak under a nick that is registered, and not theirs."""
    seats_are_checked = True
    """Whether seats are looked at after every step."""
    tokens_class = SimTokens
    tokens: SimTokens
    model: Model
    guests: dict[int, Guest]
    serials: dict[Any, int]
    kept: frozenset[str] = frozenset()
    """The identities of people of the last house: somebody else may have their nick, until they get another one."""
    sids: dict[str, int]
    """The numbers of guests, by what links call their sessions."""
    world: SimWorld

    def __init__(self, world: SimWorld, journal: SimJournal, *others: Any) -> None:
        super().__init__(world, journal, *others)
        self.world = world
        self.tokens.hub = self
        make, self.bots.access.add = self.bots.access.add, self._add_token  # type: ignore[method-assign]
        self._make_token = make
        # One page and one password at a time, so that few people are enough for somebody to wait for another.
        self.rooms.pages = Pages(world, journal, 1)
        self.password_checks.shares = Shares(world, 1)

    def end(self, session: Session, reason: str) -> None:
        person = session.person
        before = list(person.seats)
        self.let_go(session, reason)
        if person.sessions and list(person.seats) != before:
            raise Broken(f"{person.nick} has left {before}, and has other sessions there")

    def let_go(self, session: Session, reason: str) -> None:
        """End *session*, as the house does it."""
        super().end(session, reason)

    async def _add_token(self, *given: Any) -> tuple[ApiToken, str]:
        token, secret = await self._make_token(*given)
        self.model.disk.secrets.append(secret)
        return token, secret

    def guest_of(self, session: Connection) -> Guest | None:
        """Return whose connection *session* is; None: it was none since this house began."""
        number = self.serials.get(session)
        return None if number is None else self.guests[number]

    def connect(self, outlet: Outlet, session_class: type[Session] | None = None) -> Session:
        session = super().connect(outlet, session_class)
        if outlet is self.core.null_outlet:
            # Somebody who was here before this house.
            return session
        number = self.sids[outlet.sid] if isinstance(outlet, LinkedOutlet) else number_of(outlet)
        guest = self.guests[number]
        if guest.session is None or not guest.session.person.nick:
            guest.session = session
        self.serials[session] = number
        return session


def number_of(outlet: Any) -> int:
    """Return the number of the guest whose connection the *outlet* of a door writes to."""
    number: int = outlet._owner.transport.number
    return number


class SimHouse:
    """
    One process.

    :param hubs: what the house is made of: a fault may be in it.
    """

    def __init__(
        self,
        clock: SimClock,
        schedule: Schedule,
        disk: Disk,
        model: Model,
        guests: dict[int, Guest],
        numbers: Iterator[int],
        prompt: bool,
        failed: Callable[[BaseException], None],
        hubs: type[SimHub] = SimHub,
    ) -> None:
        self.world = SimWorld(clock, schedule, numbers, prompt, failed)
        self.journal = self.make_journal(disk, schedule, model)
        passwords = SimPasswords(self.world)
        self.hub = hubs(self.world, self.journal, POLICIES[0], "chatroom", fan_out, passwords)
        self.hub.model, self.hub.guests, self.hub.serials = model, guests, self.world.serials
        self.hub._sessions = Ordered()  # type: ignore[assignment]
        self.open(clock, model)

    def make_journal(self, disk: Disk, schedule: Schedule, model: Model) -> SimJournal:
        """Make the journal of this house."""
        return SimJournal(self.world, disk, schedule.coin, model)

    def open(self, clock: SimClock, model: Model) -> None:
        """Open the house, and its doors."""
        model.restart(self.hub)
        self.hub.open()
        text, web_json = TextFactory(self.hub, clock), JsonFactory(self.hub, clock)
        limits, preconnects = ConnectionLimits(0), Preconnects(clock)
        admission = Admission(clock, self.hub.core.budgets, self.hub.core.fair_queue)
        web = WebFactory(self.hub, clock, {}, limits, admission, preconnects.note)
        self.front = opened(Assembly(clock, limits, admission), [text, web_json, web], preconnects)


def opened(assembly: Assembly, doors: list[DoorFactory], preconnects: Preconnects) -> FrontFactory:
    """Open the front door to all *doors*."""
    for door in doors:
        door.connected = Ordered()  # type: ignore[assignment]
    return assembly.front_door(doors, preconnects)


def shrink_pages() -> None:
    """Use small caches and slices, so that there are many journal reads and many waits."""
    settling._PAGE = 4
    history.TAIL = registry.TAIL = 6
    history.PAGE, history.PAGE_TEXT, history.KEPT, fair_queue.PER_TURN = 4, 400, 2, 1.0
    catchup.PAGE, joining.PER_TURN = 4, 0.5
    for name, module in sys.modules.items():
        if name.startswith("chatroom.chat.") and hasattr(module, "_SLICE"):
            module._SLICE = 1
    room_list._FEW = 2
