"""The WebSocket door: JSON in text messages, from browsers and other clients of RFC 6455."""

from __future__ import annotations

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Protocol
from wsproto.events import CloseConnection
from wsproto.frame_protocol import CloseReason

from chatroom.dialects.json.websocket import WebSocketJsonDialect
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import DoorFactory
from chatroom.doors.house import House

from .handshake import Upgrade
from .websocket_wire import WebSockets, WebSocketWire


class WebSocketDoor(WebSocketWire, Protocol):
    """A WebSocket connection whose messages contain JSON objects, one or several each."""

    factory: WebSocketFactory

    def __init__(self, factory: WebSocketFactory, upgrade: Upgrade) -> None:
        super().__init__(factory, factory.sockets, upgrade)

    def _read_line(self, line: bytes) -> None:
        self._run(self._outlet.dialect.decode(line, bool(self._session.person.nick)))

    def call_back(self) -> None:
        """Close so that the client comes back at once (1012, in the registry of RFC 6455, section 11.7)."""
        self._why = CloseConnection(CloseReason.SERVICE_RESTART)
        super().call_back()


class WebSocketFactory(DoorFactory):
    """
    Builds doors for WebSockets, and holds what they share.

    :param limits: counts clients of proxies; all others are already counted.
    """

    resumes = True

    def __init__(self, hub: House, clock: IReactorTime, limits: ConnectionLimits) -> None:
        dialect = WebSocketJsonDialect(hub.core.limits.ref)
        super().__init__(hub, clock, (dialect, dialect))
        # As long as a JSON line.
        self.sockets = WebSockets(clock, limits, 4 * hub.core.limits.line)
        self.limits = limits
