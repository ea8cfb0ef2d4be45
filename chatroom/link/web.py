"""The web door of a door process: it serves WebSockets with JSON itself, and has everything else carried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import h11
from twisted.internet.interfaces import IAddress, IHalfCloseableProtocol, IReactorTime
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.dialects.irc.framing import SUBPROTOCOLS
from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.house import House
from chatroom.doors.timeouts import Timeouts
from chatroom.doors.web.api.calls import Call
from chatroom.doors.web.exchange import Exchange
from chatroom.doors.web.factory import HttpFactory
from chatroom.doors.web.forwarded import Peer, peer_of
from chatroom.doors.web.handshake import Upgrade
from chatroom.doors.web.headers import header
from chatroom.doors.web.http import HttpConnection
from chatroom.doors.web.request_heads import BadRequest
from chatroom.doors.web.responses import Response, text_response
from chatroom.doors.web.socket_routes import SocketRoutes, alive

from .carrying import CarriedClients, Carrying

HEAD_TIMEOUT = 5.0
"""Seconds to wait for the head of the first request; what has come by then is carried."""


class LinkedHouse(House, Protocol):
    """A house in another process."""

    @property
    def linked(self) -> bool:
        """Whether there is one now."""


class DoorRoutes(SocketRoutes):
    """
    Answers requests for WebSockets with JSON, and for the health of this process.

    After any answer but the first the connection closes.
    """

    def __init__(self, house: LinkedHouse, limits: ConnectionLimits) -> None:
        super().__init__(house, limits)
        self._house = house

    def answers(self, request: h11.Request) -> bool:
        """Return whether *request* is answered here, and not by the house."""
        if request.method not in (b"GET", b"HEAD"):
            return False
        unlinked = self._path(request) in ("/healthz", "/readyz") and not self._house.linked
        return unlinked or self.opens_json(request)

    def respond(self, request: h11.Request, transport: Any, size: int | None = None) -> Response | Upgrade | Call:
        """Answer *request*; one more on the same connection might be for the house."""
        answer = super().respond(request, transport, size)
        return replace(answer, last=True) if isinstance(answer, Response) else answer

    def _answer(self, path: str, request: h11.Request, peer: Peer, transport: Any) -> Response | Upgrade | Call:
        match path:
            case "/healthz":
                return alive()
            case "/readyz":
                return text_response(503, "There is no house now.")
        return super()._answer(path, request, peer, transport)


@implementer(IHalfCloseableProtocol)
class FirstRequest(TwistedProtocol):
    """
    A connection that begins with HTTP, until the head of its first request is there.

    Then it is an HTTP connection of this door if that request is to open a WebSocket with JSON, or else it is carried.
    """

    transport: Any

    def __init__(self, factory: DoorWebFactory) -> None:
        self._factory = factory
        self._begun = bytearray()
        self._exchange = Exchange()
        self._next: Any = None
        self._place: str | None = None
        """The place at which this connection is counted as HTTP only."""

    def connectionMade(self) -> None:
        """Wait for a request, for a limited time."""
        self._place = self._factory.limits.place_of_peer(self.transport.getPeer())
        self._factory.limits.add_http(self._place)
        self._factory.unfinished.begin(self)

    def dataReceived(self, data: bytes) -> None:
        """Collect the head of the first request."""
        if self._next is not None:
            self._next.dataReceived(data)
            return
        self._begun += data
        self._exchange.add(data)
        if self._exchange.ready:
            self._choose()

    def readConnectionLost(self) -> None:
        """Half-close."""
        if self._next is None:
            self.have_carried()
        self._next.readConnectionLost()

    def writeConnectionLost(self) -> None:
        """Do nothing: we never close only our half without knowing it."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Forget the connection, and tell whoever has it."""
        self._factory.unfinished.end(self)
        self._count_as_chat()
        if self._next is not None:
            self._next.connectionLost(reason)

    def have_carried(self) -> None:
        """Let the house have the connection."""
        self._hand_over(self._factory.carried())

    def _choose(self) -> None:
        factory = self._factory
        try:
            request = self._exchange.next_head()
        except BadRequest:
            # The house says so.
            self.have_carried()
            return
        factory.note(request, self.transport)
        if header(request, b"upgrade"):
            self._count_as_chat()
        if factory.routes.answers(request):
            self._hand_over(factory.local())
        else:
            self.have_carried()

    def _count_as_chat(self) -> None:
        self._factory.limits.remove_http(self._place)
        self._place = None

    def _hand_over(self, protocol: TwistedProtocol) -> None:
        self._factory.unfinished.end(self)
        begun = bytes(self._begun)
        del self._begun, self._exchange
        self._next = protocol
        protocol.makeConnection(self.transport)
        if begun:
            protocol.dataReceived(begun)


class DoorWebFactory(HttpFactory):
    """
    Builds connections that begin with HTTP, for a door process.

    :param clients: have their connections carried.
    :param note_browser: called with the addresses of browsers.
    """

    routes: DoorRoutes

    def __init__(
        self,
        hub: LinkedHouse,
        clock: IReactorTime,
        clients: CarriedClients,
        limits: ConnectionLimits,
        admission: Admission,
        note_browser: Callable[[str], object],
    ) -> None:
        self.routes = DoorRoutes(hub, limits)
        self.routes.subprotocols = SUBPROTOCOLS
        super().__init__(hub, clock, self.routes, limits, admission)
        self._clients = clients
        self._note_browser = note_browser
        self.unfinished: Timeouts[FirstRequest] = Timeouts(clock, HEAD_TIMEOUT, FirstRequest.have_carried)

    def buildProtocol(self, addr: IAddress | None) -> TwistedProtocol:
        """Build the protocol for one connection."""
        return FirstRequest(self)

    def local(self) -> TwistedProtocol:
        """Build the protocol for a connection that stays here."""
        return HttpConnection(self.http)

    def carried(self) -> TwistedProtocol:
        """Build the protocol for a connection that the house has."""
        return Carrying(self._clients, self.name)

    def note(self, request: h11.Request, transport: Any) -> None:
        """Remember where *request* comes from if it is a browser's for a page."""
        if "text/html" in header(request, b"accept"):
            peer = peer_of(request, transport, self.routes.settings.proxies)
            if not peer.vouched:
                self._note_browser(peer.address)
