"""A house in memory with two doors, one of which hands its connections over to the other."""

from __future__ import annotations

from itertools import count
from typing import Any

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

from chatroom.doors.front.moved_socket import Peer
from chatroom.link.giving import Giver, Taker
from chatroom.link.handing import Handing
from tests.linked_house import DoorProcess, LinkedHouse, LinkEnd, linked
from tests.wires import HERE, Wire


class WireSockets:
    """Moves wires between doors."""

    def __init__(self) -> None:
        self.released: dict[int, Wire] = {}
        self.closed: list[int] = []
        self._numbers = count(1)

    def copy(self, wire: Wire) -> int:
        number = next(self._numbers)
        self.released[number] = wire
        return number

    def release(self, wire: Wire) -> None:
        if wire.producer is not None:
            wire.unregisterProducer()
        wire.pauseProducing()
        protocol, wire.protocol = wire.protocol, Protocol()
        protocol.connectionLost(Failure(ConnectionDone()))

    def adopt(self, number: int, peer: Peer, protocol: Any) -> None:
        wire = self.released[number]
        wire.protocol = protocol
        wire.resumeProducing()
        protocol.makeConnection(wire)
        if wire.cut:
            # The client has gone while nobody read.
            protocol.connectionLost(Failure(ConnectionLost()))

    def close(self, number: int) -> None:
        self.closed.append(number)


class HandingHouse(LinkedHouse):
    """
    The same house with an old door and a new one.

    People come in by the old one.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(doors=2, **options)
        self.at, self.new = self.processes
        self.sockets = WireSockets()

    def connect(self, address: object = HERE, kind: type[Wire] = Wire) -> Any:
        self._turn = self.processes.index(self.at) - 1
        return super().connect(address, kind)

    def handing(self, process: DoorProcess) -> Handing:
        """What *process* hands over and takes with."""
        return Handing(self.clock, process.house, process.front, process.doors, self.sockets)

    def begin(self) -> LinkEnd:
        """Connect the doors; return the old one's end."""
        giver = Giver(self.handing(self.at))
        return linked(self.clock, giver, Taker(self.handing(self.new)))

    def hand_over(self) -> LinkEnd:
        """Hand everything over that can be."""
        end = self.begin()
        self.settle()
        return end

    def step(self, count: int) -> None:
        """Let the next *count* things happen that are due now."""
        for _ in range(count):
            due = self.clock.calls[:1]
            if not due or due[0].getTime() > self.clock.seconds():
                return
            [call] = due
            del self.clock.calls[0]
            call.called = 1
            call.func(*call.args, **call.kw)
