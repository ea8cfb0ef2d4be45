"""A session's way out over one transport: renders, writes, and notices when the other end has had enough."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IProducer, ISystemHandle
from twisted.logger import Logger
from zope.interface import implementer

from chatroom.chat.events import Batch
from chatroom.chat.replies import Refused, Reply
from chatroom.dialects.dialect import Dialect

if TYPE_CHECKING:
    from .line import LineDoor

log = Logger(namespace="chatroom")

_NONE: frozenset[str] = frozenset()

Dialects = tuple[Dialect, Dialect]
"""How to render for a person in one room at most, and for one in several."""


def fan_out(live: Mapping[str, StreamOutlet], batch: Batch) -> None:
    """
    Deliver *batch* to everyone in *live*, by identity: what `StreamOutlet.deliver` does, for many.

    A member who is up to date and took no part in the batch costs one ``send`` of ready-made bytes, and
    nothing of theirs is looked at but what that needs: with a thousand members what is looked at is not
    in the processor's cache (``docs/performance.md``).
    """
    # A copy, because who falls behind is live no more.
    others = dict(live)
    for outlet in [others.pop(identity) for identity in batch.authors if identity in others]:
        _deliver(outlet, batch)
    renderings = batch.renderings
    for outlet in others.values():
        rendered, send = renderings.get(outlet.dialect), outlet.send
        if not rendered or send is None:
            _deliver(outlet, batch)
            continue
        try:
            sent = send(rendered)
        except BlockingIOError:
            sent = 0
        except OSError:
            outlet.broken(rendered)
            continue
        if sent != len(rendered):
            outlet.hold(rendered, sent)


def _deliver(outlet: StreamOutlet, batch: Batch) -> None:
    try:
        outlet.deliver(batch)
    except Exception:
        # One outlet's bug is not the next one's loss.
        log.failure("An outlet broke; the others go on.")


@implementer(IProducer)
class StreamOutlet:
    """
    Writes a session's events and replies to any byte stream.

    It is the streaming producer of its transport: told to pause, it has the house stop showing events
    here until the transport has drained, so a reader that stalls holds one transport buffer (64 KiB)
    and one batch.
    """

    __slots__ = (
        "_closed",
        "_dialects",
        "_full",
        "_logged",
        "_owner",
        "_transport",
        "broken_off",
        "dialect",
        "door",
        "resumes",
        "send",
        "viewer",
    )

    def __init__(self, transport: Any, owner: LineDoor, dialects: Dialects, door: str, resumes: bool) -> None:
        self._transport = transport
        self._owner = owner
        self._dialects = dialects
        self._full = self._closed = False
        self._logged: frozenset[str] = _NONE
        self.broken_off = False
        """Whether the other end is known to be gone, though what it had sent may not all be read yet."""
        self.dialect = dialects[0]
        self.door = door
        self.resumes = resumes
        self.viewer = ""
        self.send: Callable[[bytes], int] | None = None
        """Writes to the socket itself, where there is one that may be written to."""
        self._watch()

    # The house's side.

    def deliver(self, batch: Batch) -> bool:
        """Write *batch*; False if the other end has had enough."""
        dialect = self.dialect
        if self.viewer in batch.authors:
            rendered = dialect.encode(batch, self.viewer)
        else:
            found = batch.renderings.get(dialect)
            if found is None:
                found = batch.renderings[dialect] = dialect.encode(batch)
            rendered = found
        if rendered:
            self.write(rendered)
        return not self._full

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Write *reply*; the log is told of each kind of refusal once a connection, never of its text."""
        if type(reply) is Refused and reply.code not in self._logged:
            self._logged |= {reply.code}
            log.info("Refused something at the {door} door: {code}.", door=self.door, code=reply.code)
        rendered = self.dialect.encode_reply(reply, ref)
        if rendered:
            self.write(rendered)

    def in_rooms(self, count: int) -> None:
        """Name rooms in every line from the second room on."""
        self.dialect = self._dialects[count > 1]

    def ready(self) -> None:
        """Let the door read the next command."""
        self._owner.ready()

    def close(self) -> None:
        """Write out what is held, then close."""
        if not self._closed:
            self.lost()
            # With a paused producer registered a transport never finishes closing.
            self._transport.unregisterProducer()
            self._transport.loseConnection()

    # The door's side.

    def write(self, data: bytes) -> None:
        """Write *data*, unless this is closed."""
        if not self._closed and not self.broken_off:
            self._transport.write(data)

    def hold(self, data: bytes, sent: int) -> None:
        """Let the transport hold what of *data* follows the first *sent* bytes."""
        self.write(data[sent:])

    def broken(self, data: bytes) -> None:
        """Let the transport find out what is wrong."""
        self.write(data)

    def speak(self, dialects: Dialects) -> None:
        """Render in other dialects from now on: the other end turned out to be a telnet client."""
        self.dialect = dialects[self._dialects.index(self.dialect)]
        self._dialects = dialects

    def lost(self) -> None:
        """The connection is gone, or closing: nothing more is written."""
        self._closed = True
        self.send = None

    # The transport's side.

    def _watch(self) -> None:
        self._transport.registerProducer(self, True)

    def pauseProducing(self) -> None:
        """The transport holds as much as it may."""
        self._full = True
        self._owner.outlet_full()

    def resumeProducing(self) -> None:
        """The transport has written out all it held."""
        self._full = False
        self._owner.outlet_drained()

    def stopProducing(self) -> None:
        """The connection is gone; the door hears of that itself."""
        self.lost()


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


def outlet_for(transport: Any, owner: LineDoor, dialects: Dialects, door: str, resumes: bool) -> StreamOutlet:
    """Choose the best outlet for *transport*."""
    handle = transport.getHandle() if ISystemHandle.providedBy(transport) else None
    if type(handle) is socket.socket:
        return SocketOutlet(handle, transport, owner, dialects, door, resumes)
    return StreamOutlet(transport, owner, dialects, door, resumes)
