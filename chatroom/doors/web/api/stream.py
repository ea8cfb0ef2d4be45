"""Streams of events: the connection of a script that follows a room."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.chat.hub import Hub
from chatroom.chat.replies import PasswordWanted
from chatroom.dialects.json.event_stream import EventStreamDialect
from chatroom.doors.connection_limits import ConnectionLimits, place_of_host
from chatroom.doors.factory import DoorFactory
from chatroom.doors.outlets.direct_socket import outlet_for
from chatroom.doors.timeouts import Timeouts
from chatroom.system.quiet_log import QuietLog

from .calls import Stream

PULSE_INTERVAL = 30.0
"""Seconds between two comments: proxies close connections that are silent for a minute."""

MAX_INPUT = 65_536
"""Bytes that a client may send while it follows, which are skipped."""


@implementer(IHalfCloseableProtocol)
class EventStream(Protocol):
    """One connection that is shown the events of one room, until it closes."""

    factory: StreamFactory
    transport: Any

    def __init__(self, factory: StreamFactory, stream: Stream, head: bytes) -> None:
        self.factory = factory
        self._follower = stream.follower
        self._dialect = stream.dialect
        self._peer = stream.peer
        self._place = place_of_host(stream.peer.host) if stream.peer.vouched else None
        """The place of a client behind a proxy, for counting."""
        self._head = head
        self._passed = 0
        self._opening = self._full = False

    def connectionMade(self) -> None:
        """Send the head of the response, then everything that was missed."""
        self.factory.limits.add(self._place)
        dialect = self._dialect
        self.outlet: Any = outlet_for(self.transport, self, (dialect, dialect), self.factory.name, False)
        self.factory.arrived(self)
        self._opening = True
        # Earlier responses may still be buffered and must not be overtaken.
        self.outlet.buffer(self._head + dialect.opening(self._follower.position), 0)
        self._opening = False
        self._follower.begin(self)

    # What the outlet asks for and reports.

    def rest(self, owed: float) -> None:
        """Do nothing: nothing is read here."""

    @property
    def address(self) -> str:
        """The client's address; "" if it has none."""
        return self._peer.address

    @property
    def secure(self) -> bool:
        """Whether the connection is private: this machine, or TLS."""
        return self._peer.secure

    @property
    def log(self) -> QuietLog:
        """The log for events that clients can cause."""
        return self.factory.log

    def refused(self) -> None:
        """Note that a command was refused."""
        self.factory.refusals += 1

    def ask(self, wanted: PasswordWanted) -> None:
        """Do nothing: nobody types here."""

    def ready(self) -> None:
        """Do nothing: there are no commands here."""

    def outlet_full(self) -> None:
        """Show nothing more for now: the client does not read (backpressure)."""
        self._full = True
        self._follower.fall_behind()
        if not self._opening:
            self.factory.stalled.begin(self)

    def outlet_drained(self) -> None:
        """Go on: the client has read everything."""
        self._full = False
        self.factory.stalled.end(self)
        self._follower.drained()

    def pulse(self) -> None:
        """Send a comment, unless the client doesn't read."""
        if not self._full:
            self.outlet.write(self._dialect.pulse)

    # Input, which has no meaning.

    def dataReceived(self, data: bytes) -> None:
        """Skip what a client sends that should only read."""
        self._passed += len(data)
        if self._passed > MAX_INPUT:
            self.transport.abortConnection()

    def readConnectionLost(self) -> None:
        """End with what has happened by now: the client may be gone."""
        self._follower.finish()

    def writeConnectionLost(self) -> None:
        """Do nothing: we never close only our half."""

    # Closing.

    def end(self) -> None:
        """End the response."""
        self.outlet.write(self._dialect.end)
        self.outlet.close()

    def hang_up(self) -> None:
        """Close after everything buffered has been written; a client that doesn't read loses it."""
        self.factory.stalled.begin(self)
        self.transport.loseConnection()

    def give_up_on_nameless(self) -> None:
        """Do nothing: the token has said who it is."""

    def give_up_on_overflow(self) -> None:
        """Disconnect a client for which too much is buffered; what it missed stays in the journal."""
        self.factory.count_hang_up("stalled", "Disconnected a client (door: {door}) that read too slowly.")
        self.transport.abortConnection()

    def give_up_on_stalled(self) -> None:
        """Disconnect a client that has read nothing for too long; what it missed stays in the journal."""
        within = self.factory.hub.core.limits.stall
        message = "Disconnected a client (door: {door}) that read nothing for {within:g} seconds."
        self.factory.count_hang_up("stalled", message, within=within)
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Forget the follower."""
        self.outlet.lost()
        self.factory.limits.remove(self._place)
        self.factory.departed(self)
        self._follower.end()


class StreamFactory(DoorFactory):
    """
    Builds streams out of HTTP connections, and holds what they share.

    :param limits: counts clients of proxies; all others are already counted.
    """

    name = "api"
    resumes = False

    def __init__(self, hub: Hub, clock: IReactorTime, limits: ConnectionLimits) -> None:
        dialect = EventStreamDialect(hub.core.limits.ref)
        super().__init__(hub, clock, (dialect, dialect))
        self.limits = limits
        self._pulses: Timeouts[EventStream] = Timeouts(clock, PULSE_INTERVAL, self._pulse)

    def stream(self, stream: Stream, head: bytes) -> EventStream:
        """Build the protocol that takes over; *head* is that of the response."""
        return EventStream(self, stream, head)

    def arrived(self, door: Any) -> None:
        """Add a new stream."""
        self.connected.add(door)
        self._pulses.begin(door)

    def departed(self, door: Any) -> None:
        """Forget a stream that is gone."""
        super().departed(door)
        self._pulses.end(door)

    def _pulse(self, stream: EventStream) -> None:
        stream.pulse()
        self._pulses.begin(stream)
