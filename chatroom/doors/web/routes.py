"""Routes: answers each path of the web door: the page, the WebSocket, health and metrics."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import h11

from chatroom.chat.hub import Hub
from chatroom.doors.addresses import among, within
from chatroom.doors.connection_limits import ConnectionLimits

from .api.api import Api
from .api.calls import Call
from .api.errors import cross_site
from .forwarded import Peer
from .handshake import Upgrade
from .headers import header_values
from .responses import Response, text_response
from .socket_routes import SocketRoutes, alive
from .static import Page


class Routes(SocketRoutes):
    """
    Answers requests by their path.

    :param pages: the files to serve, by path.
    :param limits: limits connections by place.
    :param note_browser: called with the addresses of browsers.
    """

    def __init__(
        self, hub: Hub, pages: Mapping[str, Page], limits: ConnectionLimits, note_browser: Callable[[str], object]
    ) -> None:
        super().__init__(hub, limits)
        self._hub: Hub = hub
        self._pages = pages
        self._note_browser = note_browser
        self._api = Api(hub, limits)
        self.figures: Callable[[], tuple[str, bytes]] | None = None
        """Returns the content type and the metrics, if enabled."""

    def takes_body(self, request: h11.Request) -> bool:
        """Return whether *request* may have a body: what scripts post."""
        return self._api.takes_body(request, self._path(request))

    def _answer(self, path: str, request: h11.Request, peer: Peer, transport: Any) -> Response | Upgrade | Call:
        if self._api.serves(path):
            return self._api.respond(request, path, peer) if self._may_come(request, peer) else cross_site()
        if request.method not in (b"GET", b"HEAD"):
            return text_response(405, "Only GET and HEAD are supported here.", ("Allow", "GET, HEAD"))
        if path == self.settings.prefix:
            # Without the slash, the page's relative links would be wrong.
            return text_response(
                308, "This address needs a slash at its end.", ("Location", f"{path.rpartition('/')[2]}/")
            )
        return self._socket(path, request, peer) or self._at(path, request, peer, transport)

    def _at(self, path: str, request: h11.Request, peer: Peer, transport: Any) -> Response:
        match path:
            case "/healthz" | "/readyz":
                return self._ready()
            case "/metrics":
                return self._metrics(request, peer, transport)
        page = self._pages.get(path.removeprefix("/"))
        if page is None:
            return text_response(404, "Not found.")
        if not peer.vouched:
            self._note_browser(peer.address)
        return page.answer(request)

    def _ready(self) -> Response:
        if self._hub.closing:
            return text_response(503, "The server is shutting down.")
        if not self._hub.ledger.storing:
            return text_response(503, "Messages cannot be stored.")
        return alive()

    def _metrics(self, request: h11.Request, peer: Peer, transport: Any) -> Response:
        allowed = self.settings.metrics_for
        # Behind an unknown proxy, the client could be anybody.
        hidden = not peer.vouched and bool(header_values(request, b"x-forwarded-for"))
        known = within(peer.host, allowed) if peer.vouched else among(transport.getPeer(), allowed)
        if hidden or not known:
            return text_response(403, "You may not read the metrics; see metrics-for in the server's configuration.")
        if self.figures is None:
            return text_response(404, "There are no metrics.")
        kind, figures = self.figures()
        return Response(200, (("Content-Type", kind), ("Cache-Control", "no-store")), figures)
