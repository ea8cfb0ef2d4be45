"""An HTTP connection, until it becomes a WebSocket."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.doors.addresses import address_of

from .api.calls import Call, Stream
from .handshake import Upgrade
from .http_connections import HttpConnections, WebSocket
from .http_output import HttpOutput
from .request_heads import MAX_HEAD, BadRequest
from .responses import Response, text_response
from .socket_routes import REQUEST_LINES

FULL, QUEUE, BUSY = 1, 2, 4
"""
Why nothing is answered now: the client does not read; the work waits for budget or a turn; the answer is in work.
"""

READS_PER_REQUEST = 10
"""Reads charged together, at the price of a request, even if they bring one byte each."""


@implementer(IHalfCloseableProtocol, IPushProducer)
class HttpConnection(HttpOutput):
    """
    Reads requests and answers them in order, each in its turn.

    Rate limiting: the place pays for bytes and requests, and waits when over budget.  Requests through a proxy are
    charged to the client that the proxy names, and refused when over budget, because others may share the connection.

    Backpressure: it is the streaming producer of its transport; while the client does not read, nothing is read or
    answered.
    """

    def __init__(self, shared: HttpConnections) -> None:
        super().__init__(shared)
        self._waits = 0
        self._paid = False
        self._reads = 0
        """Number of reads not charged yet."""
        self._socket: WebSocket | None = None
        self._call: Call | None = None
        """The request whose body is still to come."""

    def connectionMade(self) -> None:
        """Wait for a request, for a limited time."""
        self.transport.registerProducer(self, True)
        shared = self._shared
        shared.all.add(self)
        peer = self.transport.getPeer()
        self._place = shared.limits.place_of_peer(peer)
        self._payer = None if shared.routes.is_proxy(peer) else address_of(self.transport)
        """The address that is charged; None: the clients that a proxy names."""
        shared.limits.add_http(self._place)
        shared.requests.begin(self)

    def dataReceived(self, data: bytes) -> None:
        """Read requests."""
        if self._socket is not None:
            self._socket.dataReceived(data)
        elif self._closing:
            self._pass_over(len(data))
        else:
            if self._idle and self._call is None and not self._waits & BUSY:
                self._shared.idle.end(self)
                self._shared.requests.begin(self)
            self._exchange.add(data)
            self._look()
            self._charge_read()
            if self._waits and self._exchange.held > MAX_HEAD:
                self._pause()

    def readConnectionLost(self) -> None:
        """Half-close: answer everything, then close."""
        if self._socket is not None:
            self._socket.readConnectionLost()
        elif self._closing:
            self.transport.loseConnection()
        else:
            self._input_over = True
            self._look()

    def writeConnectionLost(self) -> None:
        """Do nothing: further input is skipped."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Notify the door that the connection is lost."""
        self._closing = True
        self._forget()
        self._shared.parting.end(self)
        if self._socket is not None:
            self._socket.connectionLost(reason)

    # Flow control.

    @property
    def _idle(self) -> bool:
        """Whether nothing has been received since the last response."""
        return not self._exchange.held

    def _charge_read(self) -> None:
        self._reads += 1
        if self._reads >= READS_PER_REQUEST and not self._waits & QUEUE:
            self._reads = 0
            self._waits |= QUEUE
            self._pause()
            self._shared.admission.enter(self, self._payer, self._paid_for_reads, REQUEST_LINES)

    def _paid_for_reads(self) -> None:
        self._resume(QUEUE)

    def _resume(self, why: int) -> None:
        self._waits &= ~why
        self._look()
        if not (self._waits or self._closing):
            self._read_on()

    def _look(self) -> None:
        """Charge for the next request, if all of it is there, and answer it when it's this connection's turn."""
        if self._waits or self._closing or self._socket is not None:
            return
        if self._call is not None:
            self._read_body(self._call)
            return
        if not self._exchange.ready:
            if self._input_over:
                # Drop a partial request.
                self.close()
            return
        self._shared.requests.end(self)
        payer = None if self._paid else self._payer
        self._waits |= QUEUE
        self._shared.admission.enter(self, payer, self._take_turn, REQUEST_LINES, self._exchange.size)

    def _take_turn(self) -> None:
        """Answer a request that is paid for, unless the connection has to wait."""
        self._waits &= ~QUEUE
        self._paid = bool(self._waits)
        if not self._paid:
            try:
                self._answer_next()
            except Exception:
                self._shared.log.failure("Something went wrong at the web door.")
                self.abort()
        self._resume(QUEUE)

    def give_up_on_request(self) -> None:
        """Time out an incomplete request."""
        if self._waits & QUEUE:
            # The request was not even read.
            self._shared.requests.begin(self)
        elif self._idle and self._call is None:
            self.close()
        else:
            within = self._shared.requests.within
            self._end_with(text_response(408, f"A request must arrive within {within:.0f} seconds.", last=True))

    # Responses.

    def _answer_next(self) -> None:
        exchange, unpaid = self._exchange, None if self._payer is not None else self._exchange.size
        try:
            request = exchange.next_request(self._shared.routes.takes_body)
        except BadRequest as bad:
            self._end_with(bad.response)
            return
        response = self._shared.routes.respond(request, self.transport, unpaid)
        if isinstance(response, Upgrade):
            self._upgrade(response)
        elif isinstance(response, Call):
            self._begin(response, body=self._shared.routes.takes_body(request))
        elif self._shared.routes.takes_body(request):
            # Its body is not read.
            self._end_with(replace(response, last=True))
        else:
            self._finish(response)

    def _finish(self, response: Response) -> None:
        """Send *response*, and go on to the next request."""
        self._write(response)
        if response.last or not self._exchange.go_on():
            self.close()
        else:
            self._wait_for_next()

    def _begin(self, call: Call, *, body: bool) -> None:
        if not body:
            self._run(call, b"")
            return
        self._call = call
        self._shared.requests.begin(self)
        self.transport.write(self._exchange.go_ahead())
        self._read_body(call)

    def _read_body(self, call: Call) -> None:
        """Read what has arrived of the body, and have the request answered once it is complete."""
        try:
            body = self._exchange.read_body()
        except BadRequest as bad:
            self._call = None
            self._end_with(bad.response)
            return
        if body is None:
            if self._input_over:
                self.close()
            return
        self._call = None
        self._shared.requests.end(self)
        self._run(call, body)

    def _run(self, call: Call, body: bytes) -> None:
        self._waits |= BUSY
        Deferred.fromCoroutine(call.run(body)).addCallbacks(self._answered, self._failed)

    def _answered(self, result: Response | Stream) -> None:
        if isinstance(result, Stream):
            self._become(result)
        elif not self._closing:
            self._waits &= ~BUSY
            self._finish(result)
            self._resume(BUSY)

    def _failed(self, failure: Failure) -> None:
        self._shared.log.failure("Something went wrong at the web door.", failure)
        if not self._closing:
            self._end_with(text_response(500, "Something went wrong here. It has been logged.", last=True))

    def _become(self, stream: Stream) -> None:
        """Become a stream of events."""
        if self._closing:
            stream.abandon()
            return
        shared = self._shared
        assert shared.streams is not None, "only the API makes streams"
        shared.routes.statuses[200] += 1
        head = self._exchange.begin(stream.headers, formatdate(shared.now(), usegmt=True))
        self._hand_over(shared.streams(stream, head))

    def _wait_for_next(self) -> None:
        self._shared.requests.end(self)
        if self._waits & (FULL | BUSY):
            return
        if self._idle:
            self._shared.idle.begin(self)
        else:
            self._shared.requests.begin(self)

    def _upgrade(self, upgrade: Upgrade) -> None:
        """Become a WebSocket, which gets the bytes after the request."""
        self._hand_over(self._shared.upgrade(upgrade))

    def _hand_over(self, protocol: WebSocket) -> None:
        self._forget()
        self.transport.unregisterProducer()
        self._read_on()
        self._socket = protocol
        self._socket.makeConnection(self.transport)
        rest = self._exchange.rest()
        # The HTTP parser is not needed again, and would take memory as long as the chat lasts.
        del self._exchange
        if rest:
            self._socket.dataReceived(rest)
        if self._input_over:
            self._socket.readConnectionLost()

    # Called by the transport; and closing.

    def pauseProducing(self) -> None:
        """Stop reading and answering: the transport is full (backpressure)."""
        self._waits |= FULL
        self._shared.stalled.begin(self)
        self._pause()

    def resumeProducing(self) -> None:
        """Resume: the transport's buffer is empty."""
        self._waits &= ~FULL
        self._shared.stalled.end(self)
        self._wait_for_next()
        self._resume(FULL)
