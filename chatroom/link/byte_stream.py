"""
One end of a carried connection: bytes both ways over a link, with backpressure both ways.

The frames about a connection have its number.  The door sends ``carry`` first, then either end sends bytes, and
``carried-ack`` with how many of the other's it has taken.  ``carried-half`` follows the last bytes of a direction;
``carried-close`` (the house: close the socket after what was sent), ``carried-abort`` (the house: close it now) and
``carried-lost`` (the door: it is closed, with the reason, empty for a clean end) end the connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from zope.interface import implementer

from .wire import Link

WINDOW = 65_536
"""Bytes that are under way each way, at most: sent, and not acknowledged.  As much as a transport buffers."""

ACKNOWLEDGED_TOGETHER = WINDOW // 4
"""Bytes that are acknowledged together, except after a pause."""


@implementer(IPushProducer)
class ByteStream:
    """
    One end of one connection, of which the other end of the link has the other.

    What is written beyond the `WINDOW` waits here, so that a connection neither fills the link nor the other process;
    the producer, if there is one, pauses meanwhile.  While this is paused, what is received waits here and nothing is
    acknowledged.  So the other end has to wait in turn, and at most a window of what it has sent is here.

    :param receive: called with the bytes that come.
    """

    def __init__(self, clock: IReactorTime, receive: Callable[[bytes], object]) -> None:
        self.number: int | None = None
        """Names the connection on the link; None before there is a link."""
        self._link: Link | None = None
        self._clock = clock
        self._receive = receive
        self._unsent = bytearray()
        self._unacknowledged = 0
        """Bytes that were sent and not acknowledged."""
        self._last = ""
        """The kind of the frame to be sent after all that was written."""
        self._producer: Any = None
        self._full = self._finished = self._over = False
        self._paused = False
        self._held = bytearray()
        """Bytes that were received while this was paused."""
        self._owed = 0
        """Bytes that were passed on and are not acknowledged."""
        self._ended: Callable[[], object] | None = None
        """Called after all that was received, because no more comes."""
        self._waking: IDelayedCall | None = None

    def begin(self, link: Link, number: int) -> None:
        """Go on as the connection *number* of *link*: send what waits."""
        self._link, self.number = link, number
        self._send()

    # Sending.

    @property
    def pending(self) -> int:
        """The number of bytes that were written and not acknowledged."""
        return len(self._unsent) + self._unacknowledged

    def write(self, data: bytes) -> None:
        """Send *data*, at once or once the other end has taken enough of what came before."""
        if self._over or self._finished or not data:
            return
        self._unsent += data
        self._send()
        if self.pending >= WINDOW and not self._full:
            self._full = True
            if self._producer is not None:
                self._producer.pauseProducing()

    def writeSequence(self, pieces: Iterable[bytes]) -> None:
        """Send all *pieces*."""
        self.write(b"".join(pieces))

    def finish(self, kind: str) -> None:
        """Send a frame of this *kind* after all that was written, and nothing after it but another such frame."""
        if not self._over:
            self._finished, self._last = True, kind
            self._send()

    def acknowledged(self, size: int) -> None:
        """Note that the other end has taken *size* bytes."""
        self._unacknowledged = max(0, self._unacknowledged - size)
        self._send()
        if self._full and self.pending <= WINDOW // 2:
            self._full = False
            if self._producer is not None:
                self._producer.resumeProducing()

    def _send(self) -> None:
        if self._link is None or self.number is None:
            return
        room = WINDOW - self._unacknowledged
        if self._unsent and room > 0:
            piece = bytes(self._unsent[:room])
            del self._unsent[:room]
            self._unacknowledged += len(piece)
            self._link.send_bytes(self.number, piece)
        if self._last and not self._unsent:
            last, self._last = self._last, ""
            self._link.send([last, self.number])

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Pause and resume the streaming *producer* by how much is pending."""
        if not streaming:
            raise ValueError("only streaming producers are supported")
        if self._over:
            producer.stopProducing()
            return
        self._producer = producer
        if self._full:
            producer.pauseProducing()

    def unregisterProducer(self) -> None:
        """Forget the producer."""
        self._producer = None

    # Receiving.

    def received(self, data: bytes) -> None:
        """Take *data* from the link."""
        if self._paused or self._waking is not None:
            self._held += data
        else:
            self._take(data)

    def ended(self, call: Callable[[], object]) -> None:
        """Make *call* after all that was received: no more comes."""
        self._ended = call
        if not (self._paused or self._waking is not None):
            self._end()

    def pauseProducing(self) -> None:
        """Hold what comes, and acknowledge nothing: not all that was passed on has been taken, either."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Go on with what has been held, in a later turn."""
        if not self._paused or self._over:
            return
        self._paused = False
        self._acknowledge(self._owed)
        if self._waking is None and (self._held or self._ended is not None):
            self._waking = self._clock.callLater(0, self._wake)

    def stopProducing(self) -> None:
        """Do nothing: whoever has the connection is about to learn that it is lost."""

    def eased(self, size: int) -> None:
        """Pass on *size* bytes although this is paused: so many of the earlier ones have been taken."""
        if size > 0 and not self._over:
            self._acknowledge(min(size, self._owed))
            self._pass_on(size)

    def _acknowledge(self, size: int) -> None:
        if size and self._link is not None:
            self._owed -= size
            self._link.send(["carried-ack", self.number, size])

    def _wake(self) -> None:
        self._waking = None
        if self._paused:
            return
        self._pass_on(len(self._held))
        # The receiver may have paused this again.
        if not self._paused:
            self._end()

    def _pass_on(self, size: int) -> None:
        piece = bytes(self._held[:size])
        del self._held[:size]
        if piece:
            self._take(piece)

    def _take(self, data: bytes) -> None:
        self._owed += len(data)
        self._receive(data)
        if self._owed >= ACKNOWLEDGED_TOGETHER and not self._paused:
            self._acknowledge(self._owed)

    def _end(self) -> None:
        call, self._ended = self._ended, None
        if call is not None and not self._over:
            call()

    # The end.

    def close(self) -> None:
        """Send and pass on nothing more."""
        self._over = True
        self._link = None
        self._last = ""
        self._unsent.clear()
        self._held.clear()
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None
