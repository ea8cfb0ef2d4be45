"""
Giving: how two door processes speak while one hands its connections over to the other.

The old door connects to a UNIX socket of the new one.  Frames are JSON arrays, each behind its length (4 bytes,
big-endian); the old door's first is ``["hand", VERSION]``.  ``["connection", SID, …]`` goes with a descriptor, and is
answered by ``["taken", SID]`` or ``["refused", SID]``.  What is neither taken nor refused is the old door's again when
the UNIX socket is closed.
"""

from __future__ import annotations

import json
from collections import deque
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IFileDescriptorReceiver
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import Int32StringReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.doors.moving import MovingDoor

from .codec import BadFrame
from .frames import Kinds
from .handing import Handing
from .wire import decode

VERSION = 1
"""The version of what is handed over; both doors must have the same."""

MAX_LENGTH = 2**24
"""Bytes of a frame: a connection with all that its client has sent and nobody has read."""

AT_ONCE = 16
"""Connections that are on their way at the same time: a few milliseconds' work for each process."""

LOOK_INTERVAL = 1.0
"""Seconds between two looks for connections that can move now."""

log = Logger(namespace="chatroom")


class _Frames(Int32StringReceiver):
    """Frames of JSON between two doors."""

    MAX_LENGTH = MAX_LENGTH
    transport: Any
    kinds: Kinds
    _closed = False
    """Whether this end has closed the socket: what still comes is not answered, so it must not be taken."""

    def send(self, frame: list[Any]) -> None:
        """Send *frame*."""
        self.sendString(json.dumps(frame).encode())

    def stringReceived(self, string: bytes) -> None:
        """Take one frame; close the socket if it is not valid."""
        if self._closed:
            return
        try:
            run, values = self.kinds.find(decode(string))
            run(self, *values)
        except BadFrame as bad:
            log.error("Cannot hand over any connections: {bad}.", bad=bad)
            self._closed = True
            self.transport.loseConnection()


class Giver(_Frames):
    """The old door's end: gives away every connection that can move, and looks for more until it is closed."""

    def __init__(self, handing: Handing) -> None:
        self._handing = handing
        self._candidates: list[MovingDoor] = []
        self._held: set[MovingDoor] = set()
        """Those that wait until the house keeps what is for them."""
        self._timer: IDelayedCall | None = None
        self._over = False

    def connectionMade(self) -> None:
        """Begin."""
        self.send(["hand", VERSION])
        self._look()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Keep what has not been taken."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
        for sid in list(self._handing.on_way):
            self._take_back(sid)

    def _look(self) -> None:
        self._timer = self._handing.clock.callLater(LOOK_INTERVAL, self._look)
        self._candidates = self._handing.connections
        self._begin_more()

    def _begin_more(self) -> None:
        while self._candidates and not self._over and len(self._held) + len(self._handing.on_way) < AT_ONCE:
            door = self._candidates.pop()
            if door not in self._held and door.may_move and door.session.may_move:
                self._held.add(door)
                door.hold()
                door.session.move(lambda may, door=door: self._handed(door, may))

    def _handed(self, door: MovingDoor, may: bool) -> None:
        """Send a connection if the house keeps what is for it, and all before has been written; else it stays."""
        self._held.discard(door)
        if not (may and door.may_move and not self._over and self._give(door)):
            door.stay()
            if may:
                door.session.attach()
        self._begin_more()

    def _give(self, door: MovingDoor) -> bool:
        try:
            descriptor, frame = self._handing.release(door)
        except OSError as error:
            log.error("Cannot hand over a connection now: {why}.", why=error.strerror)
            return False
        # In the same turn: a descriptor goes with the first byte that is not written yet.
        self.transport.sendFileDescriptor(descriptor)
        self.send(frame)
        return True

    def _taken(self, sid: str) -> None:
        way = self._handing.on_way.pop(sid, None)
        if way is not None:
            self._handing.sockets.close(way.descriptor)
        self._begin_more()

    def _refused(self, sid: str) -> None:
        """Keep a connection, and all others: the new door cannot go on with them."""
        if sid in self._handing.on_way:
            log.error("The door that replaces this one cannot take its connections; they stay until they end.")
            # Without closing: others may have been taken already.
            self._over = True
            self._take_back(sid)

    def _take_back(self, sid: str) -> None:
        way = self._handing.on_way.pop(sid)
        try:
            self._handing.adopt(way.descriptor, way.frame)
        except Exception:
            log.failure("A connection that could not be handed over is lost")

    kinds = Kinds({"taken": (_taken, str), "refused": (_refused, str)})


@implementer(IFileDescriptorReceiver)
class Taker(_Frames):
    """The new door's end: goes on with the connections that it is given."""

    def __init__(self, handing: Handing) -> None:
        self._handing = handing
        self._descriptors: deque[int] = deque()
        self._version = 0

    def fileDescriptorReceived(self, descriptor: int) -> None:
        """Note a descriptor; the frame to go with it follows."""
        self._descriptors.append(descriptor)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Close what is not needed."""
        while self._descriptors:
            self._handing.sockets.close(self._descriptors.popleft())

    def _hand(self, version: int) -> None:
        if version != VERSION:
            raise BadFrame(f"the old door has version {version}, this one {VERSION}")

    def _connection(self, *frame: Any) -> None:
        if not self._descriptors:
            raise BadFrame("no descriptor")
        sid, descriptor = frame[0], self._descriptors.popleft()
        try:
            self._handing.adopt(descriptor, ["connection", *frame])
        except Exception as error:
            # Whatever it is: the old door still has the connection.
            log.error("Cannot go on with a connection: {error!r}", error=error)
            self._handing.sockets.close(descriptor)
            self.send(["refused", sid])
        else:
            self.send(["taken", sid])

    kinds = Kinds(
        {"hand": (_hand, int), "connection": (_connection, str, str, list, str, bool, list, list)},
    )
