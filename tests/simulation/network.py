"""Connections whose every byte is carried when the seed says so, and which stall, drain and break."""

from __future__ import annotations

from typing import Any

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IHalfCloseableProtocol, ITransport
from twisted.python.failure import Failure
from zope.interface import implementer

from .world import Schedule


@implementer(ITransport)
class SimWire:
    """
    One connection, as a reactor has it: a buffer each way.

    :param capacity: bytes that are held for a person who does not read before the server is told to pause.
    :param read: is given what the person reads.
    """

    def __init__(self, schedule: Schedule, number: int, address: object, capacity: int, read: Any) -> None:
        self._schedule = schedule
        self.number = number
        self._address = address
        self._capacity = capacity
        self._read = read
        self.protocol: Any = None
        self.held = bytearray()
        """What the server has written and the person has not read."""
        self.unread = bytearray()
        """What the person has sent and the server has not read."""
        self.stalled = self.cut = self.disconnecting = False
        self._reading = True
        self._finished = self._ended = self._told_to_pause = False
        self._producer: Any = None
        self._pull = False
        self._asked: set[str] = set()

    @property
    def dataBuffer(self) -> bytearray:
        """The buffered bytes, as Twisted's own transports have them."""
        return self.held

    offset = _tempDataLen = 0

    # The person's end.

    def carry(self, data: bytes) -> None:
        """Send *data*."""
        if not (self.cut or self._finished):
            self.unread += data
            self._ask("bring", self._bring)

    def half_close(self) -> None:
        """Send no more."""
        if self._finished:
            return
        self._finished = self._ended = True
        self._ask("bring", self._bring)

    def vanish(self, reason: type[Exception] = ConnectionLost) -> None:
        """Be gone from one moment to the next."""
        if not self.cut:
            self.cut = True
            if self._producer is not None:
                producer, self._producer = self._producer, None
                producer.stopProducing()
            self.protocol.connectionLost(Failure(reason()))

    def stall(self) -> None:
        """Stop reading."""
        self.stalled = True

    def drain(self) -> None:
        """Go on reading."""
        self.stalled = False
        self._ask("take", self._take)

    # What happens in between.

    def _ask(self, what: str, call: Any) -> None:
        """Let *call* happen, once, at some time from now on."""
        if what not in self._asked:
            self._asked.add(what)
            self._schedule.add(f"{what} {self.number}", lambda: self._happen(what, call))

    def _happen(self, what: str, call: Any) -> None:
        self._asked.discard(what)
        if not self.cut:
            call()

    def _bring(self) -> None:
        """Deliver some pending bytes to the server, and the end after the last."""
        if not self._reading or self.disconnecting:
            return
        if self.unread:
            size = self._schedule.part(len(self.unread))
            piece = bytes(self.unread[:size])
            del self.unread[:size]
            self.protocol.dataReceived(piece)
        elif self._ended:
            self._ended = False
            half = IHalfCloseableProtocol(self.protocol, None)
            if half is None:
                self.vanish(ConnectionDone)
            else:
                half.readConnectionLost()
        if (self.unread or self._ended) and not self.cut:
            self._ask("bring", self._bring)

    def _take(self) -> None:
        """Let the person read some buffered bytes."""
        if self.stalled:
            return
        size = self._schedule.part(len(self.held))
        piece = bytes(self.held[:size])
        del self.held[:size]
        if piece:
            self._read(piece)
        if self.held:
            self._ask("take", self._take)
        elif self.disconnecting:
            self.vanish(ConnectionDone)
        elif self._told_to_pause and self._producer is not None:
            self._told_to_pause = False
            self._producer.resumeProducing()

    # The server's end.

    def write(self, data: bytes) -> None:
        """Hold *data* until the person reads it."""
        if self.cut or self.disconnecting:
            return
        self.held += data
        self._ask("take", self._take)
        if len(self.held) > self._capacity and self._producer is not None and not self._told_to_pause:
            self._told_to_pause = True
            self._producer.pauseProducing()

    def writeSequence(self, data: Any) -> None:
        """Hold all of *data*."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """Hang up when all that is held has been read."""
        if not self.disconnecting:
            self.disconnecting = True
            self._ask("take", self._take)

    def abortConnection(self) -> None:
        """Hang up."""
        self.vanish(ConnectionAborted)

    def pauseProducing(self) -> None:
        """Read nothing."""
        self._reading = False

    def resumeProducing(self) -> None:
        """Read on, in a later turn."""
        self._reading = True
        self._ask("bring", self._bring)

    stopProducing = loseConnection

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Tell *producer* from now on when to pause and when to go on."""
        assert self._producer is None and streaming
        self._producer = producer

    def unregisterProducer(self) -> None:
        """Tell it nothing more."""
        self._producer = None
        self._told_to_pause = False

    def getPeer(self) -> Any:
        """Tell where the person is."""
        return self._address

    def getHost(self) -> Any:
        """Tell where the server is."""
        return self._address
