"""One connection that speaks HTTP, until it goes on as a WebSocket."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

import h11
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from .answers import Answer, told
from .websocket import WebSocketDoor

if TYPE_CHECKING:
    from .factory import WebFactory
    from .upgrading import Upgrade

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
        self._full = self._closing = False
        self._next: WebSocketDoor | None = None

    def connectionMade(self) -> None:
        """Wait for a request, but not for long."""
        self.transport.registerProducer(self, True)
        self.factory.visitors.add(self)
        self.factory.asking.begin(self)

    def dataReceived(self, data: bytes) -> None:
        """Read requests."""
        if self._next is not None:
            self._next.dataReceived(data)
        elif not self._closing:
            self._http.receive_data(data)
            self._read_on()

    def readConnectionLost(self) -> None:
        """The other end has sent all it will: answer that, then close."""
        if self._next is not None:
            self._next.readConnectionLost()
        elif not self._closing:
            self._http.receive_data(b"")
            self._read_on()

    def writeConnectionLost(self) -> None:
        """We never close our half only."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass it on."""
        self._forget()
        self.factory.leaving.end(self)
        if self._next is not None:
            self._next.connectionLost(reason)

    # Reading.

    def _read_on(self) -> None:
        while not (self._full or self._closing or self._next is not None):
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                self._refuse(error)
                return
            if isinstance(event, h11.Request):
                self._asked(event)
            elif isinstance(event, h11.Data):
                self._pass_over(event)
            elif isinstance(event, h11.EndOfMessage):
                self._answer(self.factory.answer(self._asked_for, self.transport))
            elif isinstance(event, h11.ConnectionClosed):
                self.close()
            else:
                return

    @property
    def _asked_for(self) -> h11.Request:
        assert self._request is not None, "a message ends after it has begun"
        return self._request

    def _asked(self, request: h11.Request) -> None:
        self._request, self._body = request, 0
        if len(request.target) + sum(len(name) + len(value) + 4 for name, value in request.headers) > LONGEST_HEAD:
            # One that came all at once is not seen to be too long by the parser.
            self._answer(told(431, "That request is too long.", last=True))
        elif self._http.they_are_waiting_for_100_continue:
            self._answer(told(417, "Nothing here wants a body.", last=True))

    def _pass_over(self, data: h11.Data) -> None:
        self._body += len(data.data)
        if self._body > LONGEST_BODY:
            self._answer(told(413, "Nothing here wants a body.", last=True))

    def _refuse(self, error: h11.RemoteProtocolError) -> None:
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.close()
        elif error.error_status_hint == 431:
            self._answer(told(431, "That request is too long.", last=True))
        else:
            self._answer(told(400, "That is not a request that can be understood.", last=True))

    # Answering.

    def _answer(self, answer: Answer | Upgrade) -> None:
        if not isinstance(answer, Answer):
            self._upgrade(answer)
            return
        head = h11.Response(
            status_code=answer.status,
            headers=answer.head(formatdate(self.factory.clock.seconds(), usegmt=True)),
            reason=answer.reason,
        )
        events: list[h11.Event] = [head, h11.EndOfMessage()]
        if answer.body and (self._request is None or self._request.method != b"HEAD"):
            events.insert(1, h11.Data(answer.body))
        self.transport.write(b"".join(self._http.send(event) or b"" for event in events))
        self._request = None
        if answer.last or self._http.our_state is not h11.DONE:
            self.close()
        else:
            self._http.start_next_cycle()
            if not self._full:
                self.factory.asking.begin(self)

    def _upgrade(self, upgrade: Upgrade) -> None:
        """Go on as a WebSocket; what has come after the request belongs to it."""
        self._forget()
        self.transport.unregisterProducer()
        self._next = WebSocketDoor(self.factory, upgrade)
        self._next.makeConnection(self.transport)
        rest, _ = self._http.trailing_data
        if rest:
            self._next.dataReceived(rest)

    # When to read, and going.

    def pauseProducing(self) -> None:
        """The transport holds as much as it may."""
        self._full = True
        self.factory.asking.end(self)
        self.factory.leaving.begin(self)
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """The transport has written out all it held."""
        self._full = False
        self.factory.leaving.end(self)
        self.factory.asking.begin(self)
        self.transport.resumeProducing()
        self._read_on()

    def stopProducing(self) -> None:
        """The connection is gone; the door hears of that itself."""

    def give_up_on_request(self) -> None:
        """The next request has not come in time, or not all of it."""
        if self._request is None and not self._http.trailing_data[0]:
            self.close()
        else:
            self._answer(told(408, "The whole request has to come within a few seconds.", last=True))

    def close(self) -> None:
        """Close, when all that is held for the other end has been written out; who does not read it loses it."""
        if not self._closing:
            self._closing = True
            self._forget()
            self.factory.leaving.begin(self)
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def abort(self) -> None:
        """Close at once."""
        self.transport.abortConnection()

    def _forget(self) -> None:
        self.factory.visitors.discard(self)
        self.factory.asking.end(self)
