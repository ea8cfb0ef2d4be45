"""One connection that speaks HTTP, until it goes on as a WebSocket."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING

import h11
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer, ISSLTransport, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.doors.addresses import address_of

from .answers import Answer, told
from .asking import header
from .heads import LONGEST_HEAD, BadHead, Heads, not_understood
from .site import REQUEST
from .upgrading import Upgrade
from .websocket import WebSocketDoor

if TYPE_CHECKING:
    from .factory import WebFactory

PASSED_OVER = 2**18
"""Bytes that may come after the last answer, and are passed over so that it arrives."""

FULL, QUEUE = 1, 2
"""Why nothing is answered now: the other end does not read; it is not paid for yet, or not their turn."""

READS = 10
"""Reads that are paid for together, be it of one byte each; they are worth a request."""


@implementer(IHalfCloseableProtocol, IPushProducer)
class HttpDoor(Protocol):
    """
    Reads requests, and answers one after the other, each when it is its turn among all that anybody wants.

    Bytes and requests are paid for by where they come from, and who asks for too much is answered later.  But what
    comes through a proxy is paid for by whom the proxy names, and refused if they ask for too much, for others may
    come by the same connection.

    It is the streaming producer of its transport: while the other end does not read, nothing is read from it,
    and nothing that has come already is answered.
    """

    factory: WebFactory

    def __init__(self, factory: WebFactory) -> None:
        self.factory = factory
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=LONGEST_HEAD)
        self._heads = Heads()
        self._only_head = False
        """Whether the request that is being answered wants no body."""
        self._waits = 0
        self._paused = self._paid = self._closing = self._input_over = False
        self._reads = 0
        """How often something was read that has not been paid for yet."""
        self._passed = 0
        """Bytes that have come after the last answer."""
        self._place: str | None = None
        """Where this connection is counted among those that only ask."""
        self._socket: WebSocketDoor | None = None

    def connectionMade(self) -> None:
        """Wait for a request, but not for long."""
        self.transport.registerProducer(self, True)
        factory = self.factory
        factory.visitors.add(self)
        peer = self.transport.getPeer()
        self._place = factory.crowd.place_of(peer)
        self._payer = None if factory.site.is_proxy(peer) else address_of(self.transport)
        """Who pays for what is asked here; None: those for whom it is asked."""
        factory.crowd.ask(self._place)
        factory.asking.begin(self)

    def dataReceived(self, data: bytes) -> None:
        """Read requests."""
        if self._socket is not None:
            self._socket.dataReceived(data)
        elif self._closing:
            self._pass_over(len(data))
        else:
            if self._idle:
                self.factory.idle.end(self)
                self.factory.asking.begin(self)
            self._heads.add(data)
            self._look()
            self._pay_for_read()
            if self._waits and len(self._heads) > LONGEST_HEAD:
                self._pause()

    def readConnectionLost(self) -> None:
        """The other end has sent all it will: answer that, then close."""
        if self._socket is not None:
            self._socket.readConnectionLost()
        elif self._closing:
            self.transport.loseConnection()
        else:
            self._input_over = True
            self._look()

    def writeConnectionLost(self) -> None:
        """Nothing more can be written; what the other end has yet to say is passed over."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass it on."""
        self._closing = True
        self._forget()
        self.factory.parting.end(self)
        if self._socket is not None:
            self._socket.connectionLost(reason)

    # When to read, and when to answer.

    @property
    def _idle(self) -> bool:
        """Whether nothing of a request has come since the last answer."""
        return not self._heads

    def _pay_for_read(self) -> None:
        self._reads += 1
        if self._reads >= READS and not self._waits & QUEUE:
            self._reads = 0
            self._waits |= QUEUE
            self._pause()
            self.factory.queues.enter(self, self._payer, self._paid_for_reads, REQUEST)

    def _paid_for_reads(self) -> None:
        self._go_on(QUEUE)

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self.transport.pauseProducing()

    def _go_on(self, why: int) -> None:
        self._waits &= ~why
        self._look()
        if not (self._waits or self._closing):
            self._read_on()

    def _read_on(self) -> None:
        if self._paused and not self._input_over:
            self._paused = False
            self.transport.resumeProducing()

    def _look(self) -> None:
        """Pay for the next request, if all of it is there, and wait until it is its turn to be answered."""
        if self._waits or self._closing or self._socket is not None:
            return
        if not self._heads.ready:
            if self._input_over:
                # Half a request is none.
                self.close()
            return
        self.factory.asking.end(self)
        payer = None if self._paid else self._payer
        self._waits |= QUEUE
        self.factory.queues.enter(self, payer, self._take_turn, REQUEST, self._heads.size)

    def _take_turn(self) -> None:
        """Answer one request, unless there is a reason to wait by now; then it is paid for already."""
        self._waits &= ~QUEUE
        self._paid = bool(self._waits)
        if not self._paid:
            try:
                self._answer_next()
            except Exception:
                self.factory.log.failure("Something went wrong at the {door} door.", door=self.factory.name)
                self.abort()
        self._go_on(QUEUE)

    def give_up_on_request(self) -> None:
        """The first request has not come in time, or not all of one."""
        if self._waits & QUEUE:
            # It was not even read.
            self.factory.asking.begin(self)
        elif self._idle:
            self.close()
        else:
            within = self.factory.asking.within
            self._end_with(told(408, f"A request has to come within {within:.0f} seconds.", last=True))

    def _pass_over(self, size: int) -> None:
        self._passed += size
        if self._passed > PASSED_OVER:
            self.abort()

    # Answering.

    def _answer_next(self) -> None:
        try:
            request, size = self._next_request()
        except BadHead as bad:
            self._end_with(bad.answer)
            return
        answer = self.factory.site.answer(request, self.transport, None if self._payer is not None else size)
        if isinstance(answer, Upgrade):
            self._upgrade(answer)
            return
        self._write(answer)
        if answer.last or self._http.our_state is not h11.DONE:
            self.close()
        else:
            self._http.start_next_cycle()
            self._wait_for_next()

    def _next_request(self) -> tuple[h11.Request, int]:
        """
        Parse the next request; it is whole, for those that bring a body are not read any further than that.

        :returns: the request, and how many bytes it has.
        :raises BadHead: if it is none, or none that is answered.
        """
        head = self._heads.take()
        self._http.receive_data(head)
        try:
            request = self._http.next_event()
            assert isinstance(request, h11.Request), "there is a whole head"
            self._only_head = request.method == b"HEAD"
            if request.http_version not in (b"1.0", b"1.1"):
                raise BadHead(told(505, "HTTP/1.1 is spoken here.", last=True))
            if self._http.they_are_waiting_for_100_continue:
                raise BadHead(told(417, "Nothing here wants a body.", last=True))
            if header(request, b"transfer-encoding") or header(request, b"content-length").strip("0"):
                raise BadHead(told(413, "Nothing here wants a body.", last=True))
            self._http.next_event()
        except h11.RemoteProtocolError:
            raise not_understood() from None
        return request, len(head)

    def _end_with(self, answer: Answer) -> None:
        """Answer before all has come, then close; what comes meanwhile is passed over, so that the answer arrives."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            self._write(answer)
        # What carries TLS says that it is TCP, too.
        halves = ITCPTransport.providedBy(self.transport) and not ISSLTransport.providedBy(self.transport)
        if halves and not self._input_over:
            self._begin_to_close()
            self.factory.parting.begin(self)
            self.transport.loseWriteConnection()
        else:
            self.close()

    def _write(self, answer: Answer) -> None:
        site = self.factory.site
        site.answers[answer.status] += 1
        head = answer.head(formatdate(self.factory.hub.core.world.now(), usegmt=True))
        events: list[h11.Event] = [
            h11.Response(status_code=answer.status, headers=head, reason=answer.reason),
            h11.EndOfMessage(),
        ]
        if answer.body and not self._only_head:
            events.insert(1, h11.Data(data=answer.body))
        self._only_head = False
        self.transport.write(b"".join(self._http.send(event) or b"" for event in events))

    def _wait_for_next(self) -> None:
        self.factory.asking.end(self)
        if self._waits & FULL:
            return
        if self._idle:
            self.factory.idle.begin(self)
        else:
            self.factory.asking.begin(self)

    def _upgrade(self, upgrade: Upgrade) -> None:
        """Go on as a WebSocket; what has come after the request belongs to it."""
        self._forget()
        self.transport.unregisterProducer()
        self._read_on()
        self._socket = WebSocketDoor(self.factory, upgrade)
        self._socket.makeConnection(self.transport)
        rest = self._heads.rest()
        if rest:
            self._socket.dataReceived(rest)
        if self._input_over:
            self._socket.readConnectionLost()

    # What the transport says, and going.

    def pauseProducing(self) -> None:
        """The transport holds as much as it may."""
        self._waits |= FULL
        self.factory.reading.begin(self)
        self._pause()

    def resumeProducing(self) -> None:
        """The transport has written out all it held."""
        self._waits &= ~FULL
        self.factory.reading.end(self)
        self._wait_for_next()
        self._go_on(FULL)

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
        # Only by reading can be seen whether the other end goes.
        self._read_on()
        # With a paused producer registered a transport never finishes closing.
        self.transport.unregisterProducer()

    def _forget(self) -> None:
        """This connection asks for nothing more."""
        factory = self.factory
        factory.queues.leave(self)
        if self in factory.visitors:
            factory.visitors.remove(self)
            factory.crowd.asked(self._place)
        for deadlines in (factory.asking, factory.idle, factory.reading):
            deadlines.end(self)
