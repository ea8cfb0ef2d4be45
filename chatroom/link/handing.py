"""Handing over: a connection with all that is known of it leaves a door process, or comes to one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import (
    IAddress,
    IProtocol,
    IReactorTime,
)
from twisted.logger import Logger

from chatroom.doors.factory import DoorFactory
from chatroom.doors.front.front_door import FrontFactory
from chatroom.doors.front.moved_socket import Peer, front_of
from chatroom.doors.line import LineFactory
from chatroom.doors.moving import MovingDoor, SavedDoor

from .codec import BadFrame, pack, unpack
from .door import RemoteHouse
from .frames import checked

log = Logger(namespace="chatroom")


class SocketPort(Protocol):
    """Takes connections out of this process, and into it: see `Sockets`."""

    def copy(self, transport: Any) -> int:
        """Return another descriptor of the socket of *transport*."""

    def release(self, transport: Any) -> None:
        """End *transport* for its protocol, but not for the client."""

    def adopt(self, descriptor: int, peer: Peer, protocol: IProtocol) -> None:
        """Let *protocol* have the connection with that descriptor."""

    def close(self, descriptor: int) -> None:
        """Close the descriptor of a connection that somebody else has."""


class Way(NamedTuple):
    """A connection that has been sent, and not been taken yet."""

    descriptor: int
    frame: list[Any]


class Handing:
    """
    What one process needs to hand connections over, and to take them.

    :param front: the front door for all protocols.
    :param doors: those whose connections move.
    """

    def __init__(
        self,
        clock: IReactorTime,
        house: RemoteHouse,
        front: FrontFactory,
        doors: Sequence[DoorFactory],
        sockets: SocketPort,
    ) -> None:
        self.clock = clock
        self.house = house
        self.sockets = sockets
        self.on_way: dict[str, Way] = {}
        """The connections that are at no door of this process any more, and not taken yet, by the ids of sessions."""
        self._front = front
        self._doors: Mapping[str, LineFactory] = {
            factory.name: factory for factory in doors if isinstance(factory, LineFactory)
        }

    @property
    def connections(self) -> list[MovingDoor]:
        """Those that may be able to move."""
        return [
            door
            for factory in self._doors.values()
            for door in factory.connected
            if isinstance(door, MovingDoor) and door.may_move and front_of(door.transport) is not None
        ]

    def release(self, door: MovingDoor) -> Way:
        """
        End a connection for this process only; its session must have been handed over by the house.

        :raises OSError: if there are too many open files; nothing has happened then.
        """
        transport, session, front = door.transport, door.session, front_of(door.transport)
        assert front is not None
        descriptor = self.sockets.copy(transport)
        peer, state = transport.getPeer(), pack(door.saved())
        saved = [door.factory.name, [peer.host, peer.port], front.opening.decode("latin-1"), front.known, state]
        frame = ["connection", session.sid, *saved, self.house.let_go(session)]
        # Before the connection is over here: without any, and none on its way, this process ends.
        way = self.on_way[session.sid] = Way(descriptor, frame)
        self.sockets.release(transport)
        return way

    def adopt(self, descriptor: int, frame: Sequence[Any]) -> None:
        """
        Go on with a connection of another process.

        :raises BadFrame: if this version cannot.
        """
        name, address, opening, known, packed, session = checked(frame[2:], (str, list, str, bool, list, list))
        peer, factory = Peer(*checked(address, (str, int))), self._doors.get(name)
        saved = unpack(packed)
        if factory is None or not isinstance(saved, SavedDoor):
            raise BadFrame("unknown door")

        def go_on(transport: Any) -> IProtocol:
            door = factory.buildProtocol(None)
            assert isinstance(door, MovingDoor)
            door.go_on(transport, saved, lambda outlet: self.house.restore(outlet, session))
            return door

        protocol = self._front.moved(_address(peer), go_on, opening.encode("latin-1"), known)
        self.sockets.adopt(descriptor, peer, protocol)


def _address(peer: Peer) -> IAddress:
    kind = IPv6Address if ":" in peer.host else IPv4Address
    address: IAddress = kind("TCP", peer.host, peer.port)
    return address
