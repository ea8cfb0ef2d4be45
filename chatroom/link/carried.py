"""The house's end of carried connections, which doors hold and whose protocols run here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import (
    IAddress,
    IHalfCloseableProtocol,
    IReactorTime,
    ISSLTransport,
    ITCPTransport,
    ITransport,
)
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import alsoProvides, implementer

from chatroom.chat.syntax.public_keys import is_fingerprint
from chatroom.doors.addresses import certificate_of
from chatroom.doors.closed import ClosedFactory
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import DoorFactory
from chatroom.system.quiet_log import QuietLog

from .byte_stream import ByteStream
from .codec import BadFrame
from .frames import Kinds
from .wire import Link

NUMBERS = 2**32
"""How many numbers there are for connections."""


@implementer(ITransport)
class CarriedTransport(ByteStream):
    """
    The transport of a connection whose socket a door has.

    It provides `ISSLTransport` if the client came by TLS, and `ITCPTransport` if one direction can be closed.

    :param about: what the door says of the client: ``peer`` and ``here`` are ``[host, port]``, or None for a UNIX
        socket; ``tls`` and ``halves`` are booleans, and ``certificate`` is what `certificate_of` returns.
    :param aborted: called with *number* in the turn after we have aborted the connection, to call `lost`.
    """

    def __init__(
        self,
        clock: IReactorTime,
        link: Link,
        number: int,
        about: dict[str, Any],
        log: QuietLog,
        aborted: Callable[[int], object],
    ) -> None:
        super().__init__(clock, self._data_received)
        self.begin(link, number)
        self._aborted = aborted
        self._peer, self._here = _address(about["peer"]), _address(about["here"])
        self._log = log
        self._protocol: Any = None
        self.connected = True
        self.disconnecting = False
        self.fingerprint = ""
        """What `certificate_of` returns."""
        if about["tls"]:
            alsoProvides(self, ISSLTransport)
            self.fingerprint = _fingerprint(about.get("certificate", ""))
        elif about["halves"]:
            alsoProvides(self, ITCPTransport)

    def connect(self, protocol: Any) -> None:
        """Let *protocol* have the connection."""
        self._protocol = protocol
        self._guarded(protocol.makeConnection, self)

    def _data_received(self, data: bytes) -> None:
        if not self.disconnecting:
            self._guarded(self._protocol.dataReceived, data)

    def half_closed(self) -> None:
        """Note that the client sends no more."""
        self.ended(self._read_connection_lost)

    def _read_connection_lost(self) -> None:
        half = IHalfCloseableProtocol(self._protocol, None)
        if half is None:
            self.loseConnection()
        else:
            self._guarded(half.readConnectionLost)

    def lost(self, reason: Exception) -> None:
        """Tell the protocol that the connection is gone."""
        self.connected = False
        self.close()
        producer, self._producer = self._producer, None
        if producer is not None:
            self._guarded(producer.stopProducing)
        self._guarded(self._protocol.connectionLost, Failure(reason))

    def _guarded(self, call: Any, *arguments: Any) -> None:
        """Make *call*; if that fails, which is a bug, only this connection ends."""
        try:
            call(*arguments)
        except Exception:
            self._log.failure("Something went wrong with a carried connection.")
            self.abortConnection()

    # What protocols ask for.

    def getPeer(self) -> IAddress:
        """Return the client's address, as the door knows it."""
        return self._peer

    def getHost(self) -> IAddress:
        """Return the address to which the client has connected."""
        return self._here

    def loseConnection(self) -> None:
        """Close after everything written has been sent."""
        self.disconnecting = True
        self.finish("carried-close")

    def loseWriteConnection(self) -> None:
        """Close our direction after everything written has been sent."""
        self.finish("carried-half")

    def abortConnection(self) -> None:
        """Close at once."""
        self.disconnecting = True
        if self._link is not None:
            self._link.send(["carried-abort", self.number])
            self.close()
            self._waking = self._clock.callLater(0, self._tell)

    def _tell(self) -> None:
        self._waking = None
        assert self.number is not None, "it had a number when it was aborted"
        self._aborted(self.number)

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Do nothing: the door does not delay."""

    @property
    def dataBuffer(self) -> bytearray:
        """What is not sent yet, where `stall_detector.held` looks for it."""
        return self._unsent

    @property
    def _tempDataLen(self) -> int:
        """The number of bytes that the door has and the client has not, likewise."""
        return self._unacknowledged


class CarriedConnections:
    """
    All carried connections of one link, at the house's end.

    :param doors: the doors whose connections are carried, as they are in a single process.
    :param limits: counts connections, over all links.
    """

    def __init__(
        self, clock: IReactorTime, link: Link, doors: Sequence[DoorFactory], limits: ConnectionLimits
    ) -> None:
        self._clock = clock
        self._link = link
        self._doors = {door.name: door for door in doors}
        self._limits = limits
        self._log = QuietLog(clock, Logger(namespace="chatroom"))
        self._open: dict[int, tuple[CarriedTransport, str | None]] = {}
        """The connections, and the places at which they are counted, by their numbers."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._open)

    def frame(self, frame: list[Any]) -> None:
        """
        Handle a frame about a connection: ``carry``, or a kind that begins with ``carried-``.

        Connections that are not open have ended meanwhile.

        :raises BadFrame: if it is invalid.
        """
        run, (number, *more) = _FRAMES.find(frame)
        if (frame[0] == "carry") is not (number in self._open):
            run(self, number, *more)
        elif frame[0] == "carry":
            raise BadFrame("carried twice")

    def data(self, number: int, data: bytes) -> None:
        """Take *data* for a connection."""
        if number in self._open:
            self._open[number][0].received(data)

    def lost(self, reason: str) -> None:
        """End all connections: the link is lost."""
        for number in list(self._open):
            self._lose(number, ConnectionLost(reason))

    def _carry(self, number: int, about: dict[str, Any]) -> None:
        if number >= NUMBERS:
            raise BadFrame("carry")
        try:
            door = self._doors[about["door"]]
            transport = CarriedTransport(self._clock, self._link, number, about, self._log, self._aborted)
        except (KeyError, TypeError, ValueError):
            raise BadFrame("carry") from None
        peer = transport.getPeer()
        place = self._limits.place_of_peer(peer)
        factory = ClosedFactory(door.crowded) if self._limits.refuses(place) else door
        self._limits.add(place)
        self._open[number] = transport, place
        transport.connect(factory.buildProtocol(peer))

    def _acknowledged(self, number: int, size: int) -> None:
        self._open[number][0].acknowledged(size)

    def _half_closed(self, number: int) -> None:
        self._open[number][0].half_closed()

    def _lost(self, number: int, reason: str) -> None:
        self._lose(number, ConnectionLost(reason) if reason else ConnectionDone())

    def _aborted(self, number: int) -> None:
        self._lose(number, ConnectionAborted())

    def _lose(self, number: int, reason: Exception) -> None:
        transport, place = self._open.pop(number)
        transport.lost(reason)
        self._limits.remove(place)


_FRAMES = Kinds(
    {
        "carry": (CarriedConnections._carry, int, dict),
        "carried-ack": (CarriedConnections._acknowledged, int, int),
        "carried-half": (CarriedConnections._half_closed, int),
        "carried-lost": (CarriedConnections._lost, int, str),
    }
)


def about_client(transport: Any) -> dict[str, Any]:
    """Say of the client at *transport* what `CarriedTransport` has to know."""
    tls = ISSLTransport.providedBy(transport)
    return {
        "peer": _host_and_port(transport.getPeer()),
        "here": _host_and_port(transport.getHost()),
        "tls": tls,
        # The TLS transport claims to be TCP, too.
        "halves": ITCPTransport.providedBy(transport) and not tls,
        "certificate": certificate_of(transport),
    }


def _fingerprint(text: object) -> str:
    if text != "" and not (isinstance(text, str) and is_fingerprint(text)):
        raise ValueError("no fingerprint")
    return str(text)


def _host_and_port(address: object) -> list[Any] | None:
    return [address.host, address.port] if isinstance(address, (IPv4Address, IPv6Address)) else None


def _address(host_and_port: list[Any] | None) -> IAddress:
    if host_and_port is None:
        return UNIXAddress(None)
    host, port = host_and_port
    return IPv6Address("TCP", host, port) if ":" in host else IPv4Address("TCP", host, port)
