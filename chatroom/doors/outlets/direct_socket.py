"""The outlet for a plain socket."""

from __future__ import annotations

import socket
from typing import Any

from .direct_writer import DirectWriter, socket_of
from .stream import Dialects, OutletOwner, StreamOutlet


class DirectSocketOutlet(DirectWriter, StreamOutlet):
    """Writes straight to a socket; full while the transport buffers what the socket did not take."""

    __slots__ = ()

    def __init__(self, handle: socket.socket, *args: Any) -> None:
        StreamOutlet.__init__(self, *args)
        self.send = handle.send

    def _watch(self) -> None:
        """Do nothing: while the transport is empty there is nothing to watch."""

    _write_to_transport = StreamOutlet.write
    _became_full = StreamOutlet.pauseProducing
    _became_writable = StreamOutlet.resumeProducing
    connection_lost = StreamOutlet.lost


def outlet_for(
    transport: Any, owner: OutletOwner, dialects: Dialects, door: str, resumes: bool, asks: bool = False
) -> StreamOutlet:
    """Build the fastest outlet for *transport*."""
    handle = socket_of(transport)
    if handle is not None:
        return DirectSocketOutlet(handle, transport, owner, dialects, door, resumes, asks)
    return StreamOutlet(transport, owner, dialects, door, resumes, asks)
