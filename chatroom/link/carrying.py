"""The door's end of carried connections: a door holds their sockets, and the house runs their protocols."""

from __future__ import annotations

from itertools import chain
from typing import Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IAddress, IHalfCloseableProtocol, IProtocolFactory, IPushProducer, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.doors.factory import DoorFactory, Entrance
from chatroom.doors.outlets.direct_transport import direct_transport
from chatroom.doors.stall_detector import StallDetector, held
from chatroom.doors.timeouts import Timeouts
from chatroom.system.quiet_log import QuietLog

from .byte_stream import ByteStream
from .carried import NUMBERS, about_client
from .frames import Kinds
from .wire import Link

HOUSE_TIMEOUT = 10.0
"""Seconds for which a new connection waits for the house while there is no link."""

LOOK_INTERVAL = 5.0
"""Seconds between looks at how much a client has read that does not read all."""


@implementer(IHalfCloseableProtocol, IPushProducer)
class Carrying(Protocol):
    """
    One client, whose bytes go to the house and back.

    While the client does not read, what the house sends waits here, up to a window, and then in the house.  While the
    house does not read, or is not there, the client's socket is paused after a window.

    :param door: the name of the client's door in the house.
    """

    transport: Any

    def __init__(self, clients: CarriedClients, door: str) -> None:
        self._clients = clients
        self._door = door
        self.stream = ByteStream(clients.clock, self._receive)
        """The connection on the link."""
        self._buffered = 0
        """The bytes that the client had not taken at the last look."""

    def makeConnection(self, transport: Any) -> None:
        """Write straight to the socket."""
        super().makeConnection(direct_transport(transport))

    def connectionMade(self) -> None:
        """Have the house accept the connection, as soon as there is a link."""
        self.transport.registerProducer(self, True)
        self.stream.registerProducer(self.transport, True)
        self._clients.arrived(self)

    @property
    def about(self) -> dict[str, Any]:
        """What the house has to know of the client."""
        return {"door": self._door, **about_client(self.transport)}

    # From the client.

    def dataReceived(self, data: bytes) -> None:
        """Send *data* to the house."""
        self.stream.write(data)

    def readConnectionLost(self) -> None:
        """Half-close: the house answers everything, then closes."""
        self.stream.finish("carried-half")

    def writeConnectionLost(self) -> None:
        """Do nothing: the house knows when it closes only our half."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell the house."""
        self.stream.close()
        self._clients.departed(self, "" if reason.check(ConnectionDone) else reason.getErrorMessage())

    # From the house.

    def _receive(self, data: bytes) -> None:
        self.transport.write(data)

    def acknowledged(self, size: int) -> None:
        """Note that the house has taken *size* bytes."""
        self.stream.acknowledged(size)

    def closes(self) -> None:
        """Close after everything buffered has been written, if the client reads it."""
        self._clients.closing.begin(self)
        self.stream.ended(self._lose_connection)

    def closes_half(self) -> None:
        """Close our direction after everything buffered has been written."""
        self.stream.ended(self.transport.loseWriteConnection)

    def _lose_connection(self) -> None:
        # With a paused producer registered a transport never finishes closing.
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def abort(self) -> None:
        """Close at once."""
        self.transport.abortConnection()

    # Called by the transport.

    def pauseProducing(self) -> None:
        """Hold what the house sends: the client does not read (backpressure)."""
        self.stream.pauseProducing()
        self._buffered = held(self.transport)
        self._clients.slow.begin(self)

    def resumeProducing(self) -> None:
        """Go on: the client has read everything that was buffered."""
        self._clients.slow.end(self)
        self.stream.resumeProducing()

    def stopProducing(self) -> None:
        """Do nothing: `connectionLost` follows."""

    def look(self) -> None:
        """Let the house see that the client reads, though not fast: else it would be disconnected."""
        before, self._buffered = self._buffered, held(self.transport)
        self.stream.eased(before - self._buffered)
        self._clients.slow.begin(self)


_FRAMES = Kinds(
    {
        "carried-ack": (Carrying.acknowledged, int, int),
        "carried-close": (Carrying.closes, int),
        "carried-half": (Carrying.closes_half, int),
        "carried-abort": (Carrying.abort, int),
    }
)


class CarriedClients:
    """
    All clients whose connections are carried over one door's link, which the house may lose and restore.

    :param stall: disconnect a client that reads nothing of the end for this many seconds; 0: never.
    """

    def __init__(self, clock: IReactorTime, stall: float) -> None:
        self.clock = clock
        self._link: Link | None = None
        self._log = QuietLog(clock, Logger(namespace="chatroom"))
        self._open: dict[int, Carrying] = {}
        """The connections on the link, by their numbers."""
        self._last = 0
        """The number of the newest."""
        self._waiting: Timeouts[Carrying] = Timeouts(clock, HOUSE_TIMEOUT, Carrying.abort)
        self._early: dict[Carrying, None] = {}
        """The connections that wait for a link, in their order."""
        self.slow: Timeouts[Carrying] = Timeouts(clock, LOOK_INTERVAL, Carrying.look)
        """The clients that don't read as fast as they are sent to."""
        self.closing: StallDetector[Carrying] = StallDetector(clock, stall, self._give_up)
        """The clients that have yet to read what came before the end."""

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._open) + len(self._early)

    # The link.

    def up(self, link: Link) -> None:
        """Have connections carried over *link*."""
        self._link = link
        early, self._early = self._early, {}
        for client in early:
            self._waiting.end(client)
            self._carry(client, link)

    def lost(self) -> None:
        """End all connections: the link is lost."""
        self._link = None
        clients, self._open = self._open, {}
        for client in clients.values():
            client.abort()

    def frame(self, frame: list[Any]) -> None:
        """
        Handle a frame about a connection: its kind begins with ``carried-``.

        Connections that are not open have ended meanwhile.

        :raises BadFrame: if it is invalid.
        """
        run, (number, *more) = _FRAMES.find(frame)
        client = self._open.get(number)
        if client is not None:
            run(client, *more)

    def data(self, number: int, data: bytes) -> None:
        """Take *data* for a connection."""
        if number in self._open:
            self._open[number].stream.received(data)

    # The clients.

    def arrived(self, client: Carrying) -> None:
        """Have a new connection carried; without a link, not before there is one."""
        if self._link is not None:
            self._carry(client, self._link)
        else:
            self._early[client] = None
            self._waiting.begin(client)

    def departed(self, client: Carrying, reason: str) -> None:
        """Forget a connection that is gone, and tell the house; *reason* is empty for a clean end."""
        self._early.pop(client, None)
        self._waiting.end(client)
        self.slow.end(client)
        self.closing.end(client)
        number = client.stream.number
        if number in self._open and self._link is not None:
            del self._open[number]
            self._link.send(["carried-lost", number, reason])

    def _carry(self, client: Carrying, link: Link) -> None:
        # A number is not used again while it may mean another connection.
        numbers = chain(range(self._last + 1, NUMBERS), range(self._last + 1))
        number = self._last = next(number for number in numbers if number not in self._open)
        self._open[number] = client
        link.send(["carry", number, client.about])
        client.stream.begin(link, number)

    def _give_up(self, client: Carrying) -> None:
        self._log.info("Disconnected a client that did not read the end of a carried connection.")
        client.abort()


class CarryingFactory(Entrance):
    """
    Builds carried connections for one door, and declares how they begin as that door does.

    :param without_tls: the door for clients without TLS if that is demanded; None: they come in all the same.
    """

    def __init__(
        self, clients: CarriedClients, door: type[DoorFactory], without_tls: IProtocolFactory | None = None
    ) -> None:
        self._clients = clients
        self._without_tls = without_tls
        self.name, self.crowded = door.name, door.crowded
        self.openings, self.padded, self.late, self.alpn = door.openings, door.padded, door.late, door.alpn

    def buildProtocol(self, addr: IAddress | None) -> Carrying:
        """Build the protocol for one connection."""
        return Carrying(self._clients, self.name)

    def without_tls(self) -> IProtocolFactory:
        """Return the door for connections without TLS to a TLS-only server."""
        return self._without_tls or self
