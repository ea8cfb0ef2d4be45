"""Shared ports: the supervisor binds one socket per door for each address; every door listens at its own."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, NamedTuple, NoReturn, cast

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from zope.interface import implementer

_UNUSABLE = "with --doors, use ports, addresses, and tcp: or haproxy:tcp: endpoints"


class Passed(NamedTuple):
    """A listening socket that a process inherits."""

    interface: str
    """The address as the settings ask for it; "": all of IPv4."""
    port: int
    """The port as the settings ask for it; 0: any free one."""
    descriptor: int


class UnusableEndpoint(ValueError):
    """An endpoint that doors cannot share; the text is for people."""


class _Reactor:
    """The part of a reactor that endpoints need to listen at a TCP port; others are refused."""

    def listenTCP(
        self, port: int, factory: IProtocolFactory, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """Listen at a port."""
        raise NotImplementedError

    def _refuse(self, *arguments: object, **more: object) -> NoReturn:
        raise UnusableEndpoint(_UNUSABLE)

    listenUNIX = listenSSL = adoptStreamPort = _refuse


@implementer(IListeningPort)
class SharedPort:
    """One address that all doors listen at."""

    def __init__(self, sockets: Sequence[socket.socket], backlog: int) -> None:
        self.sockets = sockets
        self._backlog = backlog

    def getHost(self) -> IPv4Address | IPv6Address:
        """Return the address."""
        first = self.sockets[0]
        kind = IPv6Address if first.family == socket.AF_INET6 else IPv4Address
        return kind("TCP", *first.getsockname())

    def startListening(self) -> None:
        """Let connections come, which wait for the doors."""
        for each in self.sockets:
            each.listen(self._backlog)

    def stopListening(self) -> None:
        """Close the sockets; doors that still have one go on listening."""
        for each in self.sockets:
            each.close()


class Binder(_Reactor):
    """
    Stands for a reactor where endpoints are opened: binds their sockets, and leaves it to doors to listen.

    The kernel distributes new connections over the sockets of an address (``SO_REUSEPORT``, socket(7)).  They stay
    open here while a door is replaced, so the connections that wait to be accepted are its successor's.

    :param doors: how many doors there are.
    """

    def __init__(self, doors: int) -> None:
        self._doors = doors
        self._passed: list[tuple[str, int, SharedPort]] = []

    def listenTCP(
        self, port: int, factory: IProtocolFactory, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """
        Bind the sockets of an address; *factory* is not used.

        :raises CannotListenError: if that fails.
        """
        try:
            if any(_overlap((interface, port), other) for *other, _ in self._passed):
                # The kernel would share these, too, whatever each is for.
                raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
            shared = SharedPort(_bound(interface, port, self._doors), backlog)
        except OSError as error:
            raise _cannot_listen(interface, port, error) from None
        self._passed.append((interface, port, shared))
        return cast(IListeningPort, shared)

    def listen(self) -> None:
        """Let connections come, which wait for the doors."""
        for _, _, shared in self._passed:
            shared.startListening()

    def of(self, door: int) -> list[Passed]:
        """Return the sockets for the door number *door*, from 0, in the order in which they were bound."""
        return [Passed(interface, port, shared.sockets[door].fileno()) for interface, port, shared in self._passed]

    def close(self) -> None:
        """Close all sockets; doors that still have one go on listening."""
        for _, _, shared in self._passed:
            shared.stopListening()
        self._passed = []


class Adopter(_Reactor):
    """
    Stands for a reactor in a door: endpoints listen at the sockets that the supervisor has bound for them.

    :param reactor: the real one.
    :param passed: the sockets, in the order in which they were bound.
    """

    def __init__(self, reactor: Any, passed: Sequence[Passed]) -> None:
        self._reactor = reactor
        self._passed = list(passed)

    def listenTCP(
        self, port: int, factory: IProtocolFactory, backlog: int = 50, interface: str = ""
    ) -> IListeningPort:
        """
        Listen at the socket for that address.

        :raises CannotListenError: if there is none: this machine has no such address.
        """
        found = next((one for one in self._passed if one[:2] == (interface, port)), None)
        if found is None:
            raise _cannot_listen(interface, port, OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL)))
        self._passed.remove(found)
        family = socket.AF_INET6 if ":" in interface else socket.AF_INET
        # Adopting makes a duplicate.
        listening: IListeningPort = self._reactor.adoptStreamPort(found.descriptor, family, factory)
        os.close(found.descriptor)
        return listening


def _overlap(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Return whether one connection could be for both of these, each an interface and a port."""
    (interface, port), (other_interface, other_port) = one, other
    if port != other_port or not port or (":" in interface) != (":" in other_interface):
        return False
    return interface == other_interface or not {"", "0.0.0.0", "::"}.isdisjoint((interface, other_interface))


def _cannot_listen(interface: str, port: int, error: OSError) -> CannotListenError:
    return CannotListenError(interface, port, error)  # type: ignore[no-untyped-call]


def _bound(interface: str, port: int, count: int) -> list[socket.socket]:
    """Bind *count* sockets to one address."""
    [(family, kind, _, _, address), *_] = socket.getaddrinfo(
        interface or "0.0.0.0", port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST
    )
    with socket.socket(family, kind) as trial:
        # Without SO_REUSEPORT it fails if another program listens there, even with that; and it finds a free port.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind(address)
        address = trial.getsockname()
    with ExitStack() as undo:
        sockets = [undo.enter_context(socket.socket(family, kind)) for _ in range(count)]
        for each in sockets:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            each.setblocking(False)
            each.bind(address)
        undo.pop_all()
    return sockets
