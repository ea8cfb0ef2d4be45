"""Send until full: writes straight to a socket until it blocks."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IProducer, ISystemHandle
from zope.interface import implementer

_IN_SUBCLASSES: tuple[str, ...] = ()
"""Attributes that subclasses hold, in slots or a dictionary: two bases of a class cannot both have slots."""


class DirectWriter:
    """
    Writes straight to a socket, and through its transport while that has buffered data.

    This saves two ``epoll_ctl`` calls and a reactor turn per write.  It is full from the first partial write until the
    transport, which asks a pull producer for more when its buffer is empty, has written the rest.  So a stalled reader
    costs the rest of one batch.
    """

    __slots__ = _IN_SUBCLASSES

    _transport: Any
    _full: bool
    broken: bool
    """Whether the client is known to be gone; the transport may still see a clean end."""
    send: Callable[[bytes], int] | None
    """Writes to the socket itself; None if that is not possible."""

    def write(self, data: bytes) -> None:
        """Write *data*."""
        if self.send is None or self._full:
            self._write_to_transport(data)
            return
        try:
            sent = self.send(data)
        except BlockingIOError:
            self.buffer(data, 0)
        except OSError:
            self.write_failed(data)
        else:
            if sent != len(data):
                self.buffer(data, sent)

    def buffer(self, data: bytes, sent: int) -> None:
        """Buffer *data* after the first *sent* bytes, which the socket took, in the transport."""
        self._write_to_transport(data[sent:])
        self._transport.registerProducer(_Refill(self), False)
        self._full = True
        self._became_full()

    def write_failed(self, data: bytes) -> None:
        """
        Handle a write error: the socket took none of *data* and never will.

        The transport will not see the error: it reads the remaining input, and then a clean end.
        """
        self.broken = True
        self.send = None

    def refill(self) -> None:
        """Note that the transport's buffer is empty."""
        # registerProducer makes the first call, before anything has been written.
        if self._full:
            self._full = False
            self._transport.unregisterProducer()
            self._became_writable()

    def _write_to_transport(self, data: bytes) -> None:
        """Write *data* through the transport."""
        self._transport.write(data)

    def _became_full(self) -> None:
        """Note that the socket is full (backpressure)."""
        raise NotImplementedError

    def _became_writable(self) -> None:
        """Note that the socket is writable again."""
        raise NotImplementedError

    def connection_lost(self) -> None:
        """Note that the connection was lost with data still buffered."""
        raise NotImplementedError


@implementer(IProducer)
class _Refill:
    """The pull producer that a transport calls when its buffer is empty."""

    def __init__(self, writer: DirectWriter) -> None:
        self._writer = writer

    def resumeProducing(self) -> None:
        self._writer.refill()

    def stopProducing(self) -> None:
        self._writer.connection_lost()


def socket_of(transport: Any) -> socket.socket | None:
    """Return the plain socket of *transport*; None if there is none or something wraps it."""
    handle = transport.getHandle() if ISystemHandle.providedBy(transport) else None
    return handle if type(handle) is socket.socket else None
