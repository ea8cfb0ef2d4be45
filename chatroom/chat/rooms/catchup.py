"""Catch-up: reads from the journal what one session still has to be shown, until it is live."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..ports import JournalError
from ..replies import CaughtUp, Gap

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection
    from ..ports import Future
    from .room import Seat


class CatchUp:
    """
    Shows a session what it has missed, seat by seat, until every seat is live.

    Joining, resuming and falling behind are the same mechanism: there is something to read before the next batch can
    be shown.

    :param give_up: removes the seat of a person who has left, once they have been shown everything up to then.
    :param own_events_shown: called when a person's own event has been shown to them.
    """

    __slots__ = (
        "_arrived",
        "_catching_up",
        "_core",
        "_own_events_shown",
        "_session",
        "_stalled",
        "_taking",
        "_told_live",
        "_unseen",
        "_vacate_seat",
        "behind",
    )

    def __init__(
        self,
        core: Core,
        session: Connection,
        vacate_seat: Callable[[Seat], object],
        own_events_shown: Callable[[], object],
    ) -> None:
        self._core = core
        self._session = session
        self._vacate_seat = vacate_seat
        self._own_events_shown = own_events_shown
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

    def fall_behind(self) -> None:
        """Backpressure: the transport is full, so stop live delivery and read from the journal."""
        self.behind = self._stalled = True
        for seat in self._session.person.seats.values():
            seat.fall_behind()

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

    def arrived(self) -> None:
        """Start after entry: show what was missed, then everything live."""
        self._arrived = True
        self.read_on()

    def read_on(self) -> None:
        """Show what is missing in every seat, unless the transport is full."""
        if self._arrived and not self._catching_up and not self._stalled and not self._session.gone:
            self._core.runtime.spawn(self._catch_up())

    async def _catch_up(self) -> None:
        self._catching_up = True
        session = self._session
        try:
            # Each round makes a seat live, drops a removed seat, or ends the loop.
            yielded = True
            while seat := next((seat for seat in session.person.seats.values() if not seat.live), None):
                if not yielded and seat.position < seat.room.shown:
                    await self._core.fair_queue.next()
                    yielded = True
                    if self._stalled or session.gone:
                        return
                    continue
                yielded = False
                if not await self._read_on(seat):
                    return
            self.behind = False
            if not self._told_live:
                self._told_live = True
                session.outlet.reply(CaughtUp())
        except JournalError:
            self._core.runtime.later(1.0, self.read_on)
        finally:
            self._catching_up = False

    async def _read_on(self, seat: Seat) -> bool:
        """Show what this seat has missed; return False to stop."""
        core, session = self._core, self._session
        room, outlet, seats = seat.room, session.outlet, session.person.seats
        first = True
        while seat.position < min(room.shown, seat.upto):
            if not first:
                await core.fair_queue.next()
            first = False
            # What is too far back is skipped and reported as a gap.
            batch = await room.history.after(max(seat.position, room.shown - core.limits.lag))
            if outlet is not session.outlet or session.gone:
                return False
            if seats.get(room.name) is not seat:
                return True
            assert batch.last > seat.position, "a page is never empty before the end"
            if batch.last > seat.upto:
                batch = batch.until(seat.upto)
            if batch.first > seat.position + 1:
                outlet.reply(Gap(room.name, seat.position + 1, batch.first - 1))
            seat.position = batch.last
            core.delivered[outlet.door] += len(batch.events)
            more = not batch.events or outlet.deliver(batch)
            self._saw(seat)
            if not more or session.gone:
                return False
        if seats.get(room.name) is not seat:
            # The command that waited for this was to leave.
            return True
        if seat.position >= seat.upto:
            self._vacate_seat(seat)
            return True
        if self._stalled or session.gone:
            # Another seat's batch filled the transport during this read.
            return False
        seat.go_live()
        return True

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

    def _saw(self, seat: Seat) -> None:
        """Note that everything up to the position of *seat* has been shown."""
        if self._unseen and self._unseen.get(seat.room.name, seat.position + 1) <= seat.position:
            self.shown_no_more(seat.room.name)

    def shown_no_more(self, room: str) -> None:
        """Stop waiting for own events in *room*: they have been shown, or the seat is gone."""
        if self._unseen and self._unseen.pop(room, None) is not None:
            self._own_events_shown()
