"""Moved sockets: takes the socket of a connection from its reactor without closing it, and gives it to another one."""

from __future__ import annotations

import os
import socket
from typing import Any, NamedTuple

from twisted.internet import tcp
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol
from twisted.protocols.policies import ProtocolWrapper
from twisted.python.failure import Failure

from .front_door import FrontDoor


class Peer(NamedTuple):
    """The client's address, which a proxy may have named."""

    host: str
    port: int


def front_of(transport: Any) -> FrontDoor | None:
    """Return the front door of a connection; None if it has none right above its socket."""
    front = transport.wrappedProtocol if isinstance(transport, ProtocolWrapper) else transport.protocol
    return front if isinstance(front, FrontDoor) else None


class Sockets:
    """
    Moves sockets out of and into one reactor.

    :param reactor: a reactor with sockets.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def copy(self, transport: Any) -> int:
        """
        Return another descriptor of the socket of *transport*, which the caller has to close.

        :raises OSError: if there are too many open files.
        """
        return os.dup(transport.fileno())

    def release(self, transport: Any) -> None:
        """End *transport*, which has nothing buffered, for its protocol, but not for the client."""
        inner: Any = transport.transport if isinstance(transport, ProtocolWrapper) else transport
        # Else the connection is shut down, whoever else has it.
        inner._shouldShutdown = False
        inner.connectionLost(Failure(ConnectionDone()))

    def adopt(self, descriptor: int, peer: Peer, protocol: IProtocol) -> None:
        """
        Let *protocol* have the connection with that descriptor, which is closed with it.

        It is a server's transport, as an accepted connection has; Twisted's ``adoptStreamConnection`` would ask the
        kernel who the client is, and fail if it has been reset.

        :raises Exception: whatever *protocol* raises; then the descriptor is the caller's again.
        """
        handle = socket.socket(fileno=descriptor)
        os.set_inheritable(descriptor, False)
        client = (*peer, 0, 0) if ":" in peer.host else tuple(peer)
        transport = tcp.Server(handle, protocol, client, None, peer.port, self._reactor)  # type: ignore[arg-type]
        transport.repstr = f"<{type(protocol).__name__} of {peer.host}>"
        try:
            protocol.makeConnection(transport)
        except Exception:
            transport.stopReading()
            handle.detach()
            raise

    def close(self, descriptor: int) -> None:
        """Close a descriptor; the connection goes on if somebody else has one."""
        os.close(descriptor)
