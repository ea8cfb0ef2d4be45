"""Tests of connecting, reconnecting, and giving up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import CancelledError, Deferred, fail
from twisted.internet.error import ConnectionLost, ConnectionRefusedError, DNSLookupError
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IStreamClientEndpoint
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.client.conversation import Conversation
from chatroom.client.net.connection import Connection
from chatroom.client.net.reconnect import (
    FIRST_RETRY_INTERVAL,
    MAX_RETRY_INTERVAL,
    SHUTDOWN_TIMEOUT,
    Reconnector,
    run_until_done,
)
from chatroom.client.ui_port import ConnectionState

from .scripted import Ear, entered, objects, refused, welcome, wire

LET_IN = wire(welcome(), entered(), {"type": "live"})


@implementer(IStreamClientEndpoint)
class Endpoint:
    """Connects to a transport that remembers, or fails, or takes its time."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.waits = False
        self.attempts = 0
        self.connections: list[Connection] = []
        self._finish: Callable[[], None] = lambda: None

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[IProtocol]:
        self.attempts += 1
        if self.error is not None:
            return fail(self.error)
        connecting: Deferred[IProtocol] = Deferred()

        def finish() -> None:
            connection = protocolFactory.buildProtocol(IPv4Address("TCP", "127.0.0.1", 2428))
            assert isinstance(connection, Connection)
            self.connections.append(connection)
            connection.makeConnection(StringTransport())
            connecting.callback(connection)

        self._finish = finish
        if not self.waits:
            finish()
        return connecting

    def finish(self) -> None:
        self._finish()


class Called:
    """Ann, and a reconnector that keeps her connected through `Endpoint`."""

    def __init__(self, patience: float | None = None) -> None:
        self.clock = Clock()
        self.ui = Ear()
        self.ann = Conversation(self.ui, "ann")
        self.endpoint = Endpoint()
        self.reconnector = Reconnector(self.clock, self.endpoint, self.ann, "there:2428", patience, jitter=lambda: 1.0)

    @property
    def connection(self) -> Connection:
        return self.endpoint.connections[-1]

    def let_in(self) -> None:
        self.connection.dataReceived(LET_IN)

    def break_off(self) -> None:
        self.connection.connectionLost(Failure(ConnectionLost()))


@pytest.fixture
def called() -> Called:
    """Ann, let in."""
    called = Called()
    called.reconnector.start()
    called.let_in()
    return called


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ConnectionRefusedError(), "nothing is listening there. Is the server running?"),
        (DNSLookupError(), "there is no host with that name."),
        (OSError("a reason of its own"), "a reason of its own"),
    ],
)
def test_a_first_attempt_that_fails_ends_it_in_one_clear_line(error: Exception, why: str):
    """A wrong address does not get better by trying again."""
    called = Called()
    called.endpoint.error = error
    called.reconnector.start()
    assert called.ui.complaints == [f"!! Cannot reach there:2428: {why}"]
    assert (called.ann.failed, called.ui.ended, called.clock.getDelayedCalls()) == (True, 1, [])


def test_a_first_connection_that_is_closed_at_once_ends_it():
    """Nobody was let in."""
    called = Called()
    called.reconnector.start()
    called.break_off()
    assert called.ui.complaints == ["!! there:2428 closed the connection without an answer."]


def test_a_lost_connection_is_made_again_with_longer_and_longer_waits(called: Called):
    """From half a second to half a minute, for ever."""
    called.break_off()
    called.endpoint.error = ConnectionRefusedError()
    wait = FIRST_RETRY_INTERVAL
    for attempt in range(2, 30):
        called.clock.advance(wait - 0.01)
        assert called.endpoint.attempts == attempt - 1
        called.clock.advance(0.01)
        assert called.endpoint.attempts == attempt
        wait = min(2 * wait, MAX_RETRY_INTERVAL)
    called.endpoint.error = None
    called.clock.advance(MAX_RETRY_INTERVAL)
    called.let_in()
    assert called.ann.state is ConnectionState.LIVE
    called.break_off()
    called.clock.advance(FIRST_RETRY_INTERVAL)
    assert len(called.endpoint.connections) == 3


def test_a_server_that_calls_back_is_reached_at_once_but_not_again_and_again(called: Called):
    """A goodbye that asks for it saves the wait once; a connection that was of no use has to wait."""
    goodbye = wire({"type": "goodbye", "text": "Upgraded.", "again": True})
    called.connection.dataReceived(goodbye)
    called.break_off()
    assert called.endpoint.attempts == 2

    called.connection.dataReceived(goodbye)
    called.break_off()
    assert called.endpoint.attempts == 2
    called.clock.advance(FIRST_RETRY_INTERVAL)
    assert called.endpoint.attempts == 3


def test_the_wait_grows_while_the_server_lets_nobody_in(called: Called):
    """It may take connections, and close them."""
    called.break_off()
    called.clock.advance(FIRST_RETRY_INTERVAL)
    called.break_off()
    called.clock.advance(FIRST_RETRY_INTERVAL)
    assert called.endpoint.attempts == 2
    called.clock.advance(FIRST_RETRY_INTERVAL)
    assert called.endpoint.attempts == 3


def test_the_wait_grows_while_a_line_breaks_each_connection(called: Called):
    """Coming in is no progress; an answer is."""
    called.ann.type("poison")
    wait = FIRST_RETRY_INTERVAL
    for attempt in range(2, 6):
        called.break_off()
        called.clock.advance(wait - 0.01)
        assert called.endpoint.attempts == attempt - 1
        called.clock.advance(0.01)
        assert called.endpoint.attempts == attempt
        called.let_in()
        wait *= 2
    called.connection.dataReceived(wire(refused("too_long", "Too long.", ref="c1")))
    called.break_off()
    called.clock.advance(FIRST_RETRY_INTERVAL)
    assert called.endpoint.attempts == 6


def test_the_wait_is_spread(called: Called):
    """Thousands do not come back at once."""
    called.reconnector._jitter = lambda: 0.0
    called.break_off()
    called.clock.advance(FIRST_RETRY_INTERVAL / 2)
    assert called.endpoint.attempts == 2


def test_a_pipeline_gives_up_when_the_server_stays_away():
    """In one clear line."""
    called = Called(patience=60.0)
    called.reconnector.start()
    called.let_in()
    called.break_off()
    called.endpoint.error = ConnectionRefusedError()
    called.clock.pump([0.5] * 119)
    assert not called.ui.ended
    called.clock.advance(0.5)
    assert called.ui.complaints[-1] == "!! there:2428 could not be reached again within 60 seconds."
    called.clock.advance(60)
    attempts = called.endpoint.attempts
    called.clock.advance(600)
    assert called.endpoint.attempts == attempts


def test_a_server_that_comes_back_in_time_is_not_given_up():
    """And has its full time again when it goes again."""
    called = Called(patience=60.0)
    called.reconnector.start()
    called.let_in()
    for _ in range(2):
        called.break_off()
        called.clock.advance(FIRST_RETRY_INTERVAL)
        called.let_in()
        called.clock.advance(10.0)
        called.connection.dataReceived(b"\n{}\n")
    called.clock.pump([10.0, 10.0])
    called.connection.dataReceived(b"\n{}\n")
    called.clock.pump([10.0] * 2)
    called.connection.dataReceived(b"\n{}\n")
    called.clock.pump([10.0] * 2)
    assert not called.ui.ended


def test_who_has_no_nick_is_not_connected_again_without_one():
    """The server disconnected a person who was still typing."""
    called = Called()
    called.reconnector.start()
    called.connection.dataReceived(wire(refused("nick_taken", "Taken.")))
    called.break_off()
    called.clock.pump([1.0] * 100)
    assert called.endpoint.attempts == 1
    called.ann.type("anna")
    called.clock.advance(1.0)
    assert called.endpoint.attempts == 2
    transport = called.connection.transport
    assert objects(transport.value())[0]["nick"] == "anna"


def test_pausing_lasts_over_reconnections(called: Called):
    """The user interface still accepts no lines."""
    called.reconnector.pauseProducing()
    assert called.connection.transport.producerState == "paused"
    called.break_off()
    called.reconnector.resumeProducing()
    called.reconnector.pauseProducing()
    called.clock.advance(FIRST_RETRY_INTERVAL)
    assert called.connection.transport.producerState == "paused"
    called.reconnector.resumeProducing()
    assert called.connection.transport.producerState == "producing"
    called.reconnector.stopProducing()
    assert called.ann.state is not ConnectionState.ENDED


def test_stopping_waits_for_the_connection_to_close(called: Called):
    """So that the goodbye gets out."""
    called.ann.end()
    stopped = called.reconnector.stop()
    assert not stopped.called
    called.break_off()
    assert stopped.called
    assert called.clock.getDelayedCalls() == []


def test_stopping_between_connections_leaves_nothing_behind():
    """Neither the retry nor the despair."""
    called = Called(patience=60.0)
    called.reconnector.start()
    called.let_in()
    called.break_off()
    called.ann.end()
    assert called.reconnector.stop().called
    assert called.clock.getDelayedCalls() == []


def test_stopping_while_connecting_cancels_it(called: Called):
    """Whatever the endpoint does about it."""
    called.break_off()
    called.endpoint.waits = True
    called.clock.advance(FIRST_RETRY_INTERVAL)
    called.ann.end()
    called.reconnector.stop()
    assert called.clock.getDelayedCalls() == []


def test_a_connection_that_is_made_too_late_is_dropped(called: Called):
    """The person has left meanwhile."""
    called.break_off()
    called.endpoint.waits = True
    called.clock.advance(FIRST_RETRY_INTERVAL)
    called.ann.end()
    called.endpoint.finish()
    assert called.connection.transport.disconnecting


def test_a_cancelled_attempt_is_no_failure(called: Called):
    """It was our wish."""
    called.break_off()
    called.endpoint.error = CancelledError()
    called.clock.advance(FIRST_RETRY_INTERVAL)
    assert called.clock.getDelayedCalls() == []


def test_nothing_is_connected_after_the_end(called: Called):
    """The wait was still running."""
    called.break_off()
    called.ann.end()
    called.clock.advance(FIRST_RETRY_INTERVAL)
    assert called.endpoint.attempts == 1


def test_a_conversation_is_kept_until_whoever_shows_it_is_done():
    """And then the connection is closed."""
    called, running = Called(), Deferred[None]()
    reactor = MemoryReactorClock()
    over = Deferred.fromCoroutine(run_until_done(reactor, reactor, called.reconnector, called.ann, running))
    called.let_in()
    called.ann.end()
    running.callback(None)
    assert not over.called
    called.break_off()
    assert over.called


def test_a_reactor_that_is_stopped_waits_for_the_goodbye():
    """An interrupted conversation has failed."""
    called, running = Called(), Deferred[None]()
    reactor = MemoryReactorClock()
    over = Deferred.fromCoroutine(run_until_done(reactor, reactor, called.reconnector, called.ann, running))
    called.let_in()
    [stopping] = [interrupt() for interrupt, _, _ in reactor.triggers["before"]["shutdown"]]
    assert called.ui.complaints == ["!! Interrupted."]
    assert objects(called.connection.transport.value())[-1] == {"type": "quit"}
    running.callback(None)
    assert not stopping.called
    called.break_off()
    assert stopping.called
    assert over.called
    assert called.ann.failed
    reactor.advance(SHUTDOWN_TIMEOUT)


def test_a_reactor_that_is_stopped_does_not_wait_for_ever():
    """The reader of our output may have stopped."""
    called, running = Called(), Deferred[None]()
    reactor = MemoryReactorClock()
    Deferred.fromCoroutine(run_until_done(reactor, reactor, called.reconnector, called.ann, running))
    called.let_in()
    [stopping] = [interrupt() for interrupt, _, _ in reactor.triggers["before"]["shutdown"]]
    reactor.advance(SHUTDOWN_TIMEOUT)
    assert stopping.called
    running.callback(None)
    called.break_off()
