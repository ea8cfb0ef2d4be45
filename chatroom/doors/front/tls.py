"""TLS: decrypts a connection, and detects the protocol again inside it."""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import (
    IAddress,
    IHalfCloseableProtocol,
    IHandshakeListener,
    IReactorTime,
)
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.doors.addresses import address_of, among
from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import NAME_TIMEOUT
from chatroom.doors.outlets.direct_transport import direct_transport
from chatroom.doors.timeouts import Timeouts
from chatroom.system.quiet_log import QuietLog
from chatroom.tls.pair import reason_of
from chatroom.tls.renewal import Certificate

from .front_door import FrontDoor, Multiplexer
from .tls_connection import ConnectionCreator
from .tls_records import TlsRecords, is_record

MAX_HANDSHAKE = 2**15
"""Longest unfinished handshake, in bytes; browsers need some 2,000."""

HANDSHAKE_LINES = 2.0
"""Cost of a handshake, in lines: 0.8 ms and its surroundings."""

MAX_RECORDS = 64
"""Records decrypted per reactor turn."""

RECORDS_LINES = 1.0
"""Cost of that many records, in lines, at most."""

BARREN = 25
"""Records without data that are charged together."""

BARREN_LINES = 0.02
"""Cost of one of them, in lines: 10 µs, because it may change a key."""

INSIDE, QUEUE = 1, 2
"""Why nothing is decrypted now: the door inside is paused; the work waits for budget or a turn."""


class TlsFactory(TLSMemoryBIOFactory):
    """
    Builds the TLS end of connections that begin with a TLS handshake.

    :param inside: front doors for the decrypted connections.
    :param admission: queues work of places over their budget.
    :param limits: knows the proxies, which are not charged here: their clients are charged inside.
    """

    noisy = False

    def __init__(
        self,
        certificate: Certificate,
        inside: Multiplexer,
        clock: IReactorTime,
        admission: Admission,
        limits: ConnectionLimits,
    ) -> None:
        super().__init__(ConnectionCreator(certificate), False, inside, clock)
        self.admission = admission
        self.limits = limits
        self.log = QuietLog(clock, Logger(namespace="chatroom"))
        self.unfinished: Timeouts[TlsDoor] = Timeouts(clock, NAME_TIMEOUT, TlsDoor.give_up)

    def buildProtocol(self, addr: IAddress | None) -> TlsDoor:
        """Build the TLS protocol for one connection."""
        return TlsDoor(self, InnerDoor(self.wrappedFactory, self))


@implementer(IHalfCloseableProtocol)
class TlsDoor(TLSMemoryBIOProtocol):
    """
    A TLS connection: the transport of the front door inside it.

    Twisted's own treats a ``close_notify`` as the end of both directions, and waits without limit for the answer to
    its own.  Here, earlier input is still answered (RFC 8446, section 6.1), and a missing answer is not waited for.
    Writes are not buffered either, as Twisted does by default: the house already writes in batches.
    """

    transport: Any
    wrappedProtocol: InnerDoor
    factory: TlsFactory

    def __init__(self, factory: TlsFactory, inside: InnerDoor) -> None:
        super().__init__(factory, inside)
        self.truncated = False
        """Whether the connection ended without a ``close_notify``, so input may be missing."""
        self._records = TlsRecords()
        self._received = 0
        """Bytes received before the handshake was finished."""
        self._begun = self._input_over = False
        self._waits = 0
        self._price = HANDSHAKE_LINES
        """Work, in lines, to be charged before more is decrypted."""
        self._barren = 0
        """Records without data that are not charged yet."""

    def makeConnection(self, transport: Any) -> None:
        """Wait for a handshake, for a limited time."""
        self.transport, self.connected = transport, True
        peer = transport.getPeer()
        self._payer = None if among(peer, self.factory.limits.proxies) else address_of(transport)
        self.factory.unfinished.begin(self)

    def _begin(self) -> None:
        """Start OpenSSL, which takes 40 KB per connection, after the handshake is paid for."""
        self._begun = True
        super().makeConnection(direct_transport(self.transport))

    @property
    def fingerprint(self) -> str:
        """
        The SHA-256 fingerprint of the client's certificate, in lower-case hexadecimal digits; "" if it has shown none.

        The certificate of a proxy says nothing of the proxy's clients.
        """
        certificate = None if self._payer is None else self.getPeerCertificate()
        return "" if certificate is None else certificate.digest("sha256").decode().replace(":", "").lower()

    def handshake_completed(self) -> None:
        """Stop waiting for the handshake."""
        self.factory.unfinished.end(self)

    def give_up(self) -> None:
        """Disconnect a client that has not finished the handshake."""
        self.factory.log.info("Disconnected a client that did not finish the TLS handshake.")
        self.abortConnection()

    def abortConnection(self) -> None:
        """Close at once."""
        if self._begun:
            super().abortConnection()
        else:
            self.transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        """Decrypt *data* for the door inside, a few records per turn."""
        if self._input_over:
            # Nothing may follow, and nothing would drain it from OpenSSL's buffer.
            return
        if not self.wrappedProtocol.opened:
            self._received += len(data)
        if not (self._records or self._waits or self._price) and is_record(data):
            self._decrypt(data, 1)
            return
        self._records.add(data)
        if not self._waits:
            self._read_on()
        elif not self.wrappedProtocol.opened and self._received > MAX_HANDSHAKE:
            self.abortConnection()

    def _read_on(self) -> None:
        """Decrypt some of the received data, and the rest in later turns."""
        ready = self._records.ready
        if ready and self._price:
            price, self._price = self._price, 0.0
            self._queue(price, self._payer)
            return
        if ready:
            self._decrypt(*self._records.take(MAX_RECORDS))
            ready = self._records.ready
        if self._input_over or not self.connected or self.disconnecting:
            return
        if not self.wrappedProtocol.opened and self._received - ready * len(self._records) > MAX_HANDSHAKE:
            self.abortConnection()
        elif ready and not self._waits:
            self._queue(RECORDS_LINES, None)

    def _decrypt(self, records: bytes, count: int) -> None:
        if not self._begun:
            self._begin()
        handle = self.getHandle()
        fruitful = handle.fruitful
        super().dataReceived(records)
        self._barren += max(0, count - handle.fruitful + fruitful)
        if self._barren >= BARREN:
            self._barren, self._price = 0, self._barren * BARREN_LINES
        if self.connected and not self.disconnecting and self.wrappedProtocol.opened and handle.input_over:
            self._end_input()

    def readConnectionLost(self) -> None:
        """End the input, as some clients like ncat do without a ``close_notify``."""
        if not self.wrappedProtocol.opened or getattr(self.transport, "broken", False):
            self.abortConnection()
        elif not self._input_over:
            self.truncated = True
            self._end_input()

    def writeConnectionLost(self) -> None:
        """Do nothing: we never close only our half."""

    def _end_input(self) -> None:
        self._input_over = True
        self.wrappedProtocol.readConnectionLost()

    # Flow control.

    def pauseProducing(self) -> None:
        """Stop decrypting: the door inside is paused."""
        self._wait(INSIDE)

    def resumeProducing(self) -> None:
        """Resume decrypting, in a later turn: the door inside wants to read."""
        self._waits &= ~INSIDE
        if self._waits or not self.connected:
            return
        if self._records.ready:
            self._queue(RECORDS_LINES, None)
        else:
            self.transport.resumeProducing()

    def _queue(self, lines: float, payer: str | None) -> None:
        """Decrypt more once the budget covers it, in a later turn."""
        if self.wrappedProtocol.opened:
            self._wait(QUEUE)
        else:
            # Little can arrive before the handshake, and only reading shows whether the client has gone.
            self._waits |= QUEUE
        self.factory.admission.enter(self, payer, self._take_turn, lines)

    def _take_turn(self) -> None:
        self._waits &= ~QUEUE
        if not self._waits:
            self._read_on()
        if not self._waits and self.connected:
            self.transport.resumeProducing()

    def _wait(self, why: int) -> None:
        if not self._waits:
            self.transport.pauseProducing()
        self._waits |= why

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Stop waiting for anything."""
        self.connected = False
        self.factory.admission.leave(self)
        self.factory.unfinished.end(self)
        if self._begun:
            super().connectionLost(reason)


@implementer(IHandshakeListener)
class InnerDoor(FrontDoor):
    """The front door inside TLS, which opens when the handshake is done."""

    def __init__(self, factory: Multiplexer, secure: TlsFactory) -> None:
        super().__init__(factory)
        self.opened = False
        """Whether the handshake is finished."""
        self._secure = secure

    def connectionMade(self) -> None:
        """Wait for the handshake to be finished."""

    def handshakeCompleted(self) -> None:
        """Open the door chosen by ALPN, or by the first bytes."""
        self.opened = True
        self.transport.handshake_completed()
        door = self.factory.openings.door_for_protocol(self.transport.negotiatedProtocol)
        if door is None:
            super().connectionMade()
        else:
            # This may be a browser's preconnect, which a greeting would spoil.
            self._hand_over(door)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Log why a handshake failed, and tell the door inside that the connection is gone."""
        error = reason.value
        if not self.opened and isinstance(error, SSL.Error):
            self._secure.log.info("A TLS handshake failed: {why}.", why=reason_of(error))
        super().connectionLost(reason)
