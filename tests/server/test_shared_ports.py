"""Sockets that the supervisor binds, and at which doors listen."""

from __future__ import annotations

import os
import socket

import pytest
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory

from chatroom.server.errors import CannotStart
from chatroom.server.listeners import listeners
from chatroom.server.shared_ports import Adopter, Binder, Passed

VALUES = {"public": False, "listen": [], "port": 0}
FACTORY = Factory()


class Reactor:
    """A reactor that notes what it adopts."""

    def __init__(self):
        self.adopted = []

    def adoptStreamPort(self, descriptor, family, factory):
        self.adopted.append((os.dup(descriptor), family, factory))
        return "a port"


@pytest.fixture
def binder():
    binder = Binder(2)
    yield binder
    binder.close()


def test_each_door_gets_a_socket_at_the_same_address(binder):
    port = binder.listenTCP(0, FACTORY, interface="127.0.0.1")

    found = {socket.socket(fileno=os.dup(binder.of(door)[0].descriptor)).getsockname() for door in (0, 1)}
    assert found == {("127.0.0.1", port.getHost().port)} and port.getHost().host == "127.0.0.1"
    assert binder.of(0)[0].descriptor != binder.of(1)[0].descriptor


def test_connections_are_spread_over_them(binder):
    address = binder.listenTCP(0, FACTORY, interface="127.0.0.1").getHost()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.host, address.port))
    binder.listen()
    clients = [socket.create_connection((address.host, address.port)) for _ in range(40)]

    for door in (0, 1):
        with socket.socket(fileno=os.dup(binder.of(door)[0].descriptor)) as listening:
            listening.accept()[0].close()
    for client in clients:
        client.close()


@pytest.mark.parametrize("shared", [False, True])
def test_a_port_of_another_program_is_in_use_even_if_that_would_share_it(binder, shared):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shared)
        other.bind(("127.0.0.1", 0))
        other.listen()

        with pytest.raises(CannotListenError, match="in use"):
            binder.listenTCP(other.getsockname()[1], FACTORY, interface="127.0.0.1")


@pytest.mark.parametrize("again", ["127.0.0.1", "", "0.0.0.0"])
def test_no_port_is_for_two_things(binder, again):
    port = binder.listenTCP(0, FACTORY, interface="127.0.0.1").getHost().port
    binder.close()
    binder.listenTCP(port, FACTORY, interface="127.0.0.1")

    with pytest.raises(CannotListenError, match="in use"):
        binder.listenTCP(port, FACTORY, interface=again)
    assert len(binder.of(0)) == 1


def test_another_address_may_have_the_same_port(binder):
    port = binder.listenTCP(0, FACTORY, interface="127.0.0.1").getHost().port
    binder.close()
    binder.listenTCP(port, FACTORY, interface="127.0.0.1")

    binder.listenTCP(port, FACTORY, interface="127.0.0.2")

    assert len(binder.of(0)) == 2


def test_closed_sockets_leave_the_port_to_others(binder):
    port = binder.listenTCP(0, FACTORY, interface="127.0.0.1").getHost().port
    binder.close()

    Binder(1).listenTCP(port, FACTORY, interface="127.0.0.1").stopListening()
    assert binder.of(0) == []


def test_ipv6_is_bound_as_such(binder):
    try:
        port = binder.listenTCP(0, FACTORY, interface="::1")
    except CannotListenError:
        pytest.skip("this machine has no IPv6")

    assert port.getHost().host == "::1" and port.getHost().type == "TCP"


@pytest.mark.parametrize("endpoint", ["unix:/tmp/none-at-all", "ssl:0:privateKey=x"])
def test_other_endpoints_are_refused_in_one_line(binder, endpoint):
    if endpoint.startswith("ssl"):
        with pytest.raises(ValueError, match="with --doors, use ports"):
            binder.listenSSL(0, FACTORY, None)
        return
    [listener] = listeners({**VALUES, "listen": [endpoint]}, binder)

    with pytest.raises(CannotStart, match=f"cannot listen on {endpoint}: with --doors, use ports, addresses"):
        listener.open(FACTORY)


def test_an_endpoint_around_another_one_keeps_its_own_factory(binder):
    reactor = Reactor()
    serverFromString(binder, "haproxy:tcp:0:interface=127.0.0.1").listen(FACTORY)

    # In another process it would have another number.
    passed = [one._replace(descriptor=os.dup(one.descriptor)) for one in binder.of(1)]
    serverFromString(Adopter(reactor, passed), "haproxy:tcp:0:interface=127.0.0.1").listen(FACTORY)

    [(descriptor, family, factory)] = reactor.adopted
    os.close(descriptor)
    assert family == socket.AF_INET and factory is not FACTORY


def test_a_door_listens_at_the_socket_for_the_address_that_its_settings_name():
    pairs = [socket.socketpair()[0].detach() for _ in range(3)]
    passed = [Passed("127.0.0.1", 1, pairs[0]), Passed("::1", 1, pairs[1]), Passed("127.0.0.1", 1, pairs[2])]
    reactor = Reactor()
    adopter = Adopter(reactor, passed)

    assert adopter.listenTCP(1, FACTORY, interface="::1") == "a port"
    adopter.listenTCP(1, FACTORY, interface="127.0.0.1")

    assert [family for _, family, _ in reactor.adopted] == [socket.AF_INET6, socket.AF_INET]
    for descriptor, *_ in reactor.adopted:
        os.close(descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(pairs[0])
    os.close(pairs[2])


def test_an_address_that_the_supervisor_could_not_bind_is_none_of_this_machine():
    with pytest.raises(CannotListenError, match="Cannot assign requested address"):
        Adopter(Reactor(), []).listenTCP(1, FACTORY, interface="::1")
