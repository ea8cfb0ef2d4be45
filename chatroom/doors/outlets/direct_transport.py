"""A transport that writes straight to its socket, for protocols between an outlet and a socket, such as TLS."""

from __future__ import annotations

import socket
from typing import Any

from twisted.internet.interfaces import IPushProducer
from zope.interface import directlyProvides, providedBy

from .direct_writer import DirectWriter, socket_of


def direct_transport(transport: Any) -> Any:
    """Wrap *transport* so that it writes straight to its socket; one without a socket is returned as it is."""
    handle = socket_of(transport)
    return transport if handle is None else DirectTransport(transport, handle)


class DirectTransport(DirectWriter):
    """
    Passes everything on to a transport, except writes.

    While it is full its producer, if there is one, is paused.
    """

    def __init__(self, transport: Any, handle: socket.socket) -> None:
        self._transport = transport
        self.send = handle.send
        self._producer: IPushProducer | None = None
        self._full = self.broken = False
        directlyProvides(self, providedBy(transport))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write_failed(self, data: bytes) -> None:
        """Go on writing to the transport, until that finds out."""
        super().write_failed(data)
        self._transport.write(data)

    def registerProducer(self, producer: IPushProducer, streaming: bool) -> None:
        """Pause and resume the streaming *producer* with the socket."""
        self._producer = producer
        if self._full:
            producer.pauseProducing()

    def unregisterProducer(self) -> None:
        """Forget the producer."""
        self._producer = None

    def _became_full(self) -> None:
        if self._producer is not None:
            self._producer.pauseProducing()

    def _became_writable(self) -> None:
        if self._producer is not None:
            self._producer.resumeProducing()

    def connection_lost(self) -> None:
        """Note that the connection was lost with data still buffered."""
        if self._producer is not None:
            self._producer.stopProducing()
