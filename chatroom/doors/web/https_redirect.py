"""Redirects to https, for browsers that come without TLS to a server that is TLS only."""

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
"""Seconds that a request's head may take."""

_TEXT = f"{TLS_ONLY}\nIn a browser: https://HOST:PORT/"

_AUTHORITY = re.compile(r"[a-z0-9._:\[\]-]+", re.IGNORECASE)
"""RFC 9110, section 7.2; only what can stand in an address, as it goes back in ours."""


class HttpsRedirectFactory(Factory):
    """
    Builds doors that redirect browsers to the same address and port with https.

    A proxy that is trusted has spoken TLS with them already, and would send them here for ever.

    :param limits: knows the proxies.
    :param proxied: builds the protocol for those who come through one.
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
        """Wait for the request, but not for long."""
        self._unfinished.begin(self)

    def dataReceived(self, data: bytes) -> None:
        """Respond as soon as the request is there, or too long."""
        self._exchange.add(data)
        if self._exchange.ready:
            self.transport.write(self._exchange.respond(self._response(), formatdate(usegmt=True)))
            self.transport.loseConnection()

    def _response(self) -> Response:
        """
        Respond with where the request should have gone, or if that can't be told, with how to join.

        It is 307 (RFC 9110, section 15.4.8) and not 308, which browsers would remember for good.
        """
        try:
            location = https_location(self._exchange.next_head())
        except BadRequest:
            location = None
        if location is None:
            return text_response(400, _TEXT, last=True)
        return text_response(307, _TEXT, ("Location", location), last=True)

    def give_up(self) -> None:
        """Hang up on who does not finish the request."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Stop waiting for the request."""
        self._unfinished.end(self)


def https_location(request: h11.Request) -> str | None:
    """Return the https address that *request* should have gone to; None if it can't be told."""
    target, authority = request.target.decode(), header(request, b"host")
    return f"https://{authority}{target}" if target.startswith("/") and _AUTHORITY.fullmatch(authority) else None
