"""HTTP connections: their shared routes, limits and timeouts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from twisted.internet.interfaces import IReactorTime
from twisted.python.failure import Failure

from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.stall_detector import StallDetector
from chatroom.doors.timeouts import Timeouts
from chatroom.system.quiet_log import QuietLog

from .api.calls import Stream
from .handshake import Upgrade
from .socket_routes import SocketRoutes

REQUEST_TIMEOUT = 20.0
"""Time limit for a whole request, in seconds, from the connection or its first byte."""

IDLE_TIMEOUT = 5.0
"""Seconds between a response and the next request on the same connection."""

READ_TIMEOUT = 60.0
"""Disconnect a client that reads nothing of a response for this many seconds."""

PART_TIMEOUT = 5.0
"""Seconds for the client to receive a refusal before the connection is closed."""


class Connection(Protocol):
    """The part of a connection that these use; see `http.HttpConnection`."""

    transport: Any

    def give_up_on_request(self) -> None:
        """Time out an incomplete request."""

    def close(self) -> None:
        """Close after everything buffered has been written."""

    def abort(self) -> None:
        """Close at once."""


class WebSocket(Protocol):
    """The protocol that takes over after a WebSocket handshake, or for a stream of events."""

    def makeConnection(self, transport: Any) -> object:
        """Begin."""

    def dataReceived(self, data: bytes) -> object:
        """Read data."""

    def readConnectionLost(self) -> object:
        """Handle the end of input."""

    def connectionLost(self, reason: Failure) -> object:
        """Handle the loss of the connection."""


class HttpConnections:
    """
    All HTTP connections.

    :param routes: answers the requests.
    :param limits: counts connections.
    :param admission: queues work of places over their budget.
    :param now: returns the seconds since the epoch.
    :param upgrade: turns a connection into a WebSocket.
    :param streams: turns a connection into a stream of events, after the head of the response; None: there are none.
    """

    def __init__(
        self,
        clock: IReactorTime,
        routes: SocketRoutes,
        limits: ConnectionLimits,
        admission: Admission,
        log: QuietLog,
        now: Callable[[], float],
        upgrade: Callable[[Upgrade], WebSocket],
        streams: Callable[[Stream, bytes], WebSocket] | None = None,
    ) -> None:
        self.routes = routes
        self.limits = limits
        self.admission = admission
        self.log = log
        self.now = now
        self.upgrade = upgrade
        self.streams = streams
        self.all: set[Connection] = set()
        self.requests: Timeouts[Connection] = Timeouts(
            clock, REQUEST_TIMEOUT, lambda connection: connection.give_up_on_request()
        )
        self.idle: Timeouts[Connection] = Timeouts(clock, IDLE_TIMEOUT, lambda connection: connection.close())
        self.stalled: StallDetector[Connection] = StallDetector(
            clock, READ_TIMEOUT, lambda connection: connection.abort()
        )
        self.parting: Timeouts[Connection] = Timeouts(clock, PART_TIMEOUT, lambda connection: connection.abort())

    def close(self) -> None:
        """Close all connections that have not become WebSockets."""
        for connection in list(self.all):
            connection.close()
