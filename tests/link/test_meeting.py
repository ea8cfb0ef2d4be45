"""Handing connections over, with real sockets."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.epollreactor import EPollReactor
from twisted.protocols.haproxy._wrapper import HAProxyWrappingFactory

from chatroom.doors.front.moved_socket import Peer, Sockets
from chatroom.link import meeting
from chatroom.link.handing import Handing
from tests.linked_house import LinkedHouse

PATIENCE = 10.0
"""Seconds in which everything here happens."""


class Place:
    """A house in memory, two doors with real sockets, and the socket between the two."""

    def __init__(self, folder: Path) -> None:
        self.reactor = EPollReactor()
        self.house = LinkedHouse(doors=2)
        self.sockets = Sockets(self.reactor)
        self.old, self.new = self.house.processes
        handings = [
            Handing(self.house.clock, one.house, one.front, one.doors, self.sockets) for one in (self.old, self.new)
        ]
        self.path = meeting.take(self.reactor, folder, handings[1])
        self.handing = handings[0]
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.clients: list[socket.socket] = []

    def connect(self, *, proxied: bool = False) -> socket.socket:
        """Connect a client to the old door; a *proxied* one has to say who it is."""
        client = socket.create_connection(self.listening.getsockname())
        client.setblocking(False)
        accepted, (host, port) = self.listening.accept()
        accepted.setblocking(False)
        peer = Peer(host, port)
        factory = HAProxyWrappingFactory(self.old.front) if proxied else self.old.front
        self.sockets.adopt(accepted.detach(), peer, factory.buildProtocol(IPv4Address("TCP", host, port)))
        self.clients.append(client)
        return client

    def until(self, there: Callable[[], object]) -> None:
        """Let everything happen until *there* is true."""
        end = time.monotonic() + PATIENCE
        while not there():
            assert time.monotonic() < end, "it did not happen"
            self.reactor.iterate(0.001)
            self.house.clock.advance(0.01)

    def read(self, client: socket.socket, text: str) -> str:
        """Read what *client* is sent, up to *text*."""
        received = b""

        def there() -> bool:
            nonlocal received
            with suppress(BlockingIOError):
                received += client.recv(65536)
            return text in received.decode(errors="replace")

        self.until(there)
        return received.decode()

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.listening.close()
        self.reactor.disconnectAll()


def ended(client: socket.socket) -> bool:
    """Read something; return whether the connection has ended."""
    try:
        return not client.recv(65536)
    except BlockingIOError:
        return False


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    yield place
    place.close()


def test_sockets_go_to_the_new_door_with_half_lines_and_talk_on(place: Place) -> None:
    ann, bob = place.connect(), place.connect()
    for nick, client in (("ann", ann), ("bob", bob)):
        client.send(nick.encode() + b"\n")
        place.read(client, "in #lobby")
    ann.send(b"hal")

    meeting.give(place.reactor, place.path, place.handing)
    place.until(lambda: not place.old.house.sessions)
    ann.send(b"f a line\n")

    assert "<ann> half a line" in place.read(bob, "half a line")
    assert len(place.new.house.sessions) == 2
    bob.close()
    assert "bob left" in place.read(ann, "left")


def test_each_socket_is_in_one_process_only(place: Place) -> None:
    """A connection ends when the new door closes it: the old one has let go of it."""
    ann = place.connect()
    ann.send(b"ann\n")
    place.read(ann, "in #lobby")
    meeting.give(place.reactor, place.path, place.handing)
    place.until(lambda: not place.old.house.sessions)

    ann.send(b"/quit\n")
    place.read(ann, "Goodbye")

    place.until(lambda: not place.new.house.sessions)
    place.until(lambda: ended(ann))


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_who_comes_by_a_proxy_keeps_their_address(place: Place, address: str) -> None:
    family = "TCP6" if ":" in address else "TCP4"
    ann = place.connect(proxied=True)
    ann.send(f"PROXY {family} {address} {address} 50000 2428\r\nann\n".encode())
    place.read(ann, "in #lobby")

    meeting.give(place.reactor, place.path, place.handing)
    place.until(lambda: place.new.house.sessions)
    ann.send(b"/time\n")

    place.read(ann, "UTC")
    [session] = place.new.house.sessions.values()
    assert (session.outlet.address, session.outlet.secure) == (address, False)


def test_without_the_new_door_all_stay(place: Place, tmp_path: Path) -> None:
    ann = place.connect()
    ann.send(b"ann\n")
    place.read(ann, "in #lobby")

    meeting.give(place.reactor, str(tmp_path / "none"), place.handing)
    ann.send(b"/time\n")

    place.read(ann, "UTC")
    assert len(place.old.house.sessions) == 1
