"""A session's way out over one transport: renders, writes, and notices when the other end has had enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IPushProducer, ITransport
from zope.interface import implementer

from chatroom.chat.events import Batch
from chatroom.chat.replies import Reply
from chatroom.dialects.dialect import Dialect

if TYPE_CHECKING:
    from .line import LineDoor


@implementer(IPushProducer)
class StreamOutlet:
    """
    Writes a session's events and replies to a byte stream.

    It is the producer of its transport: told to pause, it has the house stop showing events here until
    the transport has drained, so a reader that stalls holds one transport buffer and one batch.

    :param dialects: how to render for a person in one room at most, and for one in several.
    """

    __slots__ = ("_closed", "_dialects", "_door", "_full", "_transport", "dialect", "door", "resumes", "viewer")

    def __init__(
        self,
        transport: ITransport,
        owner: LineDoor,
        dialects: tuple[Dialect, Dialect],
        door: str,
        resumes: bool,
    ) -> None:
        self._transport = transport
        self._door = owner
        self._dialects = dialects
        self._full = self._closed = False
        self.dialect = dialects[0]
        self.door = door
        self.resumes = resumes
        self.viewer = ""
        transport.registerProducer(self, True)

    @property
    def full(self) -> bool:
        """Whether the other end has had enough for now."""
        return self._full

    # The house's side.

    def deliver(self, batch: Batch) -> bool:
        """Write *batch*; False if that filled the transport."""
        dialect = self.dialect
        if self.viewer in batch.authors:
            rendered = dialect.encode(batch, self.viewer)
        else:
            found = batch.renderings.get(dialect)
            if found is None:
                found = batch.renderings[dialect] = dialect.encode(batch)
            rendered = found
        if rendered and not self._closed:
            self._transport.write(rendered)
        return not self._full

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Write *reply*."""
        rendered = self.dialect.encode_reply(reply, ref)
        if rendered and not self._closed:
            self._transport.write(rendered)

    def in_rooms(self, count: int) -> None:
        """Name rooms in every line from the second room on."""
        self.dialect = self._dialects[count > 1]

    def ready(self) -> None:
        """Let the door read the next command."""
        self._door.ready()

    def close(self) -> None:
        """Write out what is held, then close."""
        if not self._closed:
            self._closed = True
            # With a paused producer registered a transport never finishes closing.
            self._transport.unregisterProducer()
            self._transport.loseConnection()

    # The door's side.

    def speak(self, dialects: tuple[Dialect, Dialect]) -> None:
        """Render in other dialects from now on: the other end turned out to be a telnet client."""
        self.dialect = dialects[self._dialects.index(self.dialect)]
        self._dialects = dialects

    # The transport's side.

    def pauseProducing(self) -> None:
        """The transport holds as much as it may."""
        self._full = True
        self._door.outlet_full()

    def resumeProducing(self) -> None:
        """The transport has written out all it held."""
        self._full = False
        self._door.outlet_drained()

    def stopProducing(self) -> None:
        """The connection is gone; the door hears of that itself."""
        self._closed = True
