"""Catch-up: reads from the journal what one session still has to be shown, until it is live."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from ..ports import JournalError
from ..replies import CaughtUp, Gap
from .cursor import Cursor
from .history import PAGE

if TYPE_CHECKING:
    from ..core import Core
    from ..events import Batch
    from ..people.person import Connection
    from ..ports import Future
    from .room import Seat


class CatchUp:
    """
    Shows a session what it has missed, room by room, until every cursor is live.

    Joining, resuming and falling behind are the same mechanism: there is something to read before the next batch can
    be shown.

    :param own_events_shown: called when a person's own event has been shown to them.
    """

    __slots__ = (
        "_arrived",
        "_catching_up",
        "_core",
        "_known",
        "_own_events_shown",
        "_session",
        "_stalled",
        "_taking",
        "_told_live",
        "_unseen",
        "behind",
        "cursors",
    )

    def __init__(
        self,
        core: Core,
        session: Connection,
        own_events_shown: Callable[[], object],
    ) -> None:
        self._core = core
        self._session = session
        self._own_events_shown = own_events_shown
        self.cursors: dict[str, Cursor] = {}
        """How far the session has been shown each of its rooms."""
        self._known: dict[str, int] | None = None
        """The last seq shown of rooms in which this was another person's session."""
        self.behind = True
        """Whether there is, or may be, something to read before the next batch."""
        self._catching_up = False
        self._stalled = False
        self._arrived = False
        self._told_live = False
        self._taking: tuple[Future[None], ...] = ()
        """Futures that wait for the client to take more."""
        self._unseen: dict[str, int] | None = None
        """The seq of the person's own last event, for each room where it is still to be shown."""

    @property
    def stalled(self) -> bool:
        """Whether the client takes nothing now (backpressure)."""
        return self._stalled

    def follow(self, seat: Seat, position: int) -> None:
        """Show the room of *seat* after *position*, or after what was shown of it as another person."""
        if self._known and (known := self._known.pop(seat.room.name, None)) is not None:
            position = seat.room.history.position(known)
        former = self.cursors.get(seat.room.name)
        if former is not None:
            if former in seat.cursors and not former.live and former.position == position:
                return
            self.unfollow(seat)
            if former.position < position:
                # They have come back before they were shown how they left.
                self._session.outlet.reply(Gap(seat.room.name, former.position + 1, position))
        cursor = self.cursors[seat.room.name] = Cursor(seat.room, self._session, position, seat.upto)
        seat.cursors += (cursor,)

    def know(self, shown: dict[str, int]) -> None:
        """Note how far rooms were *shown*, as the session becomes another person's."""
        self._known = shown or None

    @property
    def known(self) -> Collection[str]:
        """The rooms that were shown as another person, and have not been followed since."""
        return self._known or ()

    def knows(self, room: str) -> bool:
        """Return whether *room* was shown as another person, and what follows has yet to be."""
        return self._known is not None and room in self._known

    def position(self, room: str) -> int:
        """Return the last seq shown of *room*, which is being followed."""
        return self.cursors[room].position

    def look(self, room: str) -> None:
        """Show *room* as the session wants to see it now, if it is being followed."""
        cursor = self.cursors.get(room)
        if cursor is not None:
            cursor.look()

    def go_live(self, room: str) -> None:
        """Show *room* live, unless this session is behind: nothing of it is missing."""
        if not self.behind:
            self.cursors[room].go_live()

    def unfollow(self, seat: Seat) -> None:
        """Show nothing more of the room of *seat*."""
        name = seat.room.name
        cursor = self.cursors.pop(name, None)
        if cursor is not None:
            cursor.fall_behind()
            seat.cursors = tuple([one for one in seat.cursors if one is not cursor])
            self._forget(name)
            if self._unseen and self._unseen.pop(name, None) is not None:
                # In a later turn: a command that went on now would find its person half moved.
                self._core.runtime.later(0.0, self._own_events_shown)

    def see_off(self, seat: Seat) -> None:
        """Show the room of *seat*, which the person has left, up to their departure."""
        cursor = self.cursors.get(seat.room.name)
        if cursor is None or cursor.finished:
            self.unfollow(seat)
        else:
            self.read_on()

    def end(self) -> None:
        """Show nothing more: the session is over."""
        for seat in self._session.person.seats.values():
            self.unfollow(seat)
        self.cursors.clear()
        self.let_go_on()

    def fall_behind(self) -> None:
        """Backpressure: the transport is full, so stop live delivery and read from the journal."""
        self.behind = self._stalled = True
        for cursor in self.cursors.values():
            cursor.fall_behind()

    def wait(self) -> None:
        """Show no further page until `drained`; what is live stays live."""
        self._stalled = True

    def drained(self) -> None:
        """Continue reading: the transport takes more."""
        self._stalled = False
        self.let_go_on()
        self.read_on()

    async def taking(self) -> None:
        """Wait until the client takes more, or the session ends."""
        while self._stalled and not self._session.gone:
            future = self._core.runtime.future()
            self._taking += (future,)
            await future

    def let_go_on(self) -> None:
        """Wake everything that waits for the client to take more."""
        taking, self._taking = self._taking, ()
        for future in taking:
            future.callback(None)

    def arrived(self, *, again: bool = False) -> None:
        """
        Start after entry: show what was missed, then everything live.

        :param again: whether the client knows already that it is shown everything live.
        """
        self._arrived = True
        self._told_live = again
        self.read_on()

    def read_on(self) -> None:
        """Show what is missing in every room, unless the transport is full."""
        if self._arrived and not self._catching_up and not self._stalled and not self._session.gone:
            with self._session.outlet.together():
                self._core.runtime.spawn(self._catch_up())

    async def _catch_up(self) -> None:
        self._catching_up = True
        session = self._session
        try:
            # Each round makes a cursor live, drops a removed one, or ends the loop.
            shown = 0
            while unfinished := [cursor for cursor in self.cursors.values() if not (cursor.live or cursor.finished)]:
                for cursor in unfinished:
                    if cursor.live or cursor.finished or self.cursors.get(cursor.room.name) is not cursor:
                        continue
                    position, history = cursor.position, cursor.room.history
                    missed = max(0, history.last - position)
                    if shown and shown + missed > PAGE:
                        await self._core.fair_queue.next()
                        shown = 0
                        if self._stalled or session.gone:
                            return
                        break
                    shown += missed
                    # Mostly their own coming in, which the others have just been shown.
                    newest = history.newest(position)
                    if newest is None:
                        goes_on = await self._read_on(cursor)
                    else:
                        goes_on = self._show(cursor, newest) and self._went_live(cursor)
                    if not goes_on:
                        return
            self.behind = False
            if not self._told_live:
                self._told_live = True
                session.outlet.reply(CaughtUp())
        except JournalError:
            self._core.runtime.later(1.0, self.read_on)
        finally:
            self._catching_up = False

    async def _read_on(self, cursor: Cursor) -> bool:
        """Show what was missed behind *cursor*; return False to stop."""
        core, session = self._core, self._session
        room, outlet, cursors = cursor.room, session.outlet, self.cursors
        first = True
        while cursor.position < min(room.shown, cursor.upto):
            if not first:
                await core.fair_queue.next()
            first = False
            # What is too far back is skipped and reported as a gap.
            batch = await room.history.after(max(cursor.position, room.shown - core.limits.lag))
            if outlet is not session.outlet or session.gone:
                return False
            if cursors.get(room.name) is not cursor:
                return True
            if not self._show(cursor, batch):
                return False
        return self._went_live(cursor)

    def _show(self, cursor: Cursor, batch: Batch) -> bool:
        """Show *batch*, which comes next behind *cursor*; return False to stop."""
        session, position = self._session, cursor.position
        outlet = session.outlet
        assert batch.last > position, "a page is never empty before the end"
        if batch.last > cursor.upto:
            batch = batch.until(cursor.upto)
        if batch.first > position + 1:
            outlet.reply(Gap(cursor.room.name, position + 1, min(batch.first - 1, cursor.upto)))
        cursor.advance(batch.last)
        self._core.delivered[outlet.door] += len(batch.events)
        more = not batch.events or cursor.outlet.deliver(batch)
        if self._unseen:
            self._saw(cursor)
        if cursor.finished:
            self._drop_finished(cursor)
        return more and not session.gone

    def _went_live(self, cursor: Cursor) -> bool:
        """Show everything behind *cursor* live, unless its person has left the room; return False to stop."""
        if self.cursors.get(cursor.room.name) is not cursor:
            # The command that waited for this was to leave.
            return True
        if cursor.finished:
            self._drop_finished(cursor)
            return True
        if self._stalled or self._session.gone:
            # Another room's batch filled the transport during this read.
            return False
        cursor.go_live()
        return True

    def _drop_finished(self, cursor: Cursor) -> None:
        """Drop *cursor* if the person has left its room, and has been shown that."""
        room = cursor.room.name
        if cursor.finished and self.cursors.get(room) is cursor and room not in self._session.person.seats:
            del self.cursors[room]
            self._forget(room)
            if self._session.current == room:
                # They had left before this session could be shown it: see `Attaching`.
                self._session.current = ""

    def _forget(self, room: str) -> None:
        """Note that *room* is followed no more; if it is again, it does not begin where another connection ended."""
        session = self._session
        if room in session.missed_since:
            session.missed_since = {name: seq for name, seq in session.missed_since.items() if name != room}
        outlet = session.outlet
        if outlet.link is not None:
            outlet.link.leave(outlet, room)

    # Own events.

    @property
    def unseen(self) -> bool:
        """Whether own events are still to be shown."""
        return bool(self._unseen)

    def has_yet_to_see(self, room: str, seq: int) -> None:
        """Note that an own event with this *seq* of *room* is stored but not yet shown."""
        if self._unseen is None:
            self._unseen = {}
        self._unseen[room] = seq

    def _saw(self, cursor: Cursor) -> None:
        """Note that everything up to the position of *cursor* has been shown."""
        name = cursor.room.name
        if self._unseen and self._unseen.get(name, cursor.position + 1) <= cursor.position:
            self._shown_no_more(name)

    def _shown_no_more(self, room: str) -> None:
        """Stop waiting for own events in *room*: they have been shown, or nothing more of it will be."""
        if self._unseen and self._unseen.pop(room, None) is not None:
            self._own_events_shown()
