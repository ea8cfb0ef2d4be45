"""What a client may have of the server: time, sessions that have not begun, packets, answers that it does not read."""

from __future__ import annotations

import struct

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.connection import (
    MSG_CHANNEL_DATA,
    MSG_CHANNEL_OPEN,
    MSG_CHANNEL_OPEN_CONFIRMATION,
    MSG_CHANNEL_OPEN_FAILURE,
    MSG_CHANNEL_REQUEST,
    MSG_GLOBAL_REQUEST,
)
from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.service import SSHService
from twisted.conch.ssh.transport import MSG_EXT_INFO, MSG_SERVICE_REQUEST
from twisted.conch.ssh.userauth import MSG_USERAUTH_FAILURE, MSG_USERAUTH_REQUEST
from twisted.internet.address import IPv4Address

from chatroom.doors.factory import NAME_TIMEOUT
from chatroom.doors.ssh import transport
from chatroom.doors.ssh.channel import WINDOW
from chatroom.doors.ssh.connection import LEAST_PACKET
from chatroom.doors.ssh.userauth import SIGNATURE_LINES
from tests.house import House
from tests.ssh_person import SshClient, SshPerson, _Login
from tests.wires import BUFFER

FAR = IPv4Address("TCP", "198.51.100.7", 50_000)


class Heard(SSHService):
    """A service whose packets are only noted: number and payload."""

    def __init__(self, name: bytes, heard: list[tuple[int, bytes]]) -> None:
        self.name, self.heard = name, heard

    def packetReceived(self, messageNum: int, packet: bytes) -> None:
        self.heard.append((messageNum, packet))


class Raw(SshClient):
    """
    A client that sends packets as the test says.

    :param inside: whether it comes in first, as a guest.
    """

    def __init__(self, house: House, *, inside: bool = True, address: object = FAR) -> None:
        self.heard: list[tuple[int, bytes]] = []
        self._inside = inside
        super().__init__(SshPerson(house, address), "raw")
        self.person.waits()

    def connectionSecure(self) -> None:
        connection = Heard(b"ssh-connection", self.heard)
        self.requestService(_Login(b"raw", connection) if self._inside else Heard(b"ssh-userauth", self.heard))

    def sends(self, number: int, payload: bytes) -> list[tuple[int, bytes]]:
        """Send a packet, and return what is answered."""
        self.heard.clear()
        self.sendPacket(number, payload)
        self.person.waits()
        return list(self.heard)

    def opens(self, max_packet: int = 2**15) -> int:
        """Open a channel; return the number of the answer."""
        [(number, _)] = self.sends(MSG_CHANNEL_OPEN, NS(b"session") + struct.pack(">3L", 0, 2**20, max_packet))
        return number

    def asks(self, what: bytes, more: bytes = b"") -> None:
        self.sends(MSG_CHANNEL_REQUEST, struct.pack(">L", 0) + NS(what) + b"\0" + more)


def test_a_service_that_is_asked_for_again_does_not_forget_wrong_passwords(house, ann):
    raw = Raw(house, inside=False)
    guess = NS(b"ann") + NS(b"ssh-connection") + NS(b"password") + b"\0" + NS(b"wrong")
    assert [number for number, _ in raw.sends(MSG_USERAUTH_REQUEST, guess)] == [MSG_USERAUTH_FAILURE]

    raw.sends(MSG_SERVICE_REQUEST, NS(b"ssh-userauth"))
    assert raw.refused == [b"don't have service ssh-userauth"]


def test_a_channel_in_which_nothing_runs_is_not_a_session(house):
    raw = Raw(house)
    raw.opens()
    house.advance(NAME_TIMEOUT + 10)

    assert raw.person.gone


def test_a_session_that_has_ended_is_none(house):
    """Its client need not close the channel."""
    raw = Raw(house)
    raw.opens()
    raw.asks(b"exec", NS(b"rooms"))
    house.advance(NAME_TIMEOUT - 10)
    assert not raw.person.gone

    house.advance(20)
    assert raw.person.gone


def test_a_session_may_last(house):
    raw = Raw(house)
    raw.opens()
    raw.asks(b"shell")
    house.advance(10 * NAME_TIMEOUT)

    assert not raw.person.gone and len(house.hub.sessions) == 1


@pytest.mark.parametrize("size", [0, 1, LEAST_PACKET - 1])
def test_no_line_is_sent_in_a_thousand_packets(house, size):
    raw = Raw(house)

    assert raw.opens(size) == MSG_CHANNEL_OPEN_FAILURE
    assert raw.opens(LEAST_PACKET) == MSG_CHANNEL_OPEN_CONFIRMATION


def test_signatures_are_paid_for():
    house = House(rate=5, burst=5)
    raw = Raw(house, inside=False)
    key = Key(ed25519.Ed25519PrivateKey.generate())
    request = NS(b"raw") + NS(b"ssh-connection") + NS(b"publickey")
    place = house.hub.core.budgets.place(FAR.host).lines
    before = place.level
    for _ in range(5):
        signed = request + b"\1" + NS(key.sshType()) + NS(key.public().blob()) + NS(key.sign(b"something else"))
        assert [number for number, _ in raw.sends(MSG_USERAUTH_REQUEST, signed)] == [MSG_USERAUTH_FAILURE]

    assert before - place.level >= 5 * SIGNATURE_LINES


@pytest.mark.parametrize("data", [b"", b"x"])
def test_data_that_nothing_reads_is_paid_for(data):
    house = House(rate=5, burst=5)
    raw = Raw(house)
    raw.opens()
    place = house.hub.core.budgets.place(FAR.host).lines
    before = place.level
    for _ in range(10 * transport.BARREN):
        raw.sendPacket(MSG_CHANNEL_DATA, struct.pack(">L", 0) + NS(data))
    raw.person.waits()

    assert before - place.level >= 9 * transport.BARREN_LINES
    assert len(data) * 10 * transport.BARREN < WINDOW


def test_extensions_are_not_looked_at(house):
    """A packet may be full of them, and costs no more than another."""
    raw = Raw(house)
    raw.opens()
    raw.asks(b"shell")
    raw.sends(MSG_EXT_INFO, struct.pack(">L", 1) + NS(b"x") + NS(b"y"))

    [session] = house.hub.sessions
    assert not session.outlet._transport.conn.transport.peerExtensions


def test_who_reads_slowly_is_not_who_reads_nothing(house):
    """The socket of a slow client is full again as soon as there is room, whenever a packet comes."""
    raw = Raw(house)
    raw.opens()
    raw.asks(b"shell")
    [session] = house.hub.sessions
    server = session.outlet._transport.conn.transport
    for _ in range(2 * transport.MAX_UNREAD):
        server.fill(False)
        server.fill(True)
        raw.sendPacket(MSG_GLOBAL_REQUEST, NS(b"x") + b"\0")
        house.settle()

    assert not raw.person.gone and not raw.refused


def test_answers_that_are_not_read_do_not_pile_up(house):
    raw = Raw(house)
    wire = raw.person.wire
    wire.stall()
    for _ in range(BUFFER // 50 + 2 * transport.MAX_UNREAD):
        raw.sendPacket(MSG_GLOBAL_REQUEST, NS(b"x") + b"\1")
    for _ in range(200):
        raw.person.waits()
    held = len(wire.held)
    house.advance(10)

    assert held < 2 * BUFFER + 100 * transport.MAX_UNREAD and wire.cut
