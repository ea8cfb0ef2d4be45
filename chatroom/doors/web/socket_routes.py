"""Socket routes: the requests that become WebSockets, and what every request has to pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from math import ceil
from socket import gethostname
from typing import Any

import h11
from twisted.internet.interfaces import IAddress

from chatroom.chat.syntax.durations import spoken
from chatroom.dialects.origins import is_local, is_of, normal
from chatroom.doors.addresses import among
from chatroom.doors.closed import TOO_MANY
from chatroom.doors.connection_limits import ConnectionLimits, place_of_host
from chatroom.doors.house import House

from .api.calls import Call
from .forwarded import Peer, peer_of
from .handshake import Upgrade, accept_upgrade
from .headers import header_list, header_values
from .responses import Response, text_response
from .settings import WebSettings

_UNNAMED = "text.ircv3.net"
"""What clients speak at ``/socket`` that name no subprotocol, as gamja does (IRCv3, WebSocket)."""

REQUEST_LINES = 0.5
"""Cost of a request, in lines: 100 to 250 µs, depending on its headers."""


class SocketRoutes:
    """
    Answers requests that open WebSockets; `Routes` answers all others, too.

    :param limits: limits connections by place.
    """

    def __init__(self, hub: House, limits: ConnectionLimits) -> None:
        self.settings = WebSettings()
        """The settings; replaced by a reload."""
        self._hub = hub
        self._limits = limits
        self.statuses: Counter[int] = Counter()
        """Responses by status, since the start."""
        self.subprotocols: Container[str] = ()
        """The subprotocols of WebSocket that other doors speak."""

    def is_proxy(self, address: IAddress | None) -> bool:
        """Return whether *address* is a trusted proxy."""
        return among(address, self.settings.proxies)

    def opens_json(self, request: h11.Request) -> bool:
        """Return whether *request* is to open a WebSocket with JSON."""
        upgrades = [one.lower() for one in header_list(request, b"upgrade")]
        return "websocket" in upgrades and self._path(request) == "/ws" and not self._named(request)

    def takes_body(self, request: h11.Request) -> bool:
        """Return whether *request* may have a body: what scripts post."""
        return False

    def respond(self, request: h11.Request, transport: Any, size: int | None = None) -> Response | Upgrade | Call:
        """
        Answer *request*: with a response, an upgrade to a WebSocket, or a call that makes the response.

        :param size: its bytes, to be charged to the sender; None: already charged.
        """
        peer = peer_of(request, transport, self.settings.proxies)
        owed = 0.0 if size is None else self._owed(peer, size)
        if owed:
            wait = ceil(owed)
            return text_response(429, f"Too many requests; ask again in {spoken(wait)}.", ("Retry-After", str(wait)))
        return self._answer(self._path(request), request, peer, transport)

    def _answer(self, path: str, request: h11.Request, peer: Peer, transport: Any) -> Response | Upgrade | Call:
        opened = self._socket(path, request, peer)
        return text_response(404, "Not found.") if opened is None else opened

    def _socket(self, path: str, request: h11.Request, peer: Peer) -> Response | Upgrade | None:
        """Open a WebSocket, or say why not; None if there is none at *path*."""
        match path:
            case "/ws":
                return self._open(request, peer, self._named(request))
            case "/socket":
                return self._open(request, peer, self._named(request), _UNNAMED)
            case "/" if named := self._named(request):
                return self._open(request, peer, named)
        return None

    def _path(self, request: h11.Request) -> str:
        path, prefix = _path(request), self.settings.prefix
        return path.removeprefix(prefix) if prefix and path.startswith(f"{prefix}/") else path

    def _owed(self, peer: Peer, size: int) -> float:
        """Charge *peer* for a request; return the seconds to wait if they can't pay for it now."""
        budget = self._hub.core.budgets.place(peer.address)
        owed = budget.owed()
        if owed:
            budget.rests["place"] += 1
        else:
            budget.spend(REQUEST_LINES, size)
        return owed

    def _named(self, request: h11.Request) -> str:
        """Return the first subprotocol that a client names and a door speaks; empty: there is none."""
        return next((one for one in header_list(request, b"sec-websocket-protocol") if one in self.subprotocols), "")

    def _open(self, request: h11.Request, peer: Peer, named: str, unnamed: str = "") -> Response | Upgrade:
        if self._hub.closing:
            return text_response(503, "The server is shutting down.")
        if not self._may_come(request, peer):
            return text_response(
                403, "This page is from another site and may not chat here; see origins in the configuration."
            )
        if self._limits.is_full(place_of_host(peer.host)):
            return text_response(429, TOO_MANY)
        return accept_upgrade(request, peer, named, unnamed)

    def _may_come(self, request: h11.Request, peer: Peer) -> bool:
        """
        Return whether a page of this origin may open a WebSocket; programs send no origin.

        Browsers let any page open one anywhere, and send its origin (RFC 6455 section 10.2).
        """
        given = header_values(request, b"origin")
        if not given:
            return True
        origin = normal(given[0]) if len(given) == 1 else None
        origins = self.settings.origins
        if origin in origins or ("*" in origins and len(given) == 1):
            return True
        # DNS rebinding: anybody can make a name of theirs point to this machine.
        return (
            origin is not None and is_of(origin, peer.authority) and (is_local(origin, gethostname()) or not peer.near)
        )


def alive() -> Response:
    """Say that this process runs."""
    return text_response(200, "ok")


def _path(request: h11.Request) -> str:
    """Return the path of *request* (RFC 9112, section 3.2)."""
    target = request.target.decode()
    if not target.startswith("/"):
        # The absolute form has the whole address.
        _, _, rest = target.partition("://")
        target = "/" + rest.partition("/")[2]
    return target.partition("?")[0]
