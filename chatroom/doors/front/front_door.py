"""Protocol detection: chooses a door by the first bytes of a connection, and hands it over."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, cast

from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHalfCloseableProtocol,
    IProtocol,
    IProtocolFactory,
    IReactorTime,
    ISystemHandle,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.doors.addresses import among, host_of
from chatroom.doors.admission import Admission
from chatroom.doors.closed import ClosedFactory
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.door import Door
from chatroom.doors.outlets.direct_writer import socket_of
from chatroom.system.turn_limit import TURN

from .openings import Openings
from .preconnects import PRECONNECT_TIMEOUT, Preconnects

SILENCE_TIMEOUT = 0.25
"""Silence, in seconds, after which a client is taken for a person who waits for a greeting."""

CONNECTION_LINES = 0.25
"""Cost of a connection, in lines, from its opening to its end."""

_KEEPALIVE = (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 3))
"""TCP keepalive: idle seconds, seconds between probes, and probes; a vanished peer is noticed in two minutes."""


@implementer(IHalfCloseableProtocol)
class FrontDoor(Protocol):
    """
    A connection until its protocol is known; then all calls go straight to its door.

    A client that was silent is greeted by the default door, and may still turn out to be for one whose clients skip
    what they don't understand, such as a greeting: its first bytes decide, as long as they are its first.
    """

    transport: Any

    def __init__(self, factory: Multiplexer, place: str | None = None) -> None:
        self.factory: Multiplexer = factory
        self._place = place
        self._openings = factory.openings
        """The table that decides: another one after a greeting."""
        self._opening = b""
        self._door: IProtocol | None = None
        self._silence: IDelayedCall | None = None
        self._patient = False
        """Whether the greeting has been postponed."""

    def connectionMade(self) -> None:
        """Wait a moment for the first bytes."""
        _set_socket_options(self.transport)
        if self.factory.admits(self):
            self._wait(SILENCE_TIMEOUT)
        else:
            self.transport.pauseProducing()

    def come_in(self) -> None:
        """Continue after waiting in the queue of too many connections from one place."""
        self.transport.resumeProducing()
        self._wait(SILENCE_TIMEOUT)

    def dataReceived(self, data: bytes) -> None:
        """Collect bytes until it is clear which door they are for."""
        self._opening += data
        door = self._openings.door_for(self._opening)
        if door is not None:
            self._hand_over(door)

    def readConnectionLost(self) -> None:
        """Choose a door by the bytes so far: the client sends no more."""
        if self._door is None or self._opening:
            self._hand_over(self._openings.fallback)
        half = IHalfCloseableProtocol(self._door, None)
        if half is None:
            self.transport.loseConnection()
        else:
            half.readConnectionLost()

    def writeConnectionLost(self) -> None:
        """Do nothing: we never close only our half."""

    @property
    def opening(self) -> bytes:
        """The first bytes, as far as they do not tell yet which door they are for."""
        return self._opening

    @property
    def known(self) -> bool:
        """Whether the first bytes have told which door the connection is for."""
        return "dataReceived" in vars(self)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Notify the door that the connection is lost."""
        self.factory.left(self, self._place)
        self._stop_waiting()
        if self._door is not None:
            self._door.connectionLost(reason)

    def _wait(self, seconds: float) -> None:
        self._silence = self.factory.clock.callLater(seconds, self._look_once_more)

    def _look_once_more(self) -> None:
        # A busy reactor runs timers before it reads data that arrived earlier.
        self._silence = self.factory.clock.callLater(0, self._be_greeted)

    def _be_greeted(self) -> None:
        if _has_unread(self.transport):
            # A turn that had many to serve had no time for it.
            self._wait(TURN)
            return
        if not (self._patient or self._opening) and self.factory.may_be_a_browser(self.transport):
            self._patient = True
            self._wait(PRECONNECT_TIMEOUT - SILENCE_TIMEOUT)
            return
        self._silence = None
        self._open(self._openings.fallback)
        self._openings = self._openings.late
        self.dataReceived(b"")

    def _hand_over(self, factory: IProtocolFactory) -> None:
        """Let the door of *factory* have the connection, and all that has come so far."""
        self._stop_waiting()
        if self._door is None or self._is_left_to(factory):
            self._open(factory)
        door = cast(IProtocol, self._door)
        opening, self._opening = self._opening, b""
        # Save a call per read: the transport finds the door's own method.
        self.dataReceived = door.dataReceived  # type: ignore[method-assign]
        if opening:
            door.dataReceived(opening)

    def _is_left_to(self, factory: IProtocolFactory) -> bool:
        """Return whether the default door, which has greeted the client, leaves it to that of *factory*."""
        return factory is not self._openings.fallback and isinstance(self._door, Door) and self._door.give_back()

    def _open(self, factory: IProtocolFactory) -> None:
        # Only now, because a proxy's first line may replace the address.
        self._door = cast(IProtocol, factory.buildProtocol(self.transport.getPeer()))
        self._door.makeConnection(self.transport)

    def _stop_waiting(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None


class MovedFrontDoor(FrontDoor):
    """
    A connection that another process has let in and greeted.

    :param door: makes its door for a transport.
    :param opening: the first bytes, as far as they do not tell yet what it is.
    :param known: whether they have told it.
    """

    def __init__(
        self, factory: FrontFactory, place: str | None, door: Callable[[Any], IProtocol], opening: bytes, known: bool
    ) -> None:
        super().__init__(factory, place)
        self._limits = factory.limits
        self._make_door = door
        self._opening = opening
        self._was_known = known

    def connectionMade(self) -> None:
        """Go on."""
        self._openings = self._openings.late
        self._door = door = self._make_door(self.transport)
        self._limits.add(self._place)
        if self._was_known:
            self.dataReceived = door.dataReceived  # type: ignore[method-assign]


class Multiplexer(Factory):
    """
    Builds front doors for connections that are counted elsewhere, if at all.

    :param openings: the table of languages.
    :param preconnects: the addresses of browsers, which open connections in advance; None: greetings do them no harm.
    """

    noisy = False

    def __init__(self, clock: IReactorTime, openings: Openings, preconnects: Preconnects | None = None) -> None:
        self.clock = clock
        self.openings = openings
        self._preconnects = preconnects

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Build a front door for one connection."""
        return FrontDoor(self)

    def admits(self, door: FrontDoor) -> bool:
        """Return whether *door* may open at once; if not, its `come_in` is called later."""
        return True

    def left(self, door: FrontDoor, place: str | None) -> None:
        """Forget a connection from *place* that is gone."""

    def may_be_a_browser(self, transport: Any) -> bool:
        """Return whether a silent connection may be a browser's preconnect."""
        host = host_of(transport.getPeer())
        known = self._preconnects
        return known is not None and host is not None and known.expected(str(host), host.is_loopback)


class FrontFactory(Multiplexer):
    """
    Builds front doors for connections from outside, unless an address has too many.

    :param limits: counts and limits connections.
    :param admission: queues connections of places that opened too many lately.
    :param crowded: the text for excess connections.
    """

    def __init__(
        self,
        clock: IReactorTime,
        openings: Openings,
        limits: ConnectionLimits,
        admission: Admission,
        preconnects: Preconnects | None,
        crowded: bytes,
    ) -> None:
        super().__init__(clock, openings, preconnects)
        self.limits = limits
        self.admission = admission
        self._crowded = ClosedFactory(crowded)

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Build a front door, or a closed one if this address has too many connections."""
        place = self.limits.place_of_peer(addr)
        if self.limits.refuses(place):
            return self._crowded.buildProtocol(addr)
        self.limits.add(place)
        return FrontDoor(self, place)

    def moved(self, addr: IAddress, door: Callable[[Any], IProtocol], opening: bytes, known: bool) -> FrontDoor:
        """Build the front door for a connection that another process has let in: see `MovedFrontDoor`."""
        return MovedFrontDoor(self, self.limits.place_of_peer(addr), door, opening, known)

    def admits(self, door: FrontDoor) -> bool:
        """Charge the place behind *door* for the connection, unless it is a trusted proxy."""
        peer = door.transport.getPeer()
        if among(peer, self.limits.proxies):
            return True
        return self.admission.admit(door, str(host_of(peer) or ""), door.come_in, CONNECTION_LINES)

    def left(self, door: FrontDoor, place: str | None) -> None:
        """Forget a connection from *place* that is gone."""
        self.limits.remove(place)
        self.admission.leave(door)


def _set_socket_options(transport: object) -> None:
    if not ISystemHandle.providedBy(transport):
        return
    handle = transport.getHandle()
    if not isinstance(handle, socket.socket) or handle.family not in (socket.AF_INET, socket.AF_INET6):
        return
    handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    # A telnet client sends part of its Ctrl-C as urgent data; out of band it would tear the stream.
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_OOBINLINE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            handle.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _has_unread(transport: Any) -> bool:
    """Return whether the socket of *transport* has something to read, if it is a plain one."""
    handle = socket_of(transport)
    if handle is None:
        return False
    try:
        handle.recv(1, socket.MSG_PEEK)
    except OSError:
        # Nothing, or the transport is about to be told what is wrong.
        return False
    return True
