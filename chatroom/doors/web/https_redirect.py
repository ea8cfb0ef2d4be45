"""HTTPS redirect: for browsers that connect without TLS to a TLS-only server."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import h11
from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from chatroom.doors.addresses import among
from chatroom.doors.closed import TLS_ONLY
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.timeouts import Timeouts

from .exchange import Exchange
from .headers import header
from .request_heads import BadRequest
from .responses import Response, text_response

HEAD_TIMEOUT = 10.0
"""Time limit for a request's head, in seconds."""

_TEXT = f"{TLS_ONLY}\nIn a browser: https://HOST:PORT/"

_AUTHORITY = re.compile(r"[a-z0-9._:\[\]-]+", re.IGNORECASE)
"""
The host and port of a request (RFC 9110, section 7.2): only characters valid in an address, because it is echoed.
"""


class HttpsRedirectFactory(Factory):
    """
    Builds doors that redirect browsers to the same address and port with https.

    A trusted proxy has terminated TLS already, and would redirect forever.

    :param limits: knows the proxies.
    :param proxied: builds the protocol for connections from a proxy.
    """

    noisy = False

    def __init__(
        self, clock: IReactorTime, limits: ConnectionLimits, proxied: Callable[[IAddress | None], Protocol]
    ) -> None:
        self._proxied = proxied
        self._limits = limits
        self.unfinished: Timeouts[HttpsRedirect] = Timeouts(clock, HEAD_TIMEOUT, HttpsRedirect.give_up)

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Build the protocol for one connection."""
        if among(addr, self._limits.proxies):
            return self._proxied(addr)
        return HttpsRedirect(self.unfinished)


class HttpsRedirect(Protocol):
    """Reads one request, and responds with a redirect."""

    transport: Any

    def __init__(self, unfinished: Timeouts[HttpsRedirect]) -> None:
        self._unfinished = unfinished
        self._exchange = Exchange()

    def connectionMade(self) -> None:
        """Start the timeout of the request."""
        self._unfinished.begin(self)

    def dataReceived(self, data: bytes) -> None:
        """Respond as soon as the request is complete or too long."""
        self._exchange.add(data)
        if self._exchange.ready:
            self.transport.write(self._exchange.respond(self._response(), formatdate(usegmt=True)))
            self.transport.loseConnection()

    def _response(self) -> Response:
        """
        Build the redirect, or if its target is unknown, the instructions to join.

        The status is 307 (RFC 9110, section 15.4.8), because browsers cache 308 permanently.
        """
        try:
            location = https_location(self._exchange.next_head())
        except BadRequest:
            location = None
        if location is None:
            return text_response(400, _TEXT, last=True)
        return text_response(307, _TEXT, ("Location", location), last=True)

    def give_up(self) -> None:
        """Disconnect a client that does not finish its request."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Stop waiting for the request."""
        self._unfinished.end(self)


def https_location(request: h11.Request) -> str | None:
    """Return the https address that *request* should have gone to; None if that is unknown."""
    target, authority = request.target.decode(), header(request, b"host")
    return f"https://{authority}{target}" if target.startswith("/") and _AUTHORITY.fullmatch(authority) else None
