"""Tests of one connection: bytes, and the watch on silence."""

from __future__ import annotations

import pytest
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from chatroom.client.conversation import Conversation
from chatroom.client.net.connection import CLOSE_TIMEOUT, PING_INTERVAL, PONG_TIMEOUT, Connection
from chatroom.client.ui_port import ConnectionState

from .scripted import CLOCK, Ear, entered, event, objects, said, welcome, wire

LET_IN = wire(welcome(), entered(), {"type": "live"})


class Joined:
    """Ann, with a connection over a transport that remembers."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.ui = Ear()
        self.ann = Conversation(self.ui, "ann")
        self.losses = 0
        self.connection = Connection(self.ann, self.clock, self._lost)
        self.transport = StringTransport()
        self.connection.makeConnection(self.transport)

    def _lost(self) -> None:
        self.losses += 1

    def heard(self) -> list[dict[str, object]]:
        data = self.transport.value()
        self.transport.clear()
        return objects(data)

    def break_off(self) -> None:
        self.connection.connectionLost(Failure(ConnectionLost()))


@pytest.fixture
def joined() -> Joined:
    """Ann, just connected."""
    return Joined()


def test_a_connection_says_hello_and_carries_objects(joined: Joined):
    """In any split of the bytes."""
    assert joined.heard() == [{"type": "hello", "nick": "ann"}]
    for byte in LET_IN + wire(said(11, "bob", "grüezi")):
        joined.connection.dataReceived(bytes([byte]))
    assert joined.ui.lines[-1] == f"{CLOCK} <bob> grüezi"
    joined.ann.type("hello")
    assert joined.heard()[0]["text"] == "hello"


def test_what_comes_in_one_piece_is_shown_together(joined: Joined):
    """Many who come at once are one line."""
    joined.connection.dataReceived(LET_IN)
    joined.connection.dataReceived(wire(event("joined", 11, "carol"), event("joined", 12, "dave")))
    assert joined.ui.lines[-1] == f"{CLOCK} -- carol and dave joined #lobby"


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9.6\r\n", b"[]\n", b"\xff\n", b"[" * 100_000 + b"\n", b"x" * (2**20 + 1)]
)
def test_what_is_no_chatroom_server_is_told_apart(joined: Joined, answer: bytes):
    """In one clear line."""
    joined.connection.dataReceived(answer)
    assert joined.ui.complaints == ["!! That is not a chatroom server."]
    assert joined.ui.ended == 1
    assert joined.transport.disconnecting


def test_nonsense_from_a_server_that_is_one_only_costs_the_connection(joined: Joined):
    """It is tried again."""
    joined.connection.dataReceived(LET_IN + b"nonsense\n")
    assert joined.transport.disconnected
    assert not joined.ui.ended


def test_a_server_that_does_not_answer_the_hello_is_given_up(joined: Joined):
    """Something else may listen there, and wait."""
    joined.clock.advance(PONG_TIMEOUT)
    assert joined.transport.disconnected


def test_a_silent_server_is_asked_whether_it_is_there(joined: Joined):
    """Any byte will do for an answer."""
    joined.connection.dataReceived(LET_IN)
    joined.heard()
    joined.clock.advance(PING_INTERVAL)
    assert joined.heard() == [{"type": "ping"}]
    joined.connection.dataReceived(b"{")
    joined.clock.advance(PING_INTERVAL)
    joined.clock.advance(PONG_TIMEOUT - 0.1)
    assert not joined.transport.disconnected
    joined.clock.advance(0.1)
    assert joined.transport.disconnected


def test_a_link_that_is_paused_does_not_mind_the_silence(joined: Joined):
    """It is ours."""
    joined.connection.dataReceived(LET_IN)
    joined.connection.pause()
    assert joined.transport.producerState == "paused"
    joined.clock.advance(10 * PING_INTERVAL)
    assert not joined.transport.disconnected
    joined.connection.resume()
    assert joined.transport.producerState == "producing"
    joined.clock.advance(PING_INTERVAL)
    joined.clock.advance(PONG_TIMEOUT)
    assert joined.transport.disconnected


def test_hanging_up_lets_the_last_bytes_out_for_a_moment_only(joined: Joined):
    """A server that reads nothing cannot keep us."""
    joined.connection.dataReceived(LET_IN)
    joined.ann.end()
    assert joined.heard()[-1] == {"type": "quit"}
    assert joined.transport.disconnecting
    assert not joined.transport.disconnected
    joined.connection.pause()
    joined.clock.advance(CLOSE_TIMEOUT)
    assert joined.transport.disconnected


def test_a_lost_connection_is_told_and_leaves_no_timer(joined: Joined):
    """To the conversation first."""
    joined.connection.dataReceived(LET_IN)
    joined.break_off()
    assert joined.ann.state is ConnectionState.OFFLINE
    assert joined.losses == 1
    assert joined.clock.getDelayedCalls() == []
