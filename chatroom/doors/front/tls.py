"""TLS: decrypts a connection, and puts a front door inside it that detects the protocol again."""

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
"""Bytes that a handshake may take before it is finished; browsers need some 2,000."""

HANDSHAKE_LINES = 2.0
"""Lines' worth of work that a handshake is: 0.8 ms, and what there is around it."""

MAX_RECORDS = 64
"""Records that are decrypted in one turn of the reactor."""

RECORDS_LINES = 1.0
"""Lines' worth of work that they are at most."""

BARREN = 25
"""Records that nothing came out of, and that are paid for together."""

BARREN_LINES = 0.02
"""Lines' worth of work that one of them is: 10 µs, for it may change a key."""

INSIDE, QUEUE = 1, 2
"""Why nothing is decrypted now: the door inside reads nothing; it is not paid for yet, or others have their turn."""


class TlsFactory(TLSMemoryBIOFactory):
    """
    Builds the TLS end of connections that begin with a TLS handshake.

    :param inside: front doors for what comes out of the encryption.
    :param admission: where whoever asks for too much waits.
    :param limits: knows the proxies, who pay for nothing here: what comes through them is paid for inside.
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
        """Build what speaks TLS on one connection."""
        return TlsDoor(self, InnerDoor(self.wrappedFactory, self))


@implementer(IHalfCloseableProtocol)
class TlsDoor(TLSMemoryBIOProtocol):
    """
    One connection over TLS, which is the transport of the front door inside it.

    Twisted's own takes the other end's ``close_notify`` for the end of both halves, and waits without
    bound for the answer to its own.  Here, what came before it is answered (RFC 8446, section 6.1), and
    who does not answer is not waited for.  Nor are writes gathered, which Twisted's reactors do by default:
    the house writes a batch at a time already.
    """

    transport: Any
    wrappedProtocol: InnerDoor
    factory: TlsFactory

    def __init__(self, factory: TlsFactory, inside: InnerDoor) -> None:
        super().__init__(factory, inside)
        self.truncated = False
        """Whether the connection below ended without a ``close_notify``: who knows what should have followed."""
        self._records = TlsRecords()
        self._received = 0
        """Bytes that have come before the handshake was finished."""
        self._begun = self._input_over = False
        self._waits = 0
        self._price = HANDSHAKE_LINES
        """Lines' worth of work that has to be paid for before anything more is decrypted."""
        self._barren = 0
        """Records that nothing came out of, and that are not paid for yet."""

    def makeConnection(self, transport: Any) -> None:
        """Wait for a handshake, for a limited time."""
        self.transport, self.connected = transport, True
        peer = transport.getPeer()
        self._payer = None if among(peer, self.factory.limits.proxies) else address_of(transport)
        self.factory.unfinished.begin(self)

    def _begin(self) -> None:
        """Start OpenSSL, which takes 40 KB for each connection, now that the handshake is paid for."""
        self._begun = True
        super().makeConnection(direct_transport(self.transport))

    def handshake_completed(self) -> None:
        """Stop waiting for the handshake."""
        self.factory.unfinished.end(self)

    def give_up(self) -> None:
        """Hang up on someone who has not finished the handshake."""
        self.factory.log.info("Hung up on someone who did not finish the TLS handshake.")
        self.abortConnection()

    def abortConnection(self) -> None:
        """Close at once."""
        if self._begun:
            super().abortConnection()
        else:
            self.transport.abortConnection()

    def dataReceived(self, data: bytes) -> None:
        """Decrypt *data* for the door inside, a few records in a turn."""
        if self._input_over:
            # Nothing may follow, and nothing would take it out of OpenSSL's buffer again.
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
        """Decrypt some of what has come, and the rest after others have had their turn."""
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

    # When to read.

    def pauseProducing(self) -> None:
        """Decrypt nothing for now: the door inside doesn't want it."""
        self._wait(INSIDE)

    def resumeProducing(self) -> None:
        """Decrypt again, in a later turn: the door inside wants to read."""
        self._waits &= ~INSIDE
        if self._waits or not self.connected:
            return
        if self._records.ready:
            self._queue(RECORDS_LINES, None)
        else:
            self.transport.resumeProducing()

    def _queue(self, lines: float, payer: str | None) -> None:
        """Decrypt more once it is paid for and others have had their turn."""
        if self.wrappedProtocol.opened:
            self._wait(QUEUE)
        else:
            # Little can come before the handshake, and only by reading can be seen who does not wait for it.
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
        """Open: by what ALPN agreed on, or by the first bytes."""
        self.opened = True
        self.transport.handshake_completed()
        door = self.factory.openings.door_for_protocol(self.transport.negotiatedProtocol)
        if door is None:
            super().connectionMade()
        else:
            # A browser may have opened this connection in advance: a greeting would spoil it.
            self._hand_over(door)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Log why a handshake failed, and tell the door inside that the connection is gone."""
        error = reason.value
        if not self.opened and isinstance(error, SSL.Error):
            self._secure.log.info("A TLS handshake failed: {why}.", why=reason_of(error))
        super().connectionLost(reason)
