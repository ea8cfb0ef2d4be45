"""The catch-up: what one session has yet to be shown, read from the journal until it is up to date."""

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

    Who comes in, who carries on after a broken connection and who has fallen behind are the same: there
    is something to read on before the next batch can be shown.

    :param give_up: takes away a seat whose person has left, when they have been shown the room up to there.
    :param saw_own: called when an event of the person's own, which they had yet to be shown, has been shown to them.
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
        """Whether there is, or may be, something to read on before the next batch can be shown."""
        self._catching_up = False
        self._stalled = False
        self._arrived = False
        self._told_live = False
        self._taking: tuple[Future[None], ...] = ()
        """Who waits for the other end to take more."""
        self._unseen: dict[str, int] | None = None
        """The seq of this person's own last event, for each room where they have yet to be shown that."""

    def fall_behind(self) -> None:
        """The other end has had enough for now: from here on this is a reader of the journal."""
        self.behind = self._stalled = True
        for seat in self._session.person.seats.values():
            seat.fall_behind()

    def drained(self) -> None:
        """The other end takes more: read on from where it was."""
        self._stalled = False
        self.let_go_on()
        self.read_on()

    async def taking(self) -> None:
        """Wait until the other end takes more, or the session is over."""
        while self._stalled and not self._session.gone:
            future = self._core.runtime.future()
            self._taking += (future,)
            await future

    def let_go_on(self) -> None:
        """Wake everyone who waits for the other end to take more."""
        taking, self._taking = self._taking, ()
        for future in taking:
            future.callback(None)

    def arrived(self) -> None:
        """The person has been let in: show them what they missed, then everything."""
        self._arrived = True
        self.read_on()

    def read_on(self) -> None:
        """Show what there is to show in every seat, unless the other end has had enough for now."""
        if self._arrived and not self._catching_up and not self._stalled and not self._session.gone:
            self._core.runtime.spawn(self._catch_up())

    async def _catch_up(self) -> None:
        self._catching_up = True
        session = self._session
        try:
            # Each round makes a seat live, finds that it is no seat any more, ends, or makes the next one do so.
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
        """Show what this seat has missed; return False if that must go on later, or not at all."""
        core, session = self._core, self._session
        room, outlet, seats = seat.room, session.outlet, session.person.seats
        first = True
        while seat.position < min(room.shown, seat.upto):
            if not first:
                await core.fair_queue.next()
            first = False
            # What is too far back is skipped, and the gap that this leaves is told.
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
            # Another seat's batch was too much, while this one was reading.
            return False
        seat.go_live()
        return True

    # What they have said themselves.

    @property
    def unseen(self) -> bool:
        """Whether they have yet to be shown something of their own."""
        return bool(self._unseen)

    def has_yet_to_see(self, room: str, seq: int) -> None:
        """An event of their own, with this *seq* of *room*, is stored; they have not read so far."""
        if self._unseen is None:
            self._unseen = {}
        self._unseen[room] = seq

    def _saw(self, seat: Seat) -> None:
        """Everything up to the position of *seat* has been shown there."""
        if self._unseen and self._unseen.get(seat.room.name, seat.position + 1) <= seat.position:
            self.shown_no_more(seat.room.name)

    def shown_no_more(self, room: str) -> None:
        """What was said in *room* last is not waited for: it has been shown, or the seat there is gone."""
        if self._unseen and self._unseen.pop(room, None) is not None:
            self._own_events_shown()
