"""Connections in memory that behave like sockets, with or without TLS."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from OpenSSL import SSL
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

BUFFER = 2**16
"""Buffer size of a transport before backpressure."""

HERE = IPv4Address("TCP", "127.0.0.1", 50_000)


class Wire(StringTransport):
    """
    One connection with a socket's backpressure: unread bytes are buffered here, then at the other end.

    A producer is told to pause once, when the buffer fills, and to resume when it is empty.
    """

    capacity = BUFFER

    def __init__(self, clock: Clock, address: object = HERE) -> None:
        super().__init__(peerAddress=address)
        self._clock = clock
        self.protocol: Any = None
        self.received = bytearray()
        """What the person has read."""
        self.held = bytearray()
        """What the server has written and the person has not read."""
        self.unread = bytearray()
        """What the person has sent and the server has not read."""
        self.stalled = self.cut = self._paused = self._ended = False
        self.taken: Callable[[], object] | None = None
        """Called in a later turn when the person has read something, or the connection is gone."""

    # The person's end.

    def begin(self) -> None:
        """The connection is made."""

    def carry(self, data: bytes) -> None:
        """Bring *data* to the server, when it reads."""
        self.unread += data
        self._bring()

    def half_close(self) -> None:
        """Send no more."""
        self._ended = True
        self._bring()

    def vanish(self, reason: type[Exception] = ConnectionLost) -> None:
        """Be gone from one moment to the next."""
        if not self.cut:
            self.cut, self.connected = True, False
            if self.producer is not None:
                self.producer.stopProducing()
                self.producer = None
            self.protocol.connectionLost(Failure(reason()))
            self._take(b"")

    def stall(self) -> None:
        """Stop reading."""
        self.stalled = True

    @property
    def dataBuffer(self) -> bytearray:
        """The buffered bytes, as Twisted's own transports have them."""
        return self.held

    offset = _tempDataLen = 0

    def take(self, size: int) -> None:
        """Read so many buffered bytes, and then no more."""
        piece = bytes(self.held[:size])
        del self.held[:size]
        self._take(piece)
        if self.held:
            return
        if self._paused and self.producer is not None:
            self._paused = False
            self.producer.resumeProducing()
        if self.disconnecting:
            self._clock.callLater(0, self.vanish, ConnectionDone)

    def drain(self) -> None:
        """Read all there is, and go on reading."""
        self.stalled = False
        self.take(len(self.held))

    # The server's end.

    def write(self, data: bytes) -> None:
        if self.cut or self.disconnecting:
            return
        if not self.stalled:
            self._take(data)
            return
        self.held += data
        if len(self.held) > self.capacity and self.producer is not None and not self._paused:
            self._paused = True
            self.producer.pauseProducing()

    def writeSequence(self, data: list[bytes]) -> None:
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        if not self.disconnecting:
            self.disconnecting = True
            if not self.held:
                self._clock.callLater(0, self.vanish, ConnectionDone)

    def abortConnection(self) -> None:
        self.vanish(ConnectionAborted)

    def pauseProducing(self) -> None:
        self.producerState = "paused"

    def resumeProducing(self) -> None:
        self.producerState = "producing"
        self._clock.callLater(0, self._bring)

    def _bring(self) -> None:
        while self.unread and self._reads():
            piece = bytes(self.unread[:BUFFER])
            del self.unread[:BUFFER]
            self.protocol.dataReceived(piece)
        if self._ended and not self.unread and self._reads():
            self._ended = False
            half = IHalfCloseableProtocol(self.protocol, None)
            if half is None:
                self.vanish(ConnectionDone)
            else:
                half.readConnectionLost()

    def read(self, data: bytes) -> None:
        """Read what the server has written."""
        self.received += data

    def _take(self, data: bytes) -> None:
        self.read(data)
        if self.taken is not None:
            self._clock.callLater(0, self.taken)

    def _reads(self) -> bool:
        return self.producerState == "producing" and not (self.disconnecting or self.cut)


class SecureWire(Wire):
    """
    A connection over TLS, with the plain bytes inside.

    What the server writes is held, and what it has not read waits, encrypted.

    :param context: how the person speaks TLS.
    """

    def __init__(self, clock: Clock, address: object = HERE, context: SSL.Context | None = None) -> None:
        super().__init__(clock, address)
        self.tls = SSL.Connection(context or client())
        self.tls.set_connect_state()
        self.refusal: SSL.Error | None = None
        """What the person's TLS minds, or was told that the server minds."""
        self._opened = False
        self._unsent = bytearray()
        self._last = False

    def begin(self) -> None:
        self._go_on()
        self._clock.advance(0)

    def carry(self, data: bytes) -> None:
        self._unsent += data
        self._go_on()

    def half_close(self) -> None:
        """Say so inside, too, as most do."""
        self._last = True
        self._go_on()

    def carry_last(self, data: bytes) -> None:
        """Bring *data*, and say in the same moment that no more will come."""
        self._unsent += data
        self.half_close()

    def carry_raw(self, data: bytes) -> None:
        """Bring *data* to the server as it is."""
        super().carry(data)

    def half_close_raw(self) -> None:
        """Close the sending half without a ``close_notify``."""
        super().half_close()

    def abortConnection(self) -> None:
        # As a reactor does it: not before whoever wants it has returned.
        self.disconnecting = True
        self._clock.callLater(0, self.vanish, ConnectionAborted)

    def _take(self, data: bytes) -> None:
        if data:
            self.tls.bio_write(data)
        self._go_on()

    def _go_on(self) -> None:
        """Run what can run now; nothing reaches the server before the next turn."""
        try:
            if not self._opened:
                self.tls.do_handshake()
                self._opened = True
            if self._unsent:
                self.tls.sendall(bytes(self._unsent))
                self._unsent.clear()
            if self._last and not self.tls.get_shutdown() & SSL.SENT_SHUTDOWN:
                self.tls.shutdown()
                self._send()
                self._clock.callLater(0, self.half_close_raw)
            while True:
                super()._take(self.tls.recv(2**16))
        except (SSL.WantReadError, SSL.ZeroReturnError):
            pass
        except SSL.Error as error:
            self.refusal = self.refusal or error
        super()._take(b"")
        self._send()

    def _send(self) -> None:
        pieces = []
        while True:
            try:
                pieces.append(self.tls.bio_read(2**16))
            except SSL.WantReadError:
                break
        if pieces:
            # Before whatever else was asked for in this turn.
            self._clock.callLater(0, self.carry_raw, b"".join(pieces))


@cache
def client() -> SSL.Context:
    """Speak TLS as a client that trusts anyone."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_NONE)
    return context
