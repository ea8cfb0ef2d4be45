"""The outlet for any transport: renders, writes and applies backpressure."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from twisted.internet.interfaces import IProducer
from zope.interface import implementer

from chatroom.chat.events import Batch
from chatroom.chat.replies import PasswordWanted, Preferences, Refused, Reply
from chatroom.dialects.base import Dialect, View
from chatroom.dialects.views import ViewPreferences
from chatroom.system.quiet_log import QuietLog

from .saved import SavedOutlet, SavedView

_NONE: frozenset[str] = frozenset()

_TOGETHER = 65_536
"""Bytes that are gathered at most before they are written: what a transport buffers, too."""

MAX_BEYOND = 2**20
"""Bytes that are buffered at most for a client that does not read, besides those that made the transport full."""

Dialects = tuple[Dialect, Dialect]
"""The dialects for a person in at most one room, and in several."""


class OutletOwner(Protocol):
    """The part of a door that its outlet uses."""

    @property
    def address(self) -> str:
        """The client's address, without a port; "" if it has none."""

    @property
    def secure(self) -> bool:
        """Whether the connection is private: this machine, or TLS."""

    @property
    def log(self) -> QuietLog:
        """The log for events that clients can cause."""

    def refused(self) -> None:
        """Note that a command was refused."""

    def ask(self, wanted: PasswordWanted) -> None:
        """Treat the next line as a password, if people type here."""

    def ready(self) -> None:
        """Note that the session can take the next command."""

    def rest(self, owed: float) -> None:
        """Pause reading for at least *owed* seconds."""

    def outlet_full(self) -> None:
        """Note that the client does not read (backpressure)."""

    def outlet_drained(self) -> None:
        """Note that the client has read everything."""

    def give_up_on_overflow(self) -> None:
        """Disconnect: the client does not read, and more was to be written than may be buffered."""

    def hang_up(self) -> None:
        """Close the connection after everything buffered has been written."""


@implementer(IProducer)
class StreamOutlet:
    """
    Writes a session's events and replies to any byte stream.

    Backpressure: it is the streaming producer of its transport; while paused, the house shows no events here.  So a
    stalled reader costs one transport buffer (64 KiB), what is written `together`, and one batch.
    """

    keeps_nick = False
    link = None

    __slots__ = (
        "_beyond",
        "_closed",
        "_dialects",
        "_full",
        "_gathered",
        "_logged",
        "_owner",
        "_several",
        "_straight",
        "_transport",
        "_view",
        "asks",
        "broken",
        "dialect",
        "door",
        "reads",
        "resumes",
        "send",
        "session",
        "viewer",
    )

    def __init__(
        self, transport: Any, owner: OutletOwner, dialects: Dialects, door: str, resumes: bool, asks: bool = False
    ) -> None:
        self._transport = transport
        self._owner = owner
        self._dialects = dialects
        self._several = self._full = self._closed = False
        self._beyond = 0
        """Bytes written while the transport is full."""
        self._view: View | None = None
        self._logged: frozenset[str] = _NONE
        self.broken = False
        """Whether the client is known to be gone, though its input may not all be read yet."""
        self.dialect: Dialect = dialects[0]
        self.door = door
        self.resumes = resumes
        self.asks = asks
        self.reads = asks
        self.viewer = self.session = ""
        self.send: Callable[[bytes], int] | None = None
        """Writes to the socket itself, where possible."""
        self._gathered: bytearray | None = None
        """What is to be written at once; None: whatever comes is written."""
        self._straight: Callable[[bytes], int] | None = None
        """What ``send`` is again after that."""
        self._watch()

    @property
    def log(self) -> QuietLog:
        """The log of the door."""
        return self._owner.log

    # Called by the house.

    @property
    def address(self) -> str:
        """The client's address, without a port; "" if it has none."""
        return self._owner.address

    @property
    def secure(self) -> bool:
        """Whether the connection is private: this machine, or TLS."""
        return self._owner.secure

    def deliver(self, batch: Batch) -> bool:
        """Write *batch*; False if the transport is full: deliver no more (backpressure)."""
        dialect = self.dialect
        if self._view is not None or self.viewer in batch.authors or (self.session and self.session in batch.authors):
            # For this session only, so it is not kept.
            rendered = dialect.encode(batch, self.viewer, self.session)
        else:
            rendered = batch.rendered(dialect)
        if rendered:
            self.write(rendered)
        return not self._full

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Write *reply*, and log each kind of refusal once per connection, without its text."""
        if type(reply) is Refused:
            self._owner.refused()
            if reply.code not in self._logged:
                self._logged |= {reply.code}
                self.log.info("Refused a command ({door}): {code}.", door=self.door, code=reply.code)
        if self.asks and type(reply) is PasswordWanted:
            self._owner.ask(reply)
        rendered = self.dialect.encode_reply(reply, ref)
        if rendered:
            self.write(rendered)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write at once, at the end, what is written inside."""
        if self._gathered is None:
            self._gathered = bytearray()
            self._straight, self.send = self.send, None
            try:
                yield
            finally:
                self._let_go()
        else:
            yield

    def _let_go(self) -> None:
        """Write what has been gathered, if anything."""
        gathered, self._gathered = self._gathered, None
        if gathered is not None:
            self.send, self._straight = self._straight, None
            if gathered:
                self.write(bytes(gathered))

    def in_rooms(self, count: int) -> None:
        """Name the room in every line if this person is in more than one."""
        if self._several != (count > 1):
            self._several = count > 1
            self._choose()

    def prefer(self, preferences: Preferences, nick: str, ignored: Container[str]) -> None:
        """
        Apply the preferences of the person *nick*.

        People whom they don't affect keep sharing renderings.
        """
        chosen = ViewPreferences(nick, ignored, preferences)
        preferred = self._dialects[self._several].personal(chosen)
        if self._view is not None and preferred is not None:
            # It remembers what it has yet to say.
            self._view.preferences = chosen
        else:
            self._view = preferred
        self._choose()

    def rest(self, seconds: float) -> None:
        """Have the door pause reading for some *seconds*, because its budget is kept elsewhere."""
        self._owner.rest(seconds)

    def ready(self) -> None:
        """Let the door read the next command."""
        self._owner.ready()

    def close(self) -> None:
        """Close after writing what is buffered."""
        if not self._closed:
            self._let_go()
            self.lost()
            # With a paused producer registered a transport never finishes closing.
            self._transport.unregisterProducer()
            self._owner.hang_up()

    # Called by the door.

    def write(self, data: bytes) -> None:
        """Write *data*, unless this is closed."""
        if self._closed or self.broken:
            return
        if self._gathered is None:
            was_full = self._full
            self._transport.write(data)
            if was_full and self._full:
                self._beyond += len(data)
                if self._beyond > MAX_BEYOND:
                    self._owner.give_up_on_overflow()
            return
        self._gathered += data
        if len(self._gathered) >= _TOGETHER:
            self._let_go()

    def buffer(self, data: bytes, sent: int) -> None:
        """Buffer *data* after the first *sent* bytes in the transport."""
        self.write(data[sent:])

    def write_failed(self, data: bytes) -> None:
        """Let the transport find out what is wrong."""
        self.write(data)

    def use_dialects(self, dialects: Dialects) -> None:
        """Switch dialects: the client turned out to be telnet."""
        self._dialects = dialects
        self._choose()

    def _choose(self) -> None:
        """Render in the dialect that fits the client, the number of rooms and the person."""
        base = self._dialects[self._several]
        if self._view is not None:
            self._view.base = base
        self.dialect = self._view or base

    def saved(self) -> SavedOutlet:
        """Return the state, for `restore`."""
        view = None
        if self._view is not None:
            chosen = self._view.preferences
            assert isinstance(chosen.ignored, Iterable)
            view = SavedView(chosen.nick, tuple(sorted(chosen.ignored)), chosen.chosen, self._view.unsaid)
        return SavedOutlet(self.viewer, self.session, self._several, tuple(sorted(self._logged)), view)

    def restore(self, saved: SavedOutlet) -> None:
        """Continue in another one's state, with the same client."""
        self.viewer, self.session, self._logged = saved.viewer, saved.session, frozenset(saved.logged)
        self.in_rooms(2 if saved.several else 1)
        if saved.view is not None:
            self.prefer(saved.view.chosen, saved.view.nick, frozenset(saved.view.ignored))
            if self._view is not None and saved.view.unsaid is not None:
                self._view.recall(saved.view.unsaid)

    def lost(self) -> None:
        """Write nothing more: the connection is gone, or closing."""
        self._closed = True
        self.send = self._gathered = None

    # Called by the transport.

    def _watch(self) -> None:
        self._transport.registerProducer(self, True)

    def pauseProducing(self) -> None:
        """The transport is full: stop delivering (backpressure)."""
        self._full = True
        self._beyond = 0
        self._owner.outlet_full()

    def resumeProducing(self) -> None:
        """Resume: the transport's buffer is empty."""
        self._full = False
        self._owner.outlet_drained()

    def stopProducing(self) -> None:
        """Write nothing more: the connection is gone."""
        self.lost()
