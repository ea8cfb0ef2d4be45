"""HTTP connections: what all of them share, such as routes, limits and timeouts."""

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

from .handshake import Upgrade
from .routes import Routes

REQUEST_TIMEOUT = 20.0
"""Seconds that a whole request may take, from the connection or its own first byte."""

IDLE_TIMEOUT = 5.0
"""Seconds between a response and the next request on the same connection."""

READ_TIMEOUT = 60.0
"""Seconds after which someone who takes nothing at all of a response is hung up on."""

PART_TIMEOUT = 5.0
"""Seconds that the other end may take to see that it was refused."""


class Connection(Protocol):
    """What these need to know of one connection; `http.HttpConnection` is one."""

    transport: Any

    def give_up_on_request(self) -> None:
        """The next request has not come in time, or not all of it."""

    def close(self) -> None:
        """Close, when all that is held for the other end has been written out."""

    def abort(self) -> None:
        """Close at once."""


class WebSocket(Protocol):
    """What a connection becomes after its handshake."""

    def makeConnection(self, transport: Any) -> object:
        """Begin."""

    def dataReceived(self, data: bytes) -> object:
        """Read what has come."""

    def readConnectionLost(self) -> object:
        """The other end has sent all it will."""

    def connectionLost(self, reason: Failure) -> object:
        """The connection is gone."""


class HttpConnections:
    """
    All HTTP connections.

    :param routes: answers the requests.
    :param limits: counts who connects.
    :param admission: where those wait who ask for too much.
    :param now: tells the seconds since the epoch.
    :param upgrade: goes on with a connection as a WebSocket.
    """

    def __init__(
        self,
        clock: IReactorTime,
        routes: Routes,
        limits: ConnectionLimits,
        admission: Admission,
        log: QuietLog,
        now: Callable[[], float],
        upgrade: Callable[[Upgrade], WebSocket],
    ) -> None:
        self.routes = routes
        self.limits = limits
        self.admission = admission
        self.log = log
        self.now = now
        self.upgrade = upgrade
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
