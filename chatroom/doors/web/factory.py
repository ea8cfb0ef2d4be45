"""The web door's factories: HTTP, and the chat over the WebSockets that requests open."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Protocol

from chatroom.chat.hub import Hub
from chatroom.doors.admission import Admission
from chatroom.doors.closed import TOO_MANY
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.house import House

from .api.stream import StreamFactory
from .exchange import Exchange
from .handshake import Upgrade
from .http import HttpConnection
from .http_connections import HttpConnections, WebSocket
from .https_redirect import HttpsRedirectFactory
from .responses import text_response
from .routes import Routes
from .socket_routes import SocketRoutes
from .static import Page
from .websocket import WebSocketDoor, WebSocketFactory

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "QUERY")
"""The methods of requests (RFC 9110, section 9, and the newer QUERY), including refused ones."""


class HttpFactory(WebSocketFactory):
    """
    Builds doors for connections that begin with HTTP.

    :param routes: answers the requests.
    :param limits: counts connections.
    :param admission: queues work of places over their budget.
    """

    name = "web"
    openings = tuple(f"{method} ".encode() for method in METHODS)
    alpn = (b"http/1.1",)
    crowded = Exchange().respond(text_response(429, TOO_MANY, last=True))
    routes: SocketRoutes

    def __init__(
        self, hub: House, clock: IReactorTime, routes: SocketRoutes, limits: ConnectionLimits, admission: Admission
    ) -> None:
        super().__init__(hub, clock, limits)
        self.http = HttpConnections(clock, routes, limits, admission, self.log, hub.core.runtime.now, self.upgrade)

    def upgrade(self, upgrade: Upgrade) -> WebSocket:
        """Build the door for an upgraded connection."""
        return WebSocketDoor(self, upgrade)

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Build the protocol for one connection, which begins with HTTP."""
        return HttpConnection(self.http)

    def without_tls(self) -> HttpsRedirectFactory:
        """Build the door that sends browsers to the same address with https."""
        return HttpsRedirectFactory(self.clock, self.limits, self.buildProtocol)

    def all_gone(self) -> Deferred[None]:
        """Close the HTTP connections, and wait until all WebSockets are closed."""
        self.http.close()
        return super().all_gone()


class WebFactory(HttpFactory):
    """
    Builds doors for browsers and scripts.

    :param pages: the files to serve, by path.
    :param note_browser: called with the addresses of browsers.
    """

    routes: Routes

    def __init__(
        self,
        hub: Hub,
        clock: IReactorTime,
        pages: Mapping[str, Page],
        limits: ConnectionLimits,
        admission: Admission,
        note_browser: Callable[[str], object],
    ) -> None:
        self._doors: Mapping[str, Callable[[Upgrade], WebSocket]] = {}
        self.routes = Routes(hub, pages, limits, note_browser)
        super().__init__(hub, clock, self.routes, limits, admission)
        self.streams = StreamFactory(hub, clock, limits)
        self.http.streams = self.streams.stream

    def speak(self, doors: Mapping[str, Callable[[Upgrade], WebSocket]]) -> None:
        """Let other doors have the WebSockets of these subprotocols."""
        self._doors = self.routes.subprotocols = doors

    def upgrade(self, upgrade: Upgrade) -> WebSocket:
        """Build the door for an upgraded connection."""
        build = self._doors.get(upgrade.subprotocol)
        return super().upgrade(upgrade) if build is None else build(upgrade)
