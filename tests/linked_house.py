"""A house in memory with doors in other processes: each has its own reactor's end of a link, on the same clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionLost
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
from chatroom.doors.web.counts import DoorCounts
from chatroom.link.carried import CarriedConnections
from chatroom.link.carrying import CarryingFactory
from chatroom.link.door import RemoteHouse
from chatroom.link.figures import Reports
from chatroom.link.house import LinkFactory
from chatroom.link.web import DoorWebFactory
from chatroom.link.wire import Link
from chatroom.server.runtime import TwistedRuntime
from tests.certificates import Shown
from tests.house import House
from tests.wires import HERE, Wire


class LinkEnd(StringTransport):
    """One end of a connection between two processes."""

    def __init__(self, clock: Clock, protocol: Any) -> None:
        super().__init__()
        self._clock = clock
        self.protocol = protocol
        self.other: LinkEnd
        self.cut = False
        self.split: Callable[[bytes], list[bytes]] = lambda data: [data]
        """In which pieces what is written arrives at the other end."""

    def write(self, data: bytes) -> None:
        if not self.cut:
            for piece in self.split(bytes(data)):
                self._clock.callLater(0, self.other.arrived, piece)

    def sendFileDescriptor(self, descriptor: int) -> None:
        if not self.cut:
            self._clock.callLater(0, self.other.brought, descriptor)

    def brought(self, descriptor: int) -> None:
        """Receive a descriptor."""
        if not self.cut:
            self.protocol.fileDescriptorReceived(descriptor)

    def arrived(self, data: bytes) -> None:
        """Read what the other end wrote."""
        if not self.cut:
            self.protocol.dataReceived(data)

    def loseConnection(self) -> None:
        self._clock.callLater(0, self.break_off)

    def abortConnection(self) -> None:
        self.loseConnection()

    def break_off(self) -> None:
        """Lose the connection, at both ends."""
        for end in (self, self.other):
            if not end.cut:
                end.cut = True
                end.protocol.connectionLost(Failure(ConnectionLost()))


def linked(clock: Clock, one: Any, other: Any) -> LinkEnd:
    """Connect two protocols; return the end of *one*."""
    here, there = LinkEnd(clock, one), LinkEnd(clock, other)
    here.other, there.other = there, here
    there.protocol.makeConnection(there)
    here.protocol.makeConnection(here)
    return here


class DoorProcess:
    """A process with doors."""

    def __init__(self, clock: Clock, number: int, certificate: Shown | None, tls_only: bool, now: Any) -> None:
        self.clock = clock
        self._certificate, self._tls_only = certificate, tls_only
        self.house = RemoteHouse(clock, TwistedRuntime(clock, now), f"door {number}", self._open)
        self.end: LinkEnd | None = None

    def link(self, factory: LinkFactory) -> None:
        """Connect to the house behind *factory*."""
        self.end = linked(self.clock, self.house.build(), factory.buildProtocol(None))

    def _open(self) -> None:
        core = self.house.core
        self.limits, self.preconnects = ConnectionLimits(0), Preconnects(self.clock)
        self.admission = Admission(self.clock, core.budgets, core.fair_queue)
        clients = self.house.clients
        self.web = DoorWebFactory(self.house, self.clock, clients, self.limits, self.admission, self.preconnects.note)
        self.doors = [
            TextFactory(self.house, self.clock),
            JsonFactory(self.house, self.clock),
            CarryingFactory(clients, IrcFactory, WITHOUT_TLS),
            CarryingFactory(clients, SshFactory),
            self.web,
        ]
        served = [self.doors[0], self.doors[1], self.web]
        self.reports = Reports(self.clock, self.house, DoorCounts(served, self.web, core.budgets).figures)
        self.reports.start()
        assembly = Assembly(self.clock, self.limits, self.admission, self._certificate, self._tls_only)
        self.front = assembly.front_door(self.doors, self.preconnects)


class LinkedHouse(House):
    """
    The same with its doors in other processes.

    People come in by one after another.
    """

    def __init__(self, *, doors: int = 2, processes: list[DoorProcess] | None = None, **options: Any) -> None:
        super().__init__(**options)
        tls, tls_only = options.get("tls", True), options.get("tls_only", False)
        self.links = LinkFactory(self.hub, self.clock, self._carried, self.connection_limits)
        self.processes = processes or [
            DoorProcess(self.clock, n, self.shown if tls else None, tls_only, lambda: self.clock.seconds())
            for n in range(doors)
        ]
        self.metrics.others = self.links.reported
        for process in self.processes:
            process.link(self.links)
        self.settle()
        self._turn = 0

    def _carried(self, link: Link) -> CarriedConnections:
        return CarriedConnections(self.clock, link, (self.irc, self.ssh, self.web), self.connection_limits)

    def connect(self, address: object = HERE, kind: type[Wire] = Wire) -> Any:
        self._turn += 1
        process = self.processes[self._turn % len(self.processes)]
        wire = kind(self.clock, address)
        wire.protocol = process.front.buildProtocol(address)
        wire.protocol.makeConnection(wire)
        wire.begin()
        return wire
