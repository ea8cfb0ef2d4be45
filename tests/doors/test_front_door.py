"""The front door: one port for every protocol."""

from __future__ import annotations

import socket

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import ISystemHandle
from zope.interface import implementer

from chatroom.doors.addresses import host_of
from chatroom.doors.connection_limits import place_of_host
from chatroom.doors.front.front_door import SILENCE_TIMEOUT, FrontDoor
from chatroom.system.turn_limit import TURN
from tests.house import HERE, House, failures
from tests.wires import SecureWire


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


def answer_to(house, *pieces):
    wire = house.connect()
    for piece in pieces:
        wire.carry(piece)
    house.settle()
    return wire


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_language_that_is_not_spoken_is_refused_in_one_line(size):
    house, opening = House(tls=False), b"\x16\x03\x01\x02\x00\x01"
    wire = answer_to(house, *(opening[n : n + size] for n in range(0, len(opening), size)))

    assert wire.received.startswith(b"!! TLS is not supported here yet. Join with nc or telnet")
    assert wire.received.count(b"\n") == 1 and wire.received.endswith(b"\r\n")
    assert wire.cut and not house.hub.core.people


def test_what_has_come_by_the_time_of_the_greeting_is_read_first(house):
    wire = house.connect()
    # As if the reactor had been too busy to read it before.
    house.clock.callLater(SILENCE_TIMEOUT, wire.carry, b'{"type":"hello","nick":"ann"}\n')
    house.clock.advance(SILENCE_TIMEOUT)

    assert wire.received.startswith(b'{"type":"welcome"')


def test_it_is_read_first_however_many_turns_it_has_to_wait_for(house):
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        there.setblocking(False)
        door = house.front.buildProtocol(HERE)
        door.makeConnection(WithHandle(house.connect(), here))
        there.sendall(b'{"type":"hello","nick":"ann"}\n')
        house.clock.advance(SILENCE_TIMEOUT)
        house.clock.pump([TURN] * 10)
        with pytest.raises(BlockingIOError):
            there.recv(1)

        door.dataReceived(here.recv(1000))
        house.settle()
        assert there.recv(1000).startswith(b'{"type":"welcome"')


def test_who_has_sent_nothing_is_greeted_at_once(house):
    here, there = socket.socketpair()
    with here, there:
        here.setblocking(False)
        house.front.buildProtocol(HERE).makeConnection(WithHandle(house.connect(), here))
        house.clock.advance(SILENCE_TIMEOUT)
        house.settle()
        assert there.recv(1000).startswith(b"-- Welcome to chatroom")


PADDING = [b"\xef\xbb\xbf", b" ", b"\n", b"\r\n\r\n", b"\t\n ", b"\xef\xbb\xbf\r\n  ", b" " * 256]


@pytest.mark.parametrize("padding", PADDING)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_what_some_programs_put_before_a_hello_makes_it_no_text(house, padding, size):
    opening = padding + b'{"type":"hello","nick":"ann","ref":"1"}\n'
    wire = answer_to(house, *(opening[n : n + size] for n in range(0, len(opening), size)))

    assert wire.received.startswith(b'{"type":"welcome","nick":"ann"') and b"refused" not in wire.received


@pytest.mark.parametrize("padding", PADDING)
def test_the_same_over_tls_and_where_tls_is_required(padding):
    house = House()
    wire = house.connect(kind=SecureWire)
    wire.carry(padding + b'{"type":"hello","nick":"ann"}\n')
    house.settle()
    assert wire.received.startswith(b'{"type":"welcome","nick":"ann"')

    wire = answer_to(House(tls_only=True), padding + b'{"type":"hello","nick":"ann"}\n')
    assert wire.received.startswith(b'{"type":"refused","code":"tls_only"')


@pytest.mark.parametrize("padding", PADDING)
def test_it_may_come_as_late_as_anything_else(house, padding):
    wire = house.connect()
    wire.carry(padding[:1])
    # As if the reactor had been too busy to read it before.
    house.clock.callLater(SILENCE_TIMEOUT, wire.carry, padding[1:] + b'{"type":"hello","nick":"ann"}\n')
    house.clock.advance(SILENCE_TIMEOUT)

    assert wire.received.startswith(b'{"type":"welcome"')


@pytest.mark.parametrize("padding", [b"\xef\xbb\xbf", b"\n", b" "])
def test_who_sends_only_that_is_greeted_as_soon_as_others(house, padding):
    house.preconnects.note(HERE.host)
    wire = answer_to(house, padding)
    assert wire.received == b""

    house.clock.advance(SILENCE_TIMEOUT)
    house.settle()
    assert wire.received.startswith(b"-- Welcome to chatroom")


def test_white_space_without_end_is_text(house):
    wire = answer_to(house, b" " * 257)

    assert wire.received.startswith(b"-- Welcome to chatroom")


def test_a_byte_order_mark_before_a_nick_is_no_part_of_it(house):
    wire = answer_to(house, b"\xef\xbb\xbfann\r\n\xef\xbb\xbfhello\r\n")

    assert b"-- Welcome, ann." in wire.received and house.words() == ["hello"]


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "HEAD"])
def test_every_method_of_http_goes_to_the_web_door(house, method):
    wire = answer_to(house, f"{method} / HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    status = b"200 OK" if method in ("GET", "HEAD") else b"405 Method Not Allowed"
    assert wire.received.startswith(b"HTTP/1.1 " + status + b"\r\n") and len(house.web.http.all) == 1


@pytest.mark.parametrize(
    "opening", [b"NICKname\n", b"GETTY\n", b"nick x", b"SSH\n", b"hello", b"\x16\x04\n", b" [\n", b"\xef\xbb{\n"]
)
def test_anything_else_is_text(house, opening):
    wire = answer_to(house, opening)

    assert wire.received.startswith(b"-- Welcome to chatroom 1.2. What is your nick?\n") and not wire.cut


@pytest.mark.parametrize("opening", [b"N", b"NICK", b"GE", b"SSH", b"\x16", b"AUTHENTICATE"])
def test_the_beginning_of_a_language_is_waited_on_but_not_for_long(house, opening):
    wire = answer_to(house, opening)
    assert wire.received == b""

    house.clock.advance(SILENCE_TIMEOUT)
    assert wire.received.startswith(b"-- Welcome to chatroom")

    wire.carry(b"olas\n")
    house.settle()
    assert b"-- Welcome, " in wire.received or b"!! " in wire.received


def test_the_letters_that_were_waited_on_are_part_of_the_nick(house):
    wire = answer_to(house, b"N")

    wire.carry(b"ora\n")
    house.settle()

    assert list(house.hub.core.nicks) == ["nora"]


def test_an_object_goes_to_the_json_door_and_iac_to_the_line_door(house):
    program, terminal = answer_to(house, b"{"), answer_to(house, b"\xff")

    assert len(house.json.connected) == 1 and program.received == b""
    assert len(house.text.connected) == 1 and b"What is your nick?" in terminal.received


def test_whoever_vanishes_before_saying_anything_leaves_nothing_behind(house):
    wire = house.connect()

    wire.vanish()
    house.advance(1)

    assert wire.received == b"" and not house.text.connected


def test_whoever_ends_after_a_refusal_disturbs_nobody(house):
    wire = house.connect()
    wire.carry(b"GET / HTTP/1.0\r\n\r\n")
    wire.half_close()
    house.settle()

    assert wire.cut and wire.received.startswith(b"HTTP/1.1 200 OK")


def test_a_door_without_half_closed_connections_is_closed_at_once(house):
    wire = house.connect()
    wire.carry(b"GET / HTTP/1.0\r\n\r\n")
    wire.protocol.readConnectionLost()
    house.settle()

    assert wire.cut


# Connections per address.

THERE = IPv4Address("TCP", "203.0.113.5", 40_000)


def test_one_address_has_so_many_connections_and_gets_a_clear_line_for_the_next():
    house = House(max_per_address=2)
    first, second, third = (house.connect(THERE) for _ in range(3))
    house.clock.advance(1)

    assert third.received == b"!! Too many connections from your address.\n" and third.cut
    assert not first.cut and not second.cut

    first.vanish()
    fourth = house.connect(THERE)
    house.clock.advance(1)
    assert b"What is your nick?" in fourth.received
    assert not house.connect(IPv4Address("TCP", "203.0.113.6", 1)).cut


def test_a_refused_connection_does_not_free_the_place_of_another():
    house = House(max_per_address=1)
    house.connect(THERE)
    for _ in range(3):
        assert not isinstance(house.connect(THERE).protocol, FrontDoor)
        house.settle()


def test_this_machine_itself_has_as_many_as_it_likes():
    house = House(max_per_address=1)
    wires = [house.connect(HERE) for _ in range(50)]
    house.clock.advance(1)

    assert not any(wire.cut for wire in wires)


def test_zero_means_any_number():
    house = House(max_per_address=0)
    wires = [house.connect(THERE) for _ in range(50)]
    house.clock.advance(1)
    wires[0].vanish()

    assert not any(wire.cut for wire in wires[1:])


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (IPv4Address("TCP", "203.0.113.5", 1), "203.0.113.5"),
        (IPv4Address("TCP", "127.8.8.8", 1), None),
        (IPv6Address("TCP", "2001:db8:1:2:3:4:5:6", 1), "2001:db8:1:2::/64"),
        (IPv6Address("TCP", "2001:db8:1:2:ffff::", 1), "2001:db8:1:2::/64"),
        (IPv6Address("TCP", "fe80::1%eth0", 1), "fe80::/64"),
        (IPv6Address("TCP", "::1", 1), None),
        (IPv6Address("TCP", "::ffff:203.0.113.5", 1), "203.0.113.5"),
        (IPv6Address("TCP", "::ffff:127.0.0.1", 1), None),
        (UNIXAddress(b"/run/chatroom"), None),
        (None, None),
    ],
)
def test_connections_are_counted_by_where_they_come_from(address, place):
    assert place_of_host(host_of(address)) == place


# Sockets.


class _WithHandle:
    """A transport that has a handle, and passes everything else on."""

    def __init__(self, wire, handle):
        self._wire, self._handle = wire, handle

    def getHandle(self):
        return self._handle

    def __getattr__(self, name):
        return getattr(self._wire, name)


WithHandle = implementer(ISystemHandle)(_WithHandle)


class Options:
    pass


@pytest.mark.parametrize("handle", [None, "a file"])
def test_a_transport_without_a_socket_is_left_as_it_is(house, handle):
    wire = house.connect()
    door = house.front.buildProtocol(HERE)

    door.makeConnection(WithHandle(wire, handle))

    assert not wire.cut


def test_sockets_of_the_internet_notice_peers_that_vanished(house):
    with socket.socket() as handle:
        door = house.front.buildProtocol(HERE)
        door.makeConnection(WithHandle(house.connect(), handle))

        assert handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert handle.getsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE)
        assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 60


def test_sockets_of_this_machine_are_left_as_they_are(house):
    with socket.socket(socket.AF_UNIX) as handle:
        door = house.front.buildProtocol(HERE)
        door.makeConnection(WithHandle(house.connect(), handle))

        assert not handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_a_door_is_told_the_address_that_is_known_when_the_language_is(house):
    """A proxy may send the client's address in a first line (PROXY protocol)."""
    built = []
    house.front.otherwise = house.text
    build = house.text.buildProtocol
    house.text.buildProtocol = lambda addr: built.append(addr) or build(addr)
    wire = house.connect(IPv4Address("TCP", "127.0.0.1", 1))
    wire.peerAddr = IPv4Address("TCP", "192.0.2.7", 2)

    wire.carry(b"ann\n")

    assert built == [IPv4Address("TCP", "192.0.2.7", 2)]
    [door] = house.text.connected
    assert door._outlet.address == "192.0.2.7" and not door._outlet.secure


def test_who_came_before_there_was_a_bound_counts_when_there_is_one():
    house = House(max_per_address=0)
    first, _ = house.connect(THERE), house.connect(THERE)

    house.connection_limits.max_per_address = 2
    assert not isinstance(house.connect(THERE).protocol, FrontDoor)

    first.vanish()
    assert isinstance(house.connect(THERE).protocol, FrontDoor)
