"""The connections between doors and the house: bytes that are split, late, held or lost, as the seed says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.interfaces import ITransport
from twisted.python.failure import Failure
from zope.interface import implementer

from .processes import Process

CAPACITY = 4096
"""Bytes that are held for the other end before this one is told to pause."""


@implementer(ITransport)
class LinkEnd:
    """
    One end, as a reactor has it.

    :param process: where it is.
    :param label: what it is called where the seed chooses.
    :param lost: called with the reason after its protocol was told.
    """

    def __init__(self, process: Process, label: str, lost: Callable[[Failure], object]) -> None:
        self.process = process
        self._label = label
        self._lost = lost
        self.protocol: Any = None
        self.other: LinkEnd
        self.link: SimLink
        self.handshake: Callable[[], object] | None = None
        """What is to be called before anything arrives here: the other end is known then."""
        self.out = bytearray()
        """What was written here and has not arrived."""
        self.closing = self.cut = False
        """Whether nothing more is written, and whether the protocol knows that the connection is gone."""
        self._told_to_pause = self._asked = False
        self._ended: type[Exception] | None = None
        """Why there comes nothing more after what is on its way."""
        self._producer: Any = None

    def connect(self, protocol: Any) -> None:
        """Let *protocol* have this end."""
        self.protocol = protocol
        protocol.makeConnection(self)
        self.ask()
        self.other.ask()

    @property
    def over(self) -> bool:
        """Whether there is nobody here to tell anything."""
        return self.cut or self.process.dead

    # What happens in between.

    def ask(self) -> None:
        """Let some bytes arrive here, at some time from now on."""
        if not self._asked and not self.process.dead:
            self._asked = True
            self.process.schedule.add(self._label, self._arrive)

    def _arrive(self) -> None:
        self._asked = False
        if self.protocol is None or self.link.held:
            return
        if self.handshake is not None and not self.cut and self.other.protocol is not None:
            handshake, self.handshake = self.handshake, None
            handshake()
        coming = self.other.out
        if self.cut:
            # There is nobody to read it.
            coming.clear()
            self.other.emptied()
        if coming:
            size = self.process.schedule.part(len(coming))
            piece = bytes(coming[:size])
            del coming[:size]
            self.protocol.dataReceived(piece)
            if not coming:
                self.other.emptied()
        if self._ended is not None and not coming:
            self.lose(self._ended)
        elif coming:
            self.ask()

    def emptied(self) -> None:
        """Note that all has arrived."""
        if self.closing:
            self._close()
        elif self._told_to_pause and not self.process.dead:
            self.process.schedule.add(f"{self._label} on", self._go_on)

    def _go_on(self) -> None:
        if self._told_to_pause and self._producer is not None:
            self._told_to_pause = False
            self._producer.resumeProducing()

    def end(self, reason: type[Exception]) -> None:
        """Let this end learn, after what is on its way to it, that the connection is gone."""
        if self._ended is None:
            self._ended = reason
            self.ask()

    def lose(self, reason: type[Exception]) -> None:
        """Tell the protocol that the connection is gone."""
        if not self.cut:
            self.cut = True
            self.out.clear()
            self._producer = None
            failure = Failure(reason())
            self.protocol.connectionLost(failure)
            self._lost(failure)

    # For the protocol.

    def write(self, data: bytes) -> None:
        """Send *data*."""
        if self.closing or self.cut or self._ended is not None:
            return
        self.out += data
        self.other.ask()
        if len(self.out) > CAPACITY and self._producer is not None and not self._told_to_pause:
            self._told_to_pause = True
            self._producer.pauseProducing()

    def writeSequence(self, data: Any) -> None:
        """Send all of *data*."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """Close after all that was sent."""
        if not self.closing:
            self.closing = True
            if not self.out:
                self._close()

    def abortConnection(self) -> None:
        """Close at once, whether or not anything arrives."""
        self.out.clear()
        self.closing = True
        self._close()

    def _close(self) -> None:
        self.other.end(ConnectionDone)
        if not self.process.dead:
            self.process.schedule.add(f"{self._label} closed", lambda: self.lose(ConnectionDone))

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Tell *producer* from now on when to pause and when to go on."""
        self._producer = producer

    def unregisterProducer(self) -> None:
        """Tell it nothing more."""
        self._producer = None
        self._told_to_pause = False

    def getPeer(self) -> Any:
        """Tell nothing."""

    getHost = getPeer


class SimLink:
    """A connection between two processes."""

    def __init__(self, door: LinkEnd, house: LinkEnd) -> None:
        self.ends = door, house
        self.held = False
        """Whether nothing arrives."""
        door.other, house.other = house, door
        door.link = house.link = self

    @property
    def gone(self) -> bool:
        """Whether neither end has it any more."""
        return all(end.over for end in self.ends)

    def hold(self) -> None:
        """Let nothing arrive for now."""
        self.held = True

    def release(self) -> None:
        """Let everything arrive that was held."""
        self.held = False
        for end in self.ends:
            end.ask()

    def break_off(self, *arrives: bool) -> None:
        """Be gone; *arrives*: whether what is on its way to the door, and to the house, still does."""
        self.held = False
        for end, still in zip(self.ends, arrives, strict=True):
            if not still:
                end.other.out.clear()
            end.end(ConnectionLost)
