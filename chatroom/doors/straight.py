"""A transport that writes straight to its socket: what lies between, as TLS does, need not wait for the reactor."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.interfaces import IProducer, IPushProducer, ISystemHandle
from zope.interface import directlyProvides, implementer, providedBy


def straight(transport: Any) -> Any:
    """Return what writes to *transport* in the fastest way that there is."""
    handle = transport.getHandle() if ISystemHandle.providedBy(transport) else None
    return Straight(transport, handle) if type(handle) is socket.socket else transport


class Straight:
    """
    A transport, but for how it writes: as `sockets.SocketOutlet` does, and for the same reasons.

    What the socket does not take goes to the transport.  From then on its producer, if there is one, is
    paused until the transport has written that out.
    """

    def __init__(self, transport: Any, handle: socket.socket) -> None:
        self._transport = transport
        self._send = handle.send
        self._producer: IPushProducer | None = None
        self._holds = False
        self.broken = False
        """Whether the other end is known to be gone: the transport may find an end as after a goodbye."""
        directlyProvides(self, providedBy(transport))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write *data*."""
        if self._holds:
            self._transport.write(data)
            return
        try:
            sent = self._send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            # The socket tells this once, so it is not for the transport to find out.
            self.broken = True
            self._transport.write(data)
            return
        if sent != len(data):
            self._hold(data[sent:])

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:
        """Let *producer*, which is a streaming one, know when there is enough."""
        self._producer = producer
        if self._holds:
            producer.pauseProducing()

    def unregisterProducer(self) -> None:
        """There is nobody to tell any more."""
        self._producer = None

    def _hold(self, rest: bytes) -> None:
        self._transport.write(rest)
        self._transport.registerProducer(_Rest(self), False)
        self._holds = True
        if self._producer is not None:
            self._producer.pauseProducing()

    def drained(self) -> None:
        """The transport has written out all it held."""
        # The first time it only says that it may hold something.
        if self._holds:
            self._holds = False
            self._transport.unregisterProducer()
            if self._producer is not None:
                self._producer.resumeProducing()

    def gone(self) -> None:
        """The connection is gone."""
        if self._producer is not None:
            self._producer.stopProducing()


@implementer(IProducer)
class _Rest:
    """What the transport asks for more when it holds nothing any longer."""

    def __init__(self, straight: Straight) -> None:
        self._straight = straight

    def resumeProducing(self) -> None:
        self._straight.drained()

    def stopProducing(self) -> None:
        self._straight.gone()
