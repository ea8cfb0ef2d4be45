"""Clients that wait for the server first: they are greeted as people, and then turn out to be IRC or SSH."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address

from chatroom.doors.front.front_door import SILENCE_TIMEOUT
from tests.doors.irc.raw import Irc
from tests.house import House, LinePerson, failures
from tests.wires import SecureWire, Wire

GREETING = b"-- Welcome to chatroom 1.2. What is your nick?\n"
IRC = [b"CAP LS 302\r\n", b"NICK ann\r\n", b"USER ann 0 * :Ann\r\n", b"PASS secret\r\n", b"AUTHENTICATE PLAIN\r\n"]
SSH = b"SSH-2.0-OpenSSH_9.6\r\n"
KINDS = {"plain": Wire, "tls": SecureWire}


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


@pytest.fixture(params=KINDS)
def wire(house, request):
    """A connection that has been greeted."""
    wire = house.connect(kind=KINDS[request.param])
    house.advance(1)
    assert wire.received == GREETING and len(house.text.connected) == 1
    return wire


def says(house, wire, data, size=1000):
    for at in range(0, len(data), size):
        wire.carry(data[at : at + size])
        house.settle()


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("opening", IRC, ids=lambda opening: opening.split()[0].decode())
def test_an_irc_client_that_was_greeted_is_an_irc_client_all_the_same(house, wire, opening, size):
    says(house, wire, opening + b"NICK bob\r\nUSER b 0 * :B\r\nCAP END\r\n", size)

    assert b":chatroom 001 bob " in wire.received and wire.received.startswith(GREETING + b":chatroom ")
    assert not house.text.connected and len(house.irc.connected) == 1 and list(house.hub.core.nicks) == ["bob"]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_an_ssh_client_that_was_greeted_is_answered_with_the_servers_version(house, wire, size):
    says(house, wire, SSH, size)

    assert wire.received.startswith(GREETING + b"SSH-2.0-chatroom\r\n") and not wire.cut
    assert not house.text.connected and len(house.ssh.unfinished) == 1


def test_the_greeting_may_come_between_the_bytes(house):
    wire = house.connect()
    for piece, silence in ((b"NI", SILENCE_TIMEOUT), (b"CK", 1), (b" ann\r\nUSER a 0 * :A\r\n", 0)):
        wire.carry(piece)
        house.advance(silence)

    assert wire.received.startswith(GREETING + b":chatroom 001 ann ")


@pytest.mark.parametrize("opening", [SSH, IRC[1]])
def test_nothing_is_left_of_the_door_that_greeted(house, wire, opening):
    other = house.connect(kind=type(wire))
    says(house, other, opening)
    timers = len(house.clock.getDelayedCalls())

    says(house, wire, opening)

    assert not house.text.connected and not house.text.nameless and not house.text.stalled
    assert len(house.hub._sessions) == len(house.irc.connected) == (2 if opening.startswith(b"NICK") else 0)
    # The silence of a door is one timer, however many wait; that of the text door has ended.
    assert len(house.clock.getDelayedCalls()) == timers - 1
    assert wire.producer is not None

    for one in (wire, other):
        one.vanish()
    house.settle()
    assert not house.clock.getDelayedCalls() and not house.hub._sessions
    assert not house.irc.connected and not house.ssh.unfinished


def test_a_connection_counts_once_whatever_it_turns_out_to_be():
    house = House(max_per_address=1)
    there = IPv4Address("TCP", "203.0.113.5", 40_000)
    wire = house.connect(there)
    house.advance(1)
    says(house, wire, IRC[1])
    assert b"Too many" in house.connect(there).received

    wire.vanish()
    house.settle()
    assert b"Too many" not in house.connect(there).received


def test_the_time_for_a_nick_begins_anew(house, wire):
    house.advance(58)
    says(house, wire, b"NICK ann\r\n")
    house.advance(58)
    assert not wire.cut

    house.advance(3)
    assert wire.cut and not house.hub._sessions


@pytest.mark.parametrize("typed", [b"nick ann\n", b"Nick ann\r\n", b"user ann 0 * :Ann\n", b"cap ls\n"])
@pytest.mark.parametrize("size", [1, 1000])
def test_a_person_who_types_a_word_of_irc_in_small_letters_is_told_what_a_nick_is(house, wire, typed, size):
    says(house, wire, typed, size)
    assert wire.received == GREETING + b"!! A nick cannot contain spaces.\n"

    says(house, wire, b"ann\n")
    assert b"-- Welcome, ann." in wire.received and len(house.text.connected) == 1


@pytest.mark.parametrize("nick", ["Nora", "NICK", "NICKname", "SSH", "USER", "CAPtain", "PASS", "N", "AUTHENTICAT"])
@pytest.mark.parametrize("size", [1, 1000])
def test_nicks_that_begin_so_are_nicks(house, wire, nick, size):
    says(house, wire, f"{nick}\n".encode(), size)

    assert f"-- Welcome, {nick}.".encode() in wire.received and len(house.text.connected) == 1


@pytest.mark.parametrize("first", [b"\n", b"\xff\xf1", b"a nick\n", b" "])
@pytest.mark.parametrize("opening", [SSH, b"NICK ann\r\n"])
def test_only_the_first_bytes_count(house, wire, first, opening):
    says(house, wire, first + opening)

    assert len(house.text.connected) == 1 and not house.irc.connected and not house.ssh.unfinished


@pytest.mark.parametrize(
    "opening", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b'{"type":"hello","nick":"ann"}\n', b"\x16\x03\x01"]
)
def test_clients_that_would_choke_on_a_greeting_stay_where_they_are(house, wire, opening):
    says(house, wire, opening)

    assert len(house.text.connected) == 1


def test_a_person_with_a_nick_says_what_they_like():
    house = House()
    ann, bob = house.join("ann"), house.join("bob")
    ann.types("NICK ann", "SSH-2.0-x")

    assert bob.talk == ["<ann> NICK ann", "<ann> SSH-2.0-x"]


@pytest.mark.parametrize("rest", [b"NICK", b"SSH"])
def test_what_was_waited_on_is_the_nick_of_whoever_ends_there(house, wire, rest):
    """``printf NICK | nc -N``, on a slow day; over TLS, what has no end may have been cut off."""
    says(house, wire, rest)
    wire.half_close()
    house.settle()

    assert wire.cut and b"-- Welcome, " + rest in wire.received


def test_who_gives_no_nick_is_told_so_even_with_half_a_word_of_irc(house, wire):
    says(house, wire, b"NICK")
    house.advance(60)

    assert wire.cut and b"You gave no nick" in wire.received and not house.hub._sessions


def test_a_connection_that_is_being_closed_is_handed_to_nobody(house):
    wire = house.connect()
    house.advance(1)
    wire.stall()
    house.advance(60)
    assert wire.disconnecting and not wire.cut

    wire.protocol.dataReceived(b"NICK ann\r\n")
    assert not house.irc.connected
    wire.drain()
    house.settle()
    assert wire.cut and not house.hub._sessions


def test_irc_goes_on_as_ever(house):
    ann = Irc(house)
    house.advance(1)
    bob = LinePerson(house)
    bob.joins("bob")
    ann.says("NICK ann", "USER ann 0 * :Ann", "JOIN #lobby")
    bob.types("hello")

    assert ann.new()[-1].params == ("#lobby", "hello")


def test_where_tls_is_required_a_silent_client_is_told_that():
    house = House(tls_only=True)
    wire = house.connect()
    house.clock.advance(SILENCE_TIMEOUT)
    house.clock.advance(0)
    assert wire.received.startswith(b"!! Only TLS is accepted here")
    wire.protocol.dataReceived(SSH)
    assert not house.ssh.unfinished
