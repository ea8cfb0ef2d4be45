"""The door of TLS: agrees on encryption, and inside it the table of languages begins anew."""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import (
    IAddress,
    IHalfCloseableProtocol,
    IHandshakeListener,
    IOpenSSLServerConnectionCreator,
    IReactorTime,
)
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.quiet_log import QuietLog
from chatroom.tls.pair import HTTP, reason_of
from chatroom.tls.renewal import Certificate

from .deadlines import Deadlines
from .door import NAME_WITHIN
from .front import FrontDoor, Languages
from .straight import straight

HANDSHAKE = 2**15
"""Bytes that a handshake may take before it is finished; browsers need some 2,000."""


class SecureFactory(TLSMemoryBIOFactory):
    """
    The way in for whoever begins with a TLS handshake.

    :param inside: front doors for what comes out of the encryption.
    """

    noisy = False

    def __init__(self, certificate: Certificate, inside: Languages, clock: IReactorTime) -> None:
        super().__init__(_Creator(certificate), False, inside, clock)
        self.log = QuietLog(clock, Logger(namespace="chatroom"))
        self.unfinished: Deadlines[InnerDoor] = Deadlines(clock, NAME_WITHIN, InnerDoor.give_up)

    def buildProtocol(self, addr: IAddress | None) -> SecureDoor:
        """Build what speaks TLS on one connection."""
        return SecureDoor(self, InnerDoor(self.wrappedFactory, self))


@implementer(IHalfCloseableProtocol)
class SecureDoor(TLSMemoryBIOProtocol):
    """
    One connection over TLS, and the transport of the door inside it.

    Twisted's own takes the other end's ``close_notify`` for the end of both halves, and waits without
    bound for the answer to its own.  Here, what came before it is answered (RFC 8446, section 6.1), and
    who does not answer is not waited for.  Nor are writes gathered, which Twisted's reactors do by default:
    the house writes a batch at a time already.
    """

    wrappedProtocol: InnerDoor

    def __init__(self, factory: SecureFactory, inside: InnerDoor) -> None:
        super().__init__(factory, inside)
        self.truncated = False
        """Whether the connection below ended without a ``close_notify``: who knows what should have followed."""
        self._received = 0
        self._input_over = False

    def makeConnection(self, transport: Any) -> None:
        """Wait for the handshake."""
        super().makeConnection(straight(transport))

    def dataReceived(self, data: bytes) -> None:
        """Decrypt *data* for the door inside."""
        if self._input_over:
            # Nothing may follow, and nothing would take it out of OpenSSL's buffer again.
            return
        super().dataReceived(data)
        if not self.connected or self.disconnecting:
            return
        if not self.wrappedProtocol.opened:
            self._received += len(data)
            if self._received > HANDSHAKE:
                self.abortConnection()
        elif self.getHandle().input_over:
            self._end_input()

    def readConnectionLost(self) -> None:
        """The connection below will bring nothing more; some, like ncat, end what they send just so."""
        if not self.wrappedProtocol.opened or getattr(self.transport, "broken", False):
            self.abortConnection()
        elif not self._input_over:
            self.truncated = True
            self._end_input()

    def writeConnectionLost(self) -> None:
        """We never close our half only."""

    def _end_input(self) -> None:
        self._input_over = True
        self.wrappedProtocol.readConnectionLost()


@implementer(IHandshakeListener)
class InnerDoor(FrontDoor):
    """A front door that opens when both ends have agreed on the encryption."""

    def __init__(self, factory: Languages, secure: SecureFactory) -> None:
        super().__init__(factory)
        self.opened = False
        """Whether the handshake is finished."""
        self._secure = secure

    def connectionMade(self) -> None:
        """Wait for the handshake to be finished, but not for ever."""
        self._secure.unfinished.begin(self)

    def handshakeCompleted(self) -> None:
        """Now somebody is there."""
        self.opened = True
        self._secure.unfinished.end(self)
        if self.transport.negotiatedProtocol == HTTP:
            # A browser, that may have opened this connection in advance: a greeting would spoil it.
            self._hand_over(self.factory.for_browsers)
        else:
            super().connectionMade()

    def give_up(self) -> None:
        """Hang up on someone who has not finished the handshake."""
        self._secure.log.info("Hung up on someone who did not finish the TLS handshake.")
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell why nobody ever came in, and pass it on."""
        self._secure.unfinished.end(self)
        if not self.opened and reason.check(SSL.Error):
            self._secure.log.info("A TLS handshake failed: {why}.", why=reason_of(reason.value))
        super().connectionLost(reason)


@implementer(IOpenSSLServerConnectionCreator)
class _Creator:
    """Makes connections that show the newest certificate."""

    def __init__(self, certificate: Certificate) -> None:
        self._certificate = certificate

    def serverConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        return _Connection(self._certificate.context)


class _Connection(SSL.Connection):
    """One connection, closed by halves as RFC 8446 has it."""

    input_over = False
    """Whether the other end has said that it will send no more."""

    def recv(self, bufsiz: int, flags: int | None = None) -> bytes:
        """Return what came; after a ``close_notify`` that is nothing, but what was said before can be answered."""
        try:
            return super().recv(bufsiz, flags)
        except SSL.ZeroReturnError:
            self.input_over = True
            raise SSL.WantReadError from None

    def shutdown(self) -> bool:
        """Say that nothing more will be sent; there is no need to wait until the other end says so, too."""
        super().shutdown()
        return True
