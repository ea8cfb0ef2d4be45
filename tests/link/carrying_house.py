"""A house whose clients come in at a door process of its own, with a link between them, all in memory."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.front.assembly import Assembly
from chatroom.doors.front.preconnects import Preconnects
from chatroom.doors.irc.door import WITHOUT_TLS, IrcFactory
from chatroom.doors.line import JsonFactory, TextFactory
from chatroom.doors.ssh.factory import SshFactory
from chatroom.link.carried import CarriedConnections
from chatroom.link.carrying import CarriedClients, CarryingFactory
from chatroom.link.web import DoorWebFactory
from chatroom.link.wire import Link
from tests.house import House

TURNS = 30
"""Reactor turns in which everything has happened: a frame needs two each way."""


class SmallHouse:
    """The little of the house that a door process has: whatever else is asked for is an error."""

    def __init__(self, house: House) -> None:
        self._hub = hub = house.hub
        core = hub.core
        self.core = SimpleNamespace(
            limits=core.limits,
            fair_queue=core.fair_queue,
            budgets=core.budgets,
            runtime=core.runtime,
            server=core.server,
        )
        self.connect, self.disconnect = hub.connect, hub.disconnect

    @property
    def closing(self) -> bool:
        """Whether the house is shutting down."""
        return self._hub.closing


class Cable(StringTransport):
    """
    One end of a cable between two links.

    :param split: in which pieces bytes arrive.
    """

    def __init__(self, clock: Clock, split: Callable[[bytes], list[bytes]]) -> None:
        super().__init__()
        self.clock = clock
        self.split = split
        self.link: Any = None
        self.other: Any = None
        self.cut = False

    def write(self, data: bytes) -> None:
        for piece in self.split(data):
            self.clock.callLater(0, self.other.arrive, piece)

    def arrive(self, data: bytes) -> None:
        """Bring *data* to the link at this end."""
        if not self.cut:
            self.link.dataReceived(data)

    def loseConnection(self) -> None:
        self.clock.callLater(0, self.break_off, ConnectionDone)

    def abortConnection(self) -> None:
        self.break_off(ConnectionAborted)

    def break_off(self, reason: type[Exception] = ConnectionDone) -> None:
        """Break at both ends."""
        for end in (self, self.other):
            if not end.cut:
                end.cut = True
                end.link.connectionLost(Failure(reason()))


class End:
    """The owner of one end of a link: passes on what is about carried connections, and remembers it."""

    def __init__(self, carried: Callable[[Link], Any]) -> None:
        self._carried = carried
        self.carried: Any = None
        self.frames: list[list[Any]] = []
        self.sizes: list[int] = []
        self.gone: str | None = None

    def up(self, link: Link) -> None:
        self.carried = self._carried(link)

    def frame(self, link: Link, frame: list[Any]) -> None:
        self.frames.append(frame)
        self.carried.frame(frame)

    def data(self, link: Link, connection: int, data: bytes) -> None:
        self.sizes.append(len(data))
        self.carried.data(connection, data)

    def lost(self, link: Link, reason: str) -> None:
        self.gone = reason


def joined(clock: Clock, door: Any, house: Any, split: Callable[[bytes], list[bytes]]) -> Cable:
    """Join two links; return the door's end of the cable."""
    cables = Cable(clock, split), Cable(clock, split)
    for cable, other, owner, first in zip(
        cables, reversed(cables), (door, house), (["hello", "d1"], ["welcome", {}]), strict=True
    ):
        cable.other, cable.link = other, Link(owner, clock, first)
    for cable in cables:
        cable.link.makeConnection(cable)
    return cables[0]


class CarryingHouse(House):
    """One house, and one door process, at which everybody comes in."""

    def __init__(
        self,
        *,
        tls: bool = True,
        tls_only: bool = False,
        linked: bool = True,
        split: Callable[[bytes], list[bytes]] = lambda data: [data],
        **more: Any,
    ) -> None:
        super().__init__(tls=tls, tls_only=tls_only, **more)
        self._split = split
        small: Any = SmallHouse(self)
        clock = self.clock
        self.door_limits = ConnectionLimits(self.connection_limits.max_per_address)
        self.door_preconnects = Preconnects(clock)
        admission = Admission(clock, small.core.budgets, small.core.fair_queue)
        self.clients = CarriedClients(clock, small.core.limits.stall)
        self.door_web = DoorWebFactory(
            small, clock, self.clients, self.door_limits, admission, self.door_preconnects.note
        )
        self.text, self.json = TextFactory(small, clock), JsonFactory(small, clock)
        doors = (
            self.text,
            self.json,
            CarryingFactory(self.clients, IrcFactory, WITHOUT_TLS),
            CarryingFactory(self.clients, SshFactory),
            self.door_web,
        )
        assembly = Assembly(clock, self.door_limits, admission, self.shown if tls else None, tls_only)
        self.front = assembly.front_door(doors, self.door_preconnects)
        self.single = {door.name: assembly.single_door(door) for door in doors}
        if linked:
            self.link_up()

    def link_up(self) -> None:
        """Join the door and the house by a new link."""
        self.door_end = End(lambda link: self.clients.up(link) or self.clients)
        carried = self.irc, self.ssh, self.web
        self.house_end = End(lambda link: CarriedConnections(self.clock, link, carried, self.connection_limits))
        self.cable = joined(self.clock, self.door_end, self.house_end, self._split)
        self.settle()

    def link_down(self) -> None:
        """Lose the link."""
        self.cable.break_off()
        self.clients.lost()
        self.house_end.carried.lost("the door is gone")
        self.settle()

    @property
    def carried(self) -> int:
        """How many connections the house has that are carried."""
        return len(self.house_end.carried)

    def settle(self) -> None:
        """Let everything happen that is due now, and what comes of it at both ends."""
        for _ in range(TURNS):
            self.clock.advance(0)
