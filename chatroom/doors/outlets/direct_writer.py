"""Send until full: writes straight to a socket for as long as it takes everything at once."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IProducer, ISystemHandle
from zope.interface import implementer

_IN_SUBCLASSES: tuple[str, ...] = ()
"""What follows is in the slots of subclasses, or in their dictionary: two bases of a class cannot both have slots."""


class DirectWriter:
    """
    Writes straight to a socket, and through its transport while that holds what the socket did not take.

    That saves the transport two calls of ``epoll_ctl`` for each write, and a turn of the reactor.  From the
    first write that the socket does not take as a whole this is full, until the transport, which asks a pull
    producer for more when it holds nothing, has written out the rest.  So a reader that stalls holds the
    rest of one batch.
    """

    __slots__ = _IN_SUBCLASSES

    _transport: Any
    _full: bool
    broken: bool
    """Whether the other end is known to be gone; the transport may find an end as after a goodbye."""
    send: Callable[[bytes], int] | None
    """Writes to the socket itself; None: it may not be written to."""

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
        """Let the transport hold what of *data* follows the first *sent* bytes, which the socket took."""
        self._write_to_transport(data[sent:])
        self._transport.registerProducer(_Refill(self), False)
        self._full = True
        self._became_full()

    def write_failed(self, data: bytes) -> None:
        """
        The socket took none of *data* and never will.

        It has told us why and will not tell the transport, which is going to read what the other end had
        sent, and then find an end as after a goodbye.
        """
        self.broken = True
        self.send = None

    def refill(self) -> None:
        """The transport has written out all it held."""
        # The first call comes out of registerProducer, before anything has been written out.
        if self._full:
            self._full = False
            self._transport.unregisterProducer()
            self._became_writable()

    def _write_to_transport(self, data: bytes) -> None:
        """Let the transport have *data*."""
        self._transport.write(data)

    def _became_full(self) -> None:
        """The socket takes nothing more for now."""
        raise NotImplementedError

    def _became_writable(self) -> None:
        """It does again."""
        raise NotImplementedError

    def connection_lost(self) -> None:
        """The connection is gone while something was held."""
        raise NotImplementedError


@implementer(IProducer)
class _Refill:
    """The pull producer that a transport asks for more when it holds nothing."""

    def __init__(self, writer: DirectWriter) -> None:
        self._writer = writer

    def resumeProducing(self) -> None:
        self._writer.refill()

    def stopProducing(self) -> None:
        self._writer.connection_lost()


def socket_of(transport: Any) -> socket.socket | None:
    """Find the plain socket that *transport* writes to; None: there is none, or something stands between."""
    handle = transport.getHandle() if ISystemHandle.providedBy(transport) else None
    return handle if type(handle) is socket.socket else None
