"""The direct transport, which writes straight to its socket, for example below TLS."""

from __future__ import annotations

import socket

import pytest
from twisted.internet.interfaces import ISystemHandle, ITCPTransport
from zope.interface import implementer

from chatroom.doors.outlets.direct_transport import DirectTransport, direct_transport
from tests.doors.test_outlet import Socket, Transport


class Producer:
    """A producer with backpressure."""

    def __init__(self):
        self.told = []

    def pauseProducing(self):
        self.told.append("pause")

    def resumeProducing(self):
        self.told.append("resume")

    def stopProducing(self):
        self.told.append("stop")


class Way:
    """A transport with its surroundings."""

    def __init__(self, room=1000):
        self.socket, self.transport, self.producer = Socket(room), Transport(), Producer()
        self.direct = DirectTransport(self.transport, self.socket)
        self.direct.registerProducer(self.producer, True)

    def drains(self, room=1000):
        """Flush the transport's buffer; the socket then takes *room* bytes more."""
        self.transport.written = b""
        self.socket.room = room
        self.transport.producer.resumeProducing()


def test_what_the_socket_takes_never_meets_the_transport():
    way = Way()

    way.direct.write(b"hello ")
    way.direct.write(b"world")

    assert way.socket.sent == b"hello world" and way.transport.written == b"" and way.producer.told == []


@pytest.mark.parametrize("room", [0, 3])
def test_what_it_does_not_take_the_transport_holds_and_all_that_follows(room):
    way = Way(room)

    way.direct.write(b"hello ")
    way.socket.room = 1000
    way.direct.write(b"world")

    assert (way.socket.sent, way.transport.written) == (b"hello "[:room], b"hello world"[room:])
    assert way.producer.told == ["pause"]


def test_when_the_transport_holds_nothing_any_more_it_goes_straight_on():
    way = Way(0)
    way.direct.write(b"hello")

    way.drains()
    way.direct.write(b"world")

    assert way.producer.told == ["pause", "resume"] and way.transport.producer is None
    assert way.socket.sent == b"world" and way.transport.written == b""


def test_who_begins_to_write_while_something_is_held_waits_for_that():
    way = Way(0)
    way.direct.unregisterProducer()
    way.direct.write(b"hello")
    assert way.producer.told == []

    way.direct.registerProducer(way.producer, True)
    assert way.producer.told == ["pause"]
    way.drains()
    assert way.producer.told == ["pause", "resume"]


def test_who_writes_no_more_is_told_nothing():
    way = Way(0)
    way.direct.write(b"hello")
    way.direct.unregisterProducer()

    way.drains()

    assert way.producer.told == ["pause"] and way.transport.producer is None


def test_when_the_connection_goes_while_something_is_held_whoever_writes_is_told():
    way = Way(0)
    way.direct.write(b"hello")

    way.transport.producer.stopProducing()
    way.direct.unregisterProducer()
    way.transport.producer.stopProducing()

    assert way.producer.told == ["pause", "stop"]


def test_a_socket_that_is_broken_says_so_once_and_that_is_not_forgotten():
    way = Way()
    assert not way.direct.broken
    way.socket.error = ConnectionResetError()

    way.direct.write(b"hello")

    assert way.direct.broken and way.transport.written == b"hello" and way.producer.told == []


@implementer(ISystemHandle, ITCPTransport)
class WithHandle(Transport):
    def __init__(self, handle):
        super().__init__()
        self._handle = handle

    def getHandle(self):
        return self._handle

    def getPeer(self):
        return "a peer"


def test_all_but_writing_is_the_transports_own():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        transport = WithHandle(ours)
        made = direct_transport(transport)
        made.write(b"hello")

        assert isinstance(made, DirectTransport) and theirs.recv(10) == b"hello"
        assert made.getPeer() == "a peer" and ITCPTransport.providedBy(made)


@pytest.mark.parametrize("transport", [Transport(), WithHandle("a file")])
def test_a_transport_without_a_socket_is_left_as_it_is(transport):
    assert direct_transport(transport) is transport
