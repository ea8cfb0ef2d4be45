"""Cursors: how far each session has been shown each of its rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .glance import Glance

if TYPE_CHECKING:
    from ..events import Batch
    from ..people.person import Connection
    from ..ports import Outlet
    from .history import RoomHistory
    from .subscribers import Subscribers

NEVER = 2**63
"""A seq that no room ever reaches."""


class Followed(Protocol):
    """The part of a room that a cursor uses."""

    name: str
    history: RoomHistory
    subscribers: Subscribers

    @property
    def shown(self) -> int:
        """The seq of the last event delivered to outlets."""


class Cursor:
    """
    How far one session has been shown one room.

    A *live* cursor is shown every batch as it is committed, so its position is the room's.  Any other reads from the
    journal, up to the seq ``upto``, that of the departure.
    """

    __slots__ = ("_glance", "_position", "_session", "live", "room", "since", "upto")

    def __init__(self, room: Followed, session: Connection, position: int, upto: int = NEVER) -> None:
        self.room = room
        self._session = session
        self._position = self.since = position
        """After ``since``, everything has been shown, or nothing yet if the session does not show the room."""
        self.upto = upto
        self.live = False
        self._glance: Glance | None = None

    @property
    def outlet(self) -> Outlet:
        """What the room is shown on: the session's outlet, or a glance if the session does not show it."""
        if self._session.shows(self.room.name):
            self._glance = None
            return self._session.outlet
        if self._glance is None:
            self._glance = Glance(self._session, self.room.name)
        return self._glance  # type: ignore[return-value]

    def look(self) -> None:
        """Show the room as the session wants to see it now."""
        glanced, shown = self._glance is not None, self.outlet is self._session.outlet
        if glanced or not shown:
            self.since = self.position
        if self.live:
            self._unsubscribe()
            self.go_live()

    @property
    def position(self) -> int:
        """The last seq shown."""
        return self.room.shown if self.live else self._position

    @property
    def finished(self) -> bool:
        """Whether everything up to the departure has been shown."""
        return not self.live and self._position >= self.upto

    def advance(self, seq: int) -> None:
        """Note that everything up to *seq* has been shown."""
        self._position = seq

    def go_live(self) -> None:
        """Show every batch from now on; everything before has been shown."""
        self.live = True
        outlet, session = self.outlet, self._session
        identity = session.person.identity
        self.room.subscribers.add(identity, session.mark or identity, outlet)
        if outlet.link is not None:
            outlet.link.follow(outlet, self.room.name, self.room.shown)

    def fall_behind(self) -> None:
        """Stop live delivery; read from the journal."""
        if self.live:
            self.live = False
            self._position = self.room.shown
            self._unsubscribe()

    def _unsubscribe(self) -> None:
        outlet = self.room.subscribers.remove(self._session.person.identity, self._session.id)
        if outlet.link is not None:
            outlet.link.unfollow(outlet, self.room.name)

    def see_off(self, batch: Batch, seq: int, *, at_once: bool) -> None:
        """
        Show the room up to the departure with this *seq* of *batch*, the next one, and no further.

        :param at_once: whether to show *batch* now to a live session, which else reads it.
        """
        self.upto = seq
        if self.live:
            self.fall_behind()
            if at_once:
                self._position = seq
                self.outlet.deliver(batch.until(seq))
