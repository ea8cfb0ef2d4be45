"""The SSH transport: one encrypted connection, with bounds on everything that a stranger can make grow or slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.conch.ssh import transport as conch
from twisted.conch.ssh.connection import MSG_CHANNEL_DATA
from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.doors.addresses import address_of
from chatroom.doors.outlets.direct_transport import direct_transport

from .algorithms import CIPHERS, COMPRESSIONS, KEY_EXCHANGES, MACS, SIGNATURES
from .silence import SILENT

if TYPE_CHECKING:
    from .identity import Identity
    from .server import Server

MAX_PACKET = 2**16
"""Longest unfinished packet, in bytes; RFC 4253, section 6.1, demands 35,000."""

KEY_EXCHANGE_LINES = 3.0
"""Cost of a key exchange, in lines: 1.5 ms."""

BARREN = 32
"""Packets that no door pays for, as nothing in them is read, that are charged together."""

BARREN_LINES = 1.0
"""Cost of that many, in lines: 15 µs each."""

MAX_UNREAD = 1000
"""Packets that a client may send while it reads nothing: each may be answered, with some 100 bytes."""

MAX_ANSWERS = 256
"""Answers that may wait for a key exchange that we have begun."""

REKEY_BYTES = 2**30
"""Bytes to one client after which the keys are exchanged again (RFC 4253, section 9)."""

QUEUE, CHECKING = 1, 2
"""Why no packet is read now: the work waits for budget or a turn; a password is being checked."""

_KEY_EXCHANGE = range(30, 50)
"""Messages of a key exchange (RFC 4250, section 4.1.2)."""

_BEFORE_KEYS = frozenset((conch.MSG_DISCONNECT, conch.MSG_IGNORE, conch.MSG_UNIMPLEMENTED, conch.MSG_DEBUG, 20, 21))
"""The other messages that a client may send before the first key exchange is complete."""


@implementer(IHalfCloseableProtocol)
class SshTransport(conch.SSHServerTransport):
    """
    One SSH connection, which has channels, each of which is a session, once the client has said who it is.

    Packets are read as long as nothing waits, so what a client costs is charged before it costs more.  What is written
    goes straight to the socket.
    """

    _log = SILENT
    transport: Any
    factory: Server  # type: ignore[assignment]
    service: Any
    supportedKeyExchanges = KEY_EXCHANGES
    supportedCiphers = CIPHERS
    supportedMACs = MACS
    supportedCompressions = COMPRESSIONS
    version = b"chatroom"
    ourVersionString = b"SSH-2.0-chatroom"

    def __init__(self, factory: Server) -> None:
        self.factory = factory
        self.supportedPublicKeys = factory.host_keys.algorithms
        self.identity: Identity | None = None
        """Who the client is, once that is known."""
        self.congested = False
        """Whether nothing more should be written now: the socket is full, or keys are being exchanged."""
        self.written = 0
        """Bytes since the last key exchange."""
        self._full = self.ended = False
        self._waits = 0
        self.price = 0.0
        """Work, in lines, to be charged before more is read."""
        self._barren = 0
        """Packets that no door pays for, and that are not charged yet."""
        self._unread = 0
        """Packets that have come since the socket is full."""

    @property
    def address(self) -> str:
        """The client's address, without a port; "" if it has none."""
        return address_of(self.transport)

    def makeConnection(self, transport: Any) -> None:
        """Say hello to a client, which has a limited time to say who it is."""
        # Conch's own sets a name for its log.
        self.connected = 1
        self.transport = direct_transport(transport)
        self.transport.registerProducer(_Watch(self), True)
        self.factory.unfinished.begin(self)
        self.connectionMade()

    # Input.

    def dataReceived(self, data: bytes) -> None:
        """Read the packets in *data*, and what is left of them when more has come."""
        if self.ended:
            return
        self.buf += data
        if not self.gotVersion:
            if not self.buf.startswith(b"SSH-"[: len(self.buf)]):
                self.fail("That is not SSH.")
                return
            # Conch's own reads the version.
            data, self.buf = self.buf, b""
            if len(data) > 255 and b"\n" not in data[:255]:
                self.fail("No version (RFC 4253, section 4.2).")
                return
            head, newline, rest = data.partition(b"\n")
            if not newline:
                self.buf = data
                return
            self._guarded(super().dataReceived, head + newline)
            self.buf += rest
        self._read_on()

    def _read_on(self) -> None:
        while not (self._waits or self.ended):
            packet = self._guarded(self.getPacket)
            if not packet:
                break
            self._guarded(self._dispatch, packet)
        if not self._waits and len(self.buf) > MAX_PACKET:
            self.fail("That packet is too long.")

    def _guarded(self, call: Any, *arguments: bytes) -> Any:
        """
        Call *call*, and hang up if the client sent something that it cannot read.

        Conch raises struct.error, IndexError, KeyError, ValueError and others then.  The door guards its own code, so
        nothing of that can be a bug of ours.
        """
        try:
            return call(*arguments)
        except Exception as error:
            self.factory.log.info("A client's SSH packet could not be read: {why}.", why=type(error).__name__)
            self.fail("That packet could not be read.")

    def _dispatch(self, packet: bytes) -> None:
        number = packet[0]
        progressing = self._keyExchangeState == self._KEY_EXCHANGE_PROGRESSING
        if number in _KEY_EXCHANGE and not progressing:
            raise ValueError("no key exchange goes on")
        if progressing and not self._allowedKeyExchangeMessageType(number):
            # The answers would have to wait, however many (RFC 4253, section 7.1).
            raise ValueError("a key exchange goes on")
        if self._blockedByKeyExchange is not None and len(self._blockedByKeyExchange) > MAX_ANSWERS:
            raise ValueError("more is asked for while a key exchange waits")
        if self.sessionID is None and not (number in _BEFORE_KEYS or number in _KEY_EXCHANGE):
            raise ValueError("not encrypted yet")
        self._unread += self._full
        if self._unread > MAX_UNREAD:
            self.hang_up("You read nothing. Goodbye.")
            return
        if number == conch.MSG_KEXINIT:
            self.price += KEY_EXCHANGE_LINES
        elif number != MSG_CHANNEL_DATA:
            self.note_barren()
        self.dispatchMessage(number, packet[1:])
        if self.price and not self.ended:
            price, self.price = self.price, 0.0
            self.hold(QUEUE)
            self.factory.admission.enter(self, self.factory.payer(self.transport), self._paid, price)

    def note_barren(self) -> None:
        """Charge, with others, for a packet that no door pays for."""
        self._barren += 1
        if self._barren == BARREN:
            self._barren, self.price = 0, self.price + BARREN_LINES

    def _paid(self) -> None:
        self.release(QUEUE)

    def hold(self, why: int) -> None:
        """Read nothing more for now."""
        if not self._waits and not self.ended:
            self.transport.pauseProducing()
        self._waits |= why

    def release(self, why: int) -> None:
        """Read on: what was waited for has come."""
        self._waits &= ~why
        if self._waits or self.ended:
            return
        self._read_on()
        if not (self._waits or self.ended):
            self.transport.resumeProducing()

    # Output.

    def sendKexInit(self) -> None:
        """Begin to exchange keys; nothing else may be sent meanwhile (RFC 4253, section 7.1)."""
        super().sendKexInit()
        self.written = 0
        self._look()

    def ssh_KEXINIT(self, packet: bytes) -> None:
        """Begin to exchange keys, or go on; Conch forgets to note that if the client has begun."""
        super().ssh_KEXINIT(packet)
        if not self.ended:
            self._keyExchangeState = self._KEY_EXCHANGE_PROGRESSING

    def ssh_EXT_INFO(self, packet: bytes) -> None:
        """Do nothing: no extension is used, and Conch takes 15 ms for a packet full of them."""

    def _newKeys(self) -> None:
        super()._newKeys()
        self._look()

    def sendExtInfo(self, extensions: list[tuple[bytes, bytes]]) -> None:
        """Tell by what clients' keys may sign; Conch would name the algorithms of our own key."""
        super().sendExtInfo([(b"server-sig-algs", b",".join(SIGNATURES))])

    def note_written(self, size: int) -> None:
        """Note that *size* bytes were written, and exchange keys again after very many."""
        self.written += size
        if self.written > REKEY_BYTES and self._keyExchangeState == self._KEY_EXCHANGE_NONE:
            self.sendKexInit()

    def fill(self, full: bool) -> None:
        """Note whether the socket is full (backpressure)."""
        self._full, self._unread = full, 0
        self._look()

    def _look(self) -> None:
        congested = self._full or self._keyExchangeState != self._KEY_EXCHANGE_NONE
        if congested != self.congested:
            self.congested = congested
            if self.service is not None:
                self.service.congestion_changed()

    # The end.

    def sendDisconnect(self, reason: int, desc: bytes | str) -> None:
        """Disconnect, and give the client only a moment to read why."""
        if self.ended:
            return
        self.ended = True
        self.transport.unregisterProducer()
        super().sendDisconnect(reason, desc if isinstance(desc, bytes) else desc.encode())
        self.factory.closing.begin(self)

    def fail(self, why: str) -> None:
        """Disconnect, because the client violates the protocol."""
        self.sendDisconnect(conch.DISCONNECT_PROTOCOL_ERROR, why.encode())

    def hang_up(self, why: str) -> None:
        """Disconnect for a reason that is no fault of the client's."""
        self.sendDisconnect(conch.DISCONNECT_BY_APPLICATION, why.encode())

    def abort(self) -> None:
        """Disconnect at once."""
        self.ended = True
        self.transport.abortConnection()

    def give_up_on_unknown(self) -> None:
        """Disconnect a client that has not said who it is, or has opened no session, in time."""
        self.factory.log.info("Disconnected an SSH client that did not come in.")
        self.hang_up("You did not come in within the time limit. Goodbye.")

    def readConnectionLost(self) -> None:
        """Disconnect: clients end a session in words, not by closing half of the connection."""
        self.abort()

    def writeConnectionLost(self) -> None:
        """Do nothing: we never close only our half."""

    def connectionLost(self, reason: Failure | None = connectionDone) -> None:
        """End the sessions: the connection is gone."""
        self.ended = True
        self.factory.forget(self)
        if self.service is not None:
            service, self.service = self.service, None
            service.connection_lost(reason or connectionDone)


@implementer(IPushProducer)
class _Watch:
    """Tells a transport whether its socket is full."""

    def __init__(self, transport: SshTransport) -> None:
        self._transport = transport

    def pauseProducing(self) -> None:
        self._transport.fill(True)

    def resumeProducing(self) -> None:
        self._transport.fill(False)

    def stopProducing(self) -> None:
        """Do nothing: the connection is about to be lost."""
