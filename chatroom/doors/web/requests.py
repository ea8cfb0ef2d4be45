"""One connection that speaks HTTP, until it goes on as a WebSocket."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

import h11
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer, ISSLTransport, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from .answers import Answer, told
from .upgrading import Upgrade
from .websocket import WebSocketDoor

if TYPE_CHECKING:
    from .factory import WebFactory

LONGEST_HEAD = 8192
"""Bytes in the first line and the headers of a request; browsers need less than 2,000."""

LONGEST_BODY = 65_536
"""Bytes of a body that are passed over, so that the answer to it arrives; nothing here wants one."""


@implementer(IHalfCloseableProtocol, IPushProducer)
class HttpDoor(Protocol):
    """
    Reads requests, one after the other, and answers each at once.

    It is the streaming producer of its transport: while the other end does not read, nothing is read from it,
    and nothing that has come already is answered.
    """

    factory: WebFactory

    def __init__(self, factory: WebFactory) -> None:
        self.factory = factory
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_HEAD)
        self._request: h11.Request | None = None
        self._body = 0
        """Bytes of the request's body so far."""
        self._full = self._closing = False
        self._place: str | None = None
        """Where this connection is counted among those that only ask."""
        self._socket: WebSocketDoor | None = None

    def connectionMade(self) -> None:
        """Wait for a request, but not for long."""
        self.transport.registerProducer(self, True)
        factory = self.factory
        factory.visitors.add(self)
        self._place = factory.crowd.place_of(self.transport.getPeer())
        factory.crowd.ask(self._place)
        factory.asking.begin(self)

    def dataReceived(self, data: bytes) -> None:
        """Read requests."""
        if self._socket is not None:
            self._socket.dataReceived(data)
        elif not self._closing:
            if self._idle:
                self.factory.idle.end(self)
                self.factory.asking.begin(self)
            self._http.receive_data(data)
            self._read_on()

    def readConnectionLost(self) -> None:
        """The other end has sent all it will: answer that, then close."""
        if self._socket is not None:
            self._socket.readConnectionLost()
        elif self._closing:
            self.transport.loseConnection()
        else:
            self._http.receive_data(b"")
            self._read_on()

    def writeConnectionLost(self) -> None:
        """Nothing more can be written; what the other end has yet to say is passed over."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass it on."""
        self._forget()
        self.factory.parting.end(self)
        if self._socket is not None:
            self._socket.connectionLost(reason)

    # Reading.

    @property
    def _idle(self) -> bool:
        """Whether nothing of a request has come since the last answer."""
        return self._request is None and not self._http.trailing_data[0]

    def _read_on(self) -> None:
        while not (self._full or self._closing or self._socket is not None):
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                self._refuse(error)
                return
            if isinstance(event, h11.Request):
                self._see_head(event)
            elif isinstance(event, h11.Data):
                self._pass_over(event)
            elif isinstance(event, h11.EndOfMessage):
                self._answer()
            elif isinstance(event, h11.ConnectionClosed):
                self.close()
            else:
                return

    def _see_head(self, request: h11.Request) -> None:
        self._request, self._body = request, 0
        if len(request.target) + sum(len(name) + len(value) + 4 for name, value in request.headers) > LONGEST_HEAD:
            # One that came all at once is not seen to be too long by the parser.
            self._end_with(told(431, "That request is too long.", last=True))
        elif request.http_version not in (b"1.0", b"1.1"):
            self._end_with(told(505, "HTTP/1.1 is spoken here.", last=True))
        elif self._http.they_are_waiting_for_100_continue:
            self._end_with(told(417, "Nothing here wants a body.", last=True))

    def _pass_over(self, data: h11.Data) -> None:
        self._body += len(data.data)
        if self._body > LONGEST_BODY:
            self._end_with(told(413, "Nothing here wants a body.", last=True))

    def _refuse(self, error: h11.RemoteProtocolError) -> None:
        if error.error_status_hint == 431:
            self._end_with(told(431, "That request is too long.", last=True))
        else:
            self._end_with(told(400, "That is not a request that can be understood.", last=True))

    def give_up_on_request(self) -> None:
        """The first request has not come in time, or not all of one."""
        if self._idle:
            self.close()
        else:
            self._end_with(
                told(408, f"A request has to come within {self.factory.asking.within:.0f} seconds.", last=True)
            )

    # Answering.

    def _answer(self) -> None:
        assert self._request is not None, "a message ends after it has begun"
        answer = self.factory.site.answer(self._request, self.transport)
        if isinstance(answer, Answer):
            self._write(answer)
            if answer.last or self._http.our_state is not h11.DONE:
                self.close()
            else:
                self._http.start_next_cycle()
                self._wait_for_next()
        else:
            self._upgrade(answer)

    def _end_with(self, answer: Answer) -> None:
        """Answer before all has come, then close; what comes meanwhile is passed over, so that the answer arrives."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._write(answer)
        # What carries TLS says that it is TCP, too.
        if ITCPTransport.providedBy(self.transport) and not ISSLTransport.providedBy(self.transport):
            self._begin_to_close()
            self.factory.parting.begin(self)
            self.transport.loseWriteConnection()
        else:
            self.close()

    def _write(self, answer: Answer) -> None:
        site = self.factory.site
        site.answers[answer.status] += 1
        head = answer.head(formatdate(self.factory.hub.world.now(), usegmt=True))
        events: list[h11.Event] = [
            h11.Response(status_code=answer.status, headers=head, reason=answer.reason),
            h11.EndOfMessage(),
        ]
        if answer.body and (self._request is None or self._request.method != b"HEAD"):
            events.insert(1, h11.Data(data=answer.body))
        self._request = None
        self.transport.write(b"".join(self._http.send(event) or b"" for event in events))

    def _wait_for_next(self) -> None:
        self.factory.asking.end(self)
        if self._full:
            return
        if self._idle:
            self.factory.idle.begin(self)
        else:
            self.factory.asking.begin(self)

    def _upgrade(self, upgrade: Upgrade) -> None:
        """Go on as a WebSocket; what has come after the request belongs to it."""
        self._forget()
        self.transport.unregisterProducer()
        self._socket = WebSocketDoor(self.factory, upgrade)
        self._socket.makeConnection(self.transport)
        rest, _ = self._http.trailing_data
        if rest:
            self._socket.dataReceived(rest)

    # When to read, and going.

    def pauseProducing(self) -> None:
        """The transport holds as much as it may."""
        self._full = True
        self.factory.reading.begin(self)
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The transport has written out all it held."""
        self._full = False
        self.factory.reading.end(self)
        self._wait_for_next()
        self.transport.resumeProducing()
        self._read_on()

    def stopProducing(self) -> None:
        """The connection is gone; the door hears of that itself."""

    def close(self) -> None:
        """Close, when all that is held for the other end has been written out; who does not read it loses it."""
        if not self._closing:
            self._begin_to_close()
            self.factory.reading.begin(self)
            self.transport.loseConnection()

    def abort(self) -> None:
        """Close at once."""
        self.transport.abortConnection()

    def _begin_to_close(self) -> None:
        self._closing = True
        self._forget()
        # With a paused producer registered a transport never finishes closing.
        self.transport.unregisterProducer()

    def _forget(self) -> None:
        """This connection asks for nothing more."""
        factory = self.factory
        if self in factory.visitors:
            factory.visitors.remove(self)
            factory.crowd.asked(self._place)
        for deadlines in (factory.asking, factory.idle, factory.reading):
            deadlines.end(self)
