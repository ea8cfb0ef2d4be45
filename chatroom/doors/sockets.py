"""The way out through a plain socket: straight into it, for as long as it takes everything at once."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import ISystemHandle

from .outlet import Dialects, StreamOutlet

if TYPE_CHECKING:
    from .door import Door


class SocketOutlet(StreamOutlet):
    """
    Writes straight to a socket for as long as it takes everything at once.

    That saves the transport two calls of ``epoll_ctl`` for each write, and a turn of the reactor.  What
    the socket does not take goes to the transport; from then on the other end has had enough, and the
    transport, which asks a pull producer for more when it holds nothing any longer, says when it has
    not.  So a reader that stalls holds the rest of one batch.
    """

    __slots__ = ()

    def __init__(self, handle: socket.socket, *args: Any) -> None:
        super().__init__(*args)
        self.send = handle.send

    def write(self, data: bytes) -> None:
        """Write *data*, unless this is closed."""
        if self.send is None or self._full:
            super().write(data)
            return
        try:
            sent = self.send(data)
        except BlockingIOError:
            self.hold(data, 0)
        except OSError:
            self.broken(data)
        else:
            if sent != len(data):
                self.hold(data, sent)

    def hold(self, data: bytes, sent: int) -> None:
        """The socket took only *sent* bytes of *data*: the rest is the transport's now."""
        self._transport.write(data[sent:])
        self._transport.registerProducer(self, False)
        self._full = True
        self._owner.outlet_full()

    def broken(self, data: bytes) -> None:
        """
        The socket took none of *data* and never will.

        It has told us why and will not tell the transport, which is going to read what the other end had
        sent, and then find an end as after a goodbye.
        """
        self.broken_off = True
        self.send = None

    def _watch(self) -> None:
        """There is nothing to watch while the transport holds nothing."""

    def resumeProducing(self) -> None:
        """The transport has written out all it held."""
        # The first call comes out of registerProducer, before anything has been written out.
        if self._full:
            self._transport.unregisterProducer()
            super().resumeProducing()


def outlet_for(
    transport: Any, owner: Door, dialects: Dialects, door: str, resumes: bool, asks: bool = False
) -> StreamOutlet:
    """Choose the best outlet for *transport*."""
    handle = transport.getHandle() if ISystemHandle.providedBy(transport) else None
    if type(handle) is socket.socket:
        return SocketOutlet(handle, transport, owner, dialects, door, resumes, asks)
    return StreamOutlet(transport, owner, dialects, door, resumes, asks)
