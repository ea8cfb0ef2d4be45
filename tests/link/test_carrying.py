"""Carried connections: clients of IRC, SSH and HTTP come in at a door process, as if they had come into the house."""

from __future__ import annotations

from itertools import accumulate, pairwise, starmap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import ISSLTransport, ITCPTransport
from twisted.internet.protocol import Protocol
from zope.interface import alsoProvides

from chatroom.doors.front.front_door import SILENCE_TIMEOUT
from chatroom.doors.irc.door import IrcFactory
from chatroom.doors.web.http_connections import READ_TIMEOUT
from chatroom.doors.web.http_output import MAX_PASSED_OVER
from chatroom.link.byte_stream import WINDOW
from chatroom.link.carrying import HOUSE_TIMEOUT, NUMBERS, CarryingFactory
from chatroom.link.codec import BadFrame
from tests.doors.web.asking import answers, request
from tests.doors.web.scripts import Script, owner, token
from tests.house import HERE, LinePerson, failures, over_tls
from tests.irc_person import IrcPerson
from tests.ssh_person import SshPerson
from tests.wires import BUFFER, SecureWire, Wire

from .carrying_house import CarryingHouse

FAR = IPv4Address("TCP", "198.51.100.7", 4000)
IRC = b"NICK ann\r\nUSER a 0 * :Ann\r\nJOIN #lobby\r\n"


@pytest.fixture
def house():
    with failures() as found:
        yield CarryingHouse()
    assert found == []


def sends(house: CarryingHouse, data: bytes, kind: type[Wire] = Wire, address: object = FAR) -> Wire:
    """Connect, and send *data*."""
    wire = house.connect(address, kind)
    wire.carry(data)
    house.settle()
    return wire


@pytest.mark.parametrize("fingerprint", ["x" * 64, "A" * 64, "0" * 63, 5, None])
def test_what_is_no_fingerprint_is_no_certificate(house, fingerprint):
    about = {"door": "irc", "peer": None, "here": None, "tls": True, "halves": False, "certificate": fingerprint}
    with pytest.raises(BadFrame):
        house.carried.frame(["carry", 7, about])


# Each door.


@pytest.mark.parametrize("kind", [IrcPerson, over_tls(IrcPerson), SshPerson], ids=["irc", "tls", "ssh"])
def test_people_whose_connections_are_carried_talk_with_others(house, kind):
    ann, bob = house.join("ann", kind), house.join("bob", LinePerson)

    ann.types("hello")
    bob.types("hi")
    assert bob.heard("<ann> hello") and ann.heard("<bob> hi")
    assert len(house.carried) == len(house.clients) == 1
    ann.leaves()
    assert len(house.carried) == len(house.clients) == 0 and bob.heard_of("ann left")


@pytest.mark.parametrize("kind", [IrcPerson, over_tls(IrcPerson), SshPerson], ids=["irc", "tls", "ssh"])
def test_whose_connection_ends_with_the_house_is_told_to_come_back(house, kind):
    ann, bob = house.join("ann", kind), house.join("bob", LinePerson)
    shown = list(bob.lines)
    house.hub.hands_over = True

    house.links.drop("another house goes on")
    house.settle()

    assert ann.heard("-- The server has been replaced. Please connect again.") and not house.clients
    assert bob.lines == shown, "who stays at their door is told nothing"


@pytest.mark.parametrize("opening", [IRC, b"SSH-2.0-OpenSSH_9.6\r\n"], ids=["irc", "ssh"])
def test_who_waits_for_a_greeting_first_is_carried_all_the_same(house, opening):
    wire = house.connect(FAR)
    house.advance(1)
    greeting = bytes(wire.received)
    assert greeting.startswith(b"-- Welcome")

    wire.carry(opening)
    house.settle()
    assert len(wire.received) > len(greeting) and len(house.carried) == 1


def test_at_a_port_for_ssh_only_the_server_speaks_first(house):
    factory = CarryingFactory(house.clients, type(house.ssh))
    wire = Wire(house.clock, FAR)
    wire.protocol = house.assembly(None).single_door(factory).buildProtocol(FAR)
    wire.protocol.makeConnection(wire)
    house.advance(SILENCE_TIMEOUT)
    house.settle()

    assert wire.received.startswith(b"SSH-2.0-chatroom\r\n")


def test_a_carrying_factory_declares_what_the_door_does(house):
    irc, ssh, web = (CarryingFactory(house.clients, type(door)) for door in (house.irc, house.ssh, house.web))

    assert irc.openings == IrcFactory.openings and irc.late and not irc.padded and irc.name == "irc"
    assert web.alpn == (b"http/1.1",) and web.crowded == house.web.crowded
    assert ssh.without_tls() is ssh


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/readyz", 200), ("/metrics", 403), ("/nothing", 404), ("/ws", 426)]
)
def test_requests_are_answered_by_the_house(house, path, status):
    [answered] = answers(sends(house, request(path)))

    assert answered.status == status and house.web.routes.statuses == {status: 1}


def test_scripts_post_and_follow_over_carried_connections(house):
    ann = owner(house)
    script = Script(house, token(ann))
    following = script.follows()

    assert script.posts("hello").status == 201
    assert ann.heard_of("hello") and following.said == ["hello"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sizes=st.lists(st.integers(1, 30), min_size=1, max_size=20), cuts=st.integers(1, 50))
def test_it_does_not_matter_in_which_pieces_anything_arrives(sizes, cuts):
    house = CarryingHouse()

    def split(data: bytes) -> list[bytes]:
        places = [0, *accumulate(sizes)]
        return [piece for piece in map(data.__getitem__, starmap(slice, pairwise([*places, None]))) if piece]

    house.splits(split)
    bob = house.join("bob", LinePerson)
    wire = house.connect(FAR)
    for at in range(0, len(IRC), cuts):
        wire.carry(IRC[at : at + cuts])
    page = sends(house, request("/") * 2)

    assert bob.heard_of("ann joined") and b" 001 ann " in wire.received
    assert [one.status for one in answers(page)] == [200, 200]


# What the house knows of the client.


class Told(Protocol):
    """Remembers what it was told."""

    def connectionMade(self) -> None:
        self.data = bytearray()
        self.reasons: list[object] = []

    def dataReceived(self, data: bytes) -> None:
        self.data += data

    def connectionLost(self, reason=None) -> None:
        self.reasons.append(reason.value)


def told_by(house: CarryingHouse) -> list[Told]:
    """Collect the protocols of clients of IRC in *house*, in the order in which they come."""
    found: list[Told] = []

    def build(addr: object) -> Told:
        found.append(Told())
        return found[-1]

    house.irc.buildProtocol = build
    return found


@pytest.fixture
def told(house):
    return told_by(house)


@pytest.mark.parametrize(
    "address",
    [FAR, HERE, IPv6Address("TCP", "2001:db8::7", 9), UNIXAddress(None), IPv4Address("TCP", "unknown", 1)],
    ids=["ipv4", "loopback", "ipv6", "unix", "no address"],
)
@pytest.mark.parametrize("kind", [Wire, SecureWire])
def test_the_transport_tells_who_is_there_and_whether_by_tls(house, told, address, kind):
    wire = sends(house, IRC, kind, address)
    transport = told[0].transport

    assert transport.getPeer() == address and transport.getHost() == wire.getHost()
    assert ISSLTransport.providedBy(transport) == (kind is SecureWire)
    assert told[0].data == IRC


def test_the_end_of_what_a_client_sends_comes_after_it(house):
    bob = house.join("bob", LinePerson)
    wire = house.connect(FAR)
    wire.carry(IRC + b"PRIVMSG #lobby :the last\r\n")
    wire.half_close()
    house.settle()

    assert bob.heard("<ann> the last") and bob.heard_of("ann left") and wire.cut


def test_a_door_that_does_not_know_half_a_connection_loses_it(house, told):
    wire = sends(house, IRC)
    wire.half_close()
    house.settle()

    assert wire.cut and [type(one) for one in told[0].reasons] == [ConnectionDone]


def test_a_lost_client_is_told_apart_from_one_that_has_gone(house, told):
    wire = sends(house, IRC)
    wire.vanish()
    house.settle()

    [reason] = told[0].reasons
    assert not isinstance(reason, ConnectionDone) and not house.carried


def test_the_house_closes_only_its_half_after_a_refusal(house):
    wire = house.connect(FAR)
    closed: list[bytes] = []
    wire.loseWriteConnection = lambda: closed.append(bytes(wire.received))
    alsoProvides(wire, ITCPTransport)
    wire.carry(request("/", "POST", content_length="1000000000"))
    house.settle()
    assert len(closed) == 1 and closed[0].startswith(b"HTTP/1.1 413 ") and not wire.cut

    for _ in range(MAX_PASSED_OVER // 1000 + 2):
        wire.carry(b"x" * 1000)
        house.settle()
    assert wire.cut and not house.carried


def test_a_protocol_that_fails_loses_only_its_own_connection():
    house = CarryingHouse()
    told = told_by(house)
    other = sends(house, IRC)
    wire = sends(house, IRC)
    told[1].dataReceived = None
    with failures() as found:
        wire.carry(b"x")
        house.settle()

    assert wire.cut and len(found) == 1 and len(told[1].reasons) == 1
    assert not other.cut and not told[0].reasons


def test_what_is_written_after_closing_goes_nowhere_and_what_was_written_arrives(house, told):
    wire = sends(house, IRC)
    wire.stall()
    transport = told[0].transport
    transport.write(b"x" * (3 * WINDOW))
    transport.loseConnection()
    transport.write(b"y")
    wire.carry(b"ignored")
    house.settle()
    assert transport.disconnecting and not told[0].reasons and told[0].data == IRC

    for _ in range(3):
        wire.take(len(wire.held))
        house.settle()
    assert wire.received == b"x" * (3 * WINDOW) and wire.cut and len(told[0].reasons) == 1


@pytest.mark.parametrize("kind", [Wire, SecureWire])
def test_the_house_can_close_with_tls_and_without(house, told, kind):
    wire = sends(house, IRC, kind)
    told[0].transport.write(b"Goodbye.")
    told[0].transport.loseConnection()
    house.settle()

    assert wire.received == b"Goodbye." and wire.cut and len(told[0].reasons) == 1 and not house.carried


def test_an_aborted_connection_is_lost_in_the_next_turn_and_once(house, told):
    wire = sends(house, IRC)
    transport = told[0].transport
    transport.write(b"too late")
    transport.abortConnection()
    transport.abortConnection()
    assert told[0].reasons == [] and transport.connected

    house.settle()
    assert len(told[0].reasons) == 1 and wire.cut and not transport.connected
    assert not house.carried and not house.clients


# Backpressure.


def test_a_client_that_does_not_read_makes_nothing_grow():
    house = CarryingHouse(rate=0)
    ann, bob = house.join("ann", IrcPerson), house.join("bob", LinePerson)
    ann.wire.stall()
    text = "x" * 1000
    for n in range(400):
        bob.types(f"{n} {text}")
    stream = next(iter(house.clients._open.values())).stream
    assert len(ann.wire.held) < 2 * BUFFER and len(stream._held) + stream._owed <= WINDOW
    assert house.transport.pending < 2 * WINDOW

    for _ in range(20):
        ann.wire.drain()
        house.settle()
    assert ann.talk == [f"<bob> {n} {text}" for n in range(400)]


def test_a_house_that_does_not_read_pauses_the_client(house, told):
    wire = sends(house, IRC)
    told[0].transport.pauseProducing()
    wire.carry(b"x" * (5 * BUFFER))
    house.settle()
    assert wire.producerState == "paused" and len(told[0].transport._held) < 2 * WINDOW
    assert len(wire.unread) >= 3 * BUFFER and told[0].data == IRC

    told[0].transport.resumeProducing()
    house.settle()
    assert told[0].data == IRC + b"x" * (5 * BUFFER) and wire.producerState == "producing"


def test_who_reads_slowly_is_waited_for_and_who_reads_nothing_is_not(house):
    wire = house.connect(FAR)
    wire.stall()
    wire.carry(request("/nothing") * 700)
    for _ in range(20):
        house.advance(READ_TIMEOUT / 4)
        wire.take(1000)
    assert not wire.cut

    house.advance(2 * READ_TIMEOUT)
    assert wire.cut


def test_who_does_not_read_the_end_is_disconnected_by_the_door(house, told):
    wire = sends(house, IRC)
    wire.stall()
    told[0].transport.write(b"x" * 1000)
    told[0].transport.loseConnection()
    house.advance(house.limits.stall - 1)
    assert not wire.cut

    house.advance(2)
    assert wire.cut and not house.clients and len(told[0].reasons) == 1


# The link.


def test_a_lost_link_ends_the_connections_at_both_ends(house, told):
    wires = [sends(house, IRC) for _ in range(3)]
    transport = told[0].transport
    house.loses_link()
    transport.write(b"x")
    transport.abortConnection()
    house.settle()

    assert all(wire.cut for wire in wires) and not house.carried and not house.clients
    assert [len(one.reasons) for one in told] == [1, 1, 1]


def test_who_comes_without_a_link_waits_for_the_next_one(house):
    house.loses_link()
    wire = sends(house, request("/"))
    wire.half_close()
    house.advance(HOUSE_TIMEOUT - 1)
    assert not wire.received and not wire.cut

    house.links_again()
    [answered] = answers(wire)
    assert answered.status == 200 and wire.cut and not house.clients


def test_who_has_waited_for_a_link_is_like_everybody_else(house, told):
    house.loses_link()
    wire = sends(house, IRC)
    house.links_again()
    house.advance(2 * HOUSE_TIMEOUT)

    assert not wire.cut and told[0].data == IRC


def test_nobody_waits_for_ever(house):
    house.loses_link()
    wire, impatient = sends(house, IRC), sends(house, IRC)
    impatient.vanish()
    house.advance(HOUSE_TIMEOUT)

    assert wire.cut and not house.clients


def test_a_number_that_is_in_use_is_not_used_again(house):
    sends(house, IRC)
    [number] = house.clients._open
    house.clients._last = NUMBERS - 1
    sends(house, request("/nothing"))
    house.clients._last = number - 1
    sends(house, request("/nothing"))

    assert sorted(house.clients._open) == [0, number, number + 1] and len(house.carried) == 3


def test_connections_of_one_place_are_counted_in_the_house(house):
    house.connection_limits.max_per_address = 2
    wires = [sends(house, IRC) for _ in range(3)]
    assert [wire.cut for wire in wires] == [False, False, True]
    assert wires[2].received == b"!! Too many connections from your address.\n"

    wires[0].vanish()
    house.settle()
    assert not sends(house, IRC).cut
    assert not sends(house, request("/"), address=HERE).cut


ABOUT = {"door": "irc", "peer": None, "here": None, "tls": False, "halves": False}
BAD = [
    ["carry", 1],
    ["carry", 1, {}],
    ["carry", 1, {**ABOUT, "door": "none"}],
    ["carry", 1, {**ABOUT, "peer": [1]}],
    ["carry", 7, ABOUT],
    ["carried-ack", 7, "1"],
    ["carried-lost", 7],
    ["carried-nothing", 7],
    ["carried-half"],
]


@pytest.mark.parametrize("frame", BAD, ids=str)
def test_what_a_door_may_not_say_is_refused(house, frame):
    house.carried.frame(["carry", 7, ABOUT])

    with pytest.raises(BadFrame):
        house.carried.frame(frame)


def test_what_the_house_may_not_say_is_refused(house):
    sends(house, IRC)
    [number] = house.clients._open

    for frame in (["carried-ack", number], ["carried-lost", number, ""], ["carried-close"]):
        with pytest.raises(BadFrame):
            house.clients.frame(frame)


def test_what_is_said_of_connections_that_have_ended_is_passed_over(house):
    for frame in (["carried-ack", 3, 10], ["carried-close", 3], ["carried-half", 3], ["carried-abort", 3]):
        house.clients.frame(frame)
    for frame in (["carried-ack", 3, 10], ["carried-half", 3], ["carried-lost", 3, ""]):
        house.carried.frame(frame)
    house.clients.data(3, b"x")
    house.carried.data(3, b"x")

    assert not house.clients and not house.carried
