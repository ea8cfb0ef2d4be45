"""One connection to the server: bytes to objects and back, and a heartbeat."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IReactorTime, ITCPTransport
from twisted.protocols.basic import LineOnlyReceiver
from twisted.python.failure import Failure

from ..conversation import Conversation
from ..wire import encode

PING_INTERVAL = 30.0
"""Seconds without a byte from the server before it is sent a ping."""
PONG_TIMEOUT = 15.0
"""Seconds that the server has to answer a ping, or the hello."""
CLOSE_TIMEOUT = 2.0
"""Seconds that the last bytes have to be sent after we hang up."""


class Connection(LineOnlyReceiver):
    """
    Carries a `Conversation` over one connection.

    :param clock: for the heartbeat.
    :param lost: called when the connection is lost, after the conversation has been told.
    """

    delimiter = b"\n"
    MAX_LENGTH = 2**20
    transport: Any

    def __init__(
        self,
        conversation: Conversation,
        clock: IReactorTime,
        lost: Callable[[], object] = lambda: None,
    ) -> None:
        self._conversation = conversation
        self._clock = clock
        self._lost = lost
        self._watch: IDelayedCall | None = None
        self._asked = False
        self._dropped = False

    # What the conversation calls.

    def send(self, values: Mapping[str, Any]) -> None:
        """Send one object."""
        self.transport.write(encode(values) + b"\n")

    def drop(self) -> None:
        """Close the connection, after a moment for what is still being sent."""
        self._wait(CLOSE_TIMEOUT, asked=True)
        self._dropped = True
        self.transport.loseConnection()

    # What the transport calls.

    def connectionMade(self) -> None:
        """Say hello."""
        if ITCPTransport.providedBy(self.transport):
            self.transport.setTcpNoDelay(True)
        self._wait(PONG_TIMEOUT, asked=True)
        self._conversation.connected(self)

    def dataReceived(self, data: bytes) -> None:
        """Handle input; any byte shows that the server is alive."""
        self._wait(PING_INTERVAL, asked=False)
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        self._conversation.flush()

    def lineReceived(self, line: bytes) -> None:
        """Handle one object."""
        try:
            values = json.loads(line.decode())
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            self._conversation.receive(values)
        else:
            self._not_ours()

    def lineLengthExceeded(self, line: bytes) -> None:
        """Hang up: no chatroom server sends such a line."""
        self._not_ours()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Notify the conversation."""
        self._stop_watching()
        self._conversation.lost()
        self._lost()

    # Backpressure from the user interface.

    def pause(self) -> None:
        """Stop reading for now, and don't mistake that silence for the server's."""
        if self._dropped:
            return
        self._stop_watching()
        self.transport.pauseProducing()

    def resume(self) -> None:
        """Read on."""
        self._wait(PING_INTERVAL, asked=False)
        self.transport.resumeProducing()

    def _not_ours(self) -> None:
        if not self._conversation.greeted:
            self._conversation.fail("That is not a chatroom server.")
        self.transport.abortConnection()

    def _wait(self, seconds: float, *, asked: bool) -> None:
        if self._dropped:
            return
        self._asked = asked
        if self._watch is None:
            self._watch = self._clock.callLater(seconds, self._silent)
        else:
            self._watch.reset(seconds)

    def _silent(self) -> None:
        self._watch = None
        if self._asked:
            self.transport.abortConnection()
        else:
            self._wait(PONG_TIMEOUT, asked=True)
            self.send({"type": "ping"})

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
