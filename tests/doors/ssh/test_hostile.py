"""Any bytes before and after encryption is on: no traceback, bounded memory, and nobody else notices."""

from __future__ import annotations

import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.common import NS
from twisted.internet.address import IPv4Address

from chatroom.doors.ssh import transport
from chatroom.doors.ssh.channel import WINDOW
from chatroom.doors.ssh.transport import MAX_PACKET
from tests.house import House, failures
from tests.ssh_person import SshPerson
from tests.wires import Wire

VERSION = b"SSH-2.0-x\r\n"

MESSAGES = [
    *range(1, 8),
    20,
    21,
    *range(30, 35),
    *range(50, 54),
    *range(60, 67),
    *range(80, 83),
    *range(90, 101),
    192,
    255,
]
"""The numbers of messages (RFC 4250, section 4.1.2), and some that mean nothing."""

STRINGS = st.sampled_from(
    [b"", b"session", b"shell", b"exec", b"env", b"pty-req", b"ssh-userauth", b"none", b"x" * 300]
)
PAYLOADS = st.binary(max_size=40) | st.lists(
    STRINGS.map(NS) | st.integers(0, 2**32 - 1).map(lambda n: struct.pack(">L", n)) | st.binary(max_size=3), max_size=6
).map(b"".join)


def answer_to(house: House, *pieces: bytes) -> Wire:
    wire = house.connect()
    for piece in pieces:
        wire.carry(piece)
        house.settle()
    return wire


def settle(house: House) -> None:
    for _ in range(5):
        house.settle()


def packet(payload: bytes) -> bytes:
    """Frame *payload* as it is before encryption (RFC 4253, section 6)."""
    padding = 12 - (len(payload) + 1) % 8
    return struct.pack(">LB", len(payload) + 1 + padding, padding) + payload + bytes(padding)


@settings(max_examples=150)
@given(st.binary(max_size=300), st.sampled_from([VERSION, b"SSH-", b"SSH-1.99-x\n", b"SSH-2.0-" + b"y" * 300]))
def test_any_bytes_before_encryption(rest: bytes, begin: bytes) -> None:
    with failures() as broken:
        house = House(rate=0)
        bob = house.join("bob")
        answer_to(house, begin, rest)
        settle(house)
        bob.types("/time")
        assert bob.heard_of("2026-01-02")
    assert not broken, broken[0]


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(MESSAGES), PAYLOADS), max_size=4))
def test_any_packets_before_encryption(packets: list[tuple[int, bytes]]) -> None:
    with failures() as broken:
        house = House(rate=0)
        answer_to(house, VERSION, *(packet(bytes([number]) + payload) for number, payload in packets))
        settle(house)
        assert not house.hub.core.people
    assert not broken, broken[0]


@pytest.mark.slow
@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(MESSAGES), PAYLOADS), max_size=6), st.booleans())
def test_any_packets_once_it_is_on(packets: list[tuple[int, bytes]], inside: bool) -> None:
    """With a session, or before one has logged in."""
    with failures() as broken:
        house = House(rate=0)
        bob = house.join("bob")
        person = SshPerson(house)
        person.joins("ann")
        if not inside:
            # As if nobody had logged in.
            [session] = [one for one in house.hub.sessions if one.door == "ssh"]
            session.hang_up("", "", ended=True)
            settle(house)
        for number, payload in packets:
            if not person.gone:
                person.client.sendPacket(number, payload)
                settle(house)
        bob.types("/time")
        assert bob.heard_of("2026-01-02")
        house.advance(100)
    assert not broken, broken[0]


@pytest.fixture
def house():
    with failures() as broken:
        yield House(rate=0)
    assert not broken, broken[0]


@pytest.fixture
def ann(house) -> SshPerson:
    ann = SshPerson(house)
    ann.joins("ann")
    return ann


@pytest.mark.parametrize(
    ("pieces", "why"),
    [
        ([b"SSH-2.0-" + b"y" * 5000], b"No version"),
        ([VERSION, struct.pack(">LB", 2**31, 4) + bytes(20)], b"bad packet length"),
        ([VERSION, struct.pack(">LB", 2**20, 4), bytes(2 * MAX_PACKET)], b"That packet is too long."),
        ([VERSION, packet(bytes([94]) + bytes(8))], b"could not be read"),
        ([VERSION, packet(bytes([5]) + NS(b"ssh-userauth"))], b"could not be read"),
        ([VERSION, packet(bytes([30]) + bytes(40))], b"could not be read"),
    ],
)
def test_what_is_no_ssh_is_told_so_and_let_go(house, pieces, why):
    wire = answer_to(house, *pieces)

    assert why in wire.received
    house.advance(10)
    assert wire.cut


def test_what_is_not_finished_has_a_bound(house):
    wire = answer_to(house, VERSION, struct.pack(">LB", 2**17, 4))
    for _ in range(MAX_PACKET // 2**12):
        assert b"too long" not in wire.received
        wire.carry(bytes(2**12))
        house.settle()
    house.advance(10)

    assert b"too long" in wire.received and wire.cut


@pytest.mark.parametrize(
    "kind", [b"direct-tcpip", b"x11", b"tun@openssh.com", b"auth-agent@openssh.com", b"", b"\xff" * 300]
)
def test_only_sessions_are_opened(house, ann, kind):
    channel = SSHChannel(2**21, 2**15)
    channel.name = kind
    refused = []
    channel.openFailed = refused.append
    ann.channel.conn.openChannel(channel, bytes(20))
    ann.waits()
    ann.types("/time")

    assert [error.value for error in refused] == [b"Only sessions are opened here."]

    assert ann.heard_of("2026-01-02")


def test_one_connection_has_ten_sessions_at_most(house, ann):
    others = [ann.opens_another() for _ in range(12)]

    assert [bool(other.lines) for other in others] == [True] * 9 + [False] * 3


def test_forwarding_is_refused_and_keepalives_are_answered(house, ann):
    for name in (b"tcpip-forward", b"keepalive@openssh.com", b"no-more-sessions@openssh.com"):
        refused = []
        ann.channel.conn.sendGlobalRequest(name, bytes(8), wantReply=1).addErrback(refused.append)
        ann.waits()
        assert len(refused) == 1
    ann.types("/time")

    assert ann.heard_of("2026-01-02")


def test_more_than_the_window_ends_the_connection(house, ann):
    data = b"x" * (WINDOW + 1)
    ann.client.sendPacket(94, struct.pack(">L", 0) + NS(data[: WINDOW // 2]))
    ann.client.sendPacket(94, struct.pack(">L", 0) + NS(data))
    ann.waits()
    house.advance(10)

    assert ann.gone


def test_a_client_without_a_window_gets_everything_once_it_has_one(house, ann):
    """Nothing is lost, and what waits for it is bounded."""
    bob = house.join("bob")
    [channel] = sessions_of(house)
    channel.remoteWindowLeft = 0
    bob.types(*(f"{n} {'x' * 1000}" for n in range(300)))
    assert len(channel.dataBuffer) < 2**17

    ann.forget()
    for _ in range(200):
        channel.addWindowBytes(4096)
        ann.waits()
    assert [line.split()[1] for line in ann.talk] == [str(n) for n in range(300)]


def sessions_of(house: House):
    return [session.outlet._transport for session in house.hub.sessions if session.door == "ssh"]


def test_a_client_that_never_stops_exchanging_keys_pays_for_it():
    house = House(rate=5, burst=5)
    ann = SshPerson(house, IPv4Address("TCP", "198.51.100.7", 50_000))
    ann.joins("ann")
    done = 0
    for _ in range(50):
        if ann.client._keyExchangeState == ann.client._KEY_EXCHANGE_NONE:
            ann.client.sendKexInit()
            done += 1
        ann.waits()

    assert done < 30
    house.advance(60)
    assert ann.client._keyExchangeState == ann.client._KEY_EXCHANGE_NONE


def test_the_keys_are_exchanged_again_after_very_many_bytes(house, ann, monkeypatch):
    monkeypatch.setattr(transport, "REKEY_BYTES", 20_000)
    bob = house.join("bob")
    ann.forget()
    for n in range(60):
        bob.types(f"{n} {'x' * 1000}")
        ann.waits()

    assert [line.split()[1] for line in ann.talk] == [str(n) for n in range(60)]
    assert ann.wire.received.count(b"mlkem768x25519-sha256") == 1
