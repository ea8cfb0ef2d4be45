"""What one person is shown: live while they keep up, read on from the journal while they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .ports import JournalError
from .replies import Gap, Live

if TYPE_CHECKING:
    from .hub import Hub
    from .ports import Outlet, Promise
    from .room import Seat


class Reader:
    """
    Someone with seats in rooms, and one way out to be shown what happens there.

    Who comes in, who carries on after a broken connection and who has fallen behind are the same: there
    is something to read on before the next batch can be shown.
    """

    __slots__ = (
        "_arrived",
        "_catching_up",
        "_stalled",
        "_taking",
        "_told_live",
        "_unseen",
        "behind",
        "gone",
        "hub",
        "identity",
        "outlet",
        "seats",
    )

    def __init__(self, hub: Hub, outlet: Outlet) -> None:
        self.hub = hub
        self.outlet: Outlet = outlet
        self.identity = ""
        self.seats: dict[str, Seat] = {}
        self.gone = False
        self.behind = True
        """Whether there is, or may be, something to read on before the next batch can be shown."""
        self._catching_up = False
        self._stalled = False
        self._arrived = False
        self._told_live = False
        self._taking: tuple[Promise[None], ...] = ()
        """Who waits for the other end to take more."""
        self._unseen: dict[str, int] = {}
        """The seq of this person's own last event, for each room where they have yet to be shown that."""

    def fall_behind(self) -> None:
        """The other end has had enough for now: from here on this is a reader of the journal."""
        self.behind = self._stalled = True
        for seat in self.seats.values():
            seat.fall_behind()

    def drained(self) -> None:
        """The other end takes more: read on from where it was."""
        self._stalled = False
        self.let_go_on()
        self.read_on()

    async def taking(self) -> None:
        """Wait until the other end takes more, or the session is over."""
        while self._stalled and not self.gone:
            promise = self.hub.world.promise()
            self._taking += (promise,)
            await promise

    def let_go_on(self) -> None:
        """Wake everyone who waits for the other end to take more."""
        taking, self._taking = self._taking, ()
        for promise in taking:
            promise.callback(None)

    def arrived(self) -> None:
        """The person has been let in: show them what they missed, then everything."""
        self._arrived = True
        self.read_on()

    def read_on(self) -> None:
        """Show what there is to show in every seat, unless the other end has had enough for now."""
        if self._arrived and not self._catching_up and not self._stalled and not self.gone:
            self.hub.world.spawn(self._catch_up())

    async def _catch_up(self) -> None:
        self._catching_up = True
        try:
            # Each round makes a seat live, finds that it is no seat any more, ends, or makes the next one do so.
            yielded = True
            while seat := next((seat for seat in self.seats.values() if not seat.live), None):
                if not yielded and seat.position < seat.room.shown:
                    await self.hub.turns.next()
                    yielded = True
                    if self._stalled or self.gone:
                        return
                    continue
                yielded = False
                if not await self._read_on(seat):
                    return
            self.behind = False
            if not self._told_live:
                self._told_live = True
                self.outlet.reply(Live())
        except JournalError:
            self.hub.world.later(1.0, self.read_on)
        finally:
            self._catching_up = False

    async def _read_on(self, seat: Seat) -> bool:
        """Show what this seat has missed; return False if that must go on later, or not at all."""
        room, outlet = seat.room, self.outlet
        first = True
        while seat.position < min(room.shown, seat.upto):
            if not first:
                await self.hub.turns.next()
            first = False
            # What is too far back is skipped, and the gap that this leaves is told.
            batch = await room.past.after(max(seat.position, room.shown - self.hub.limits.lag))
            if outlet is not self.outlet or self.gone:
                return False
            if self.seats.get(room.name) is not seat:
                return True
            assert batch.last > seat.position, "a page is never empty before the end"
            if batch.last > seat.upto:
                batch = batch.until(seat.upto)
            if batch.first > seat.position + 1:
                outlet.reply(Gap(room.name, seat.position + 1, batch.first - 1))
            seat.position = batch.last
            self.hub.delivered[outlet.door] += len(batch.events)
            more = not batch.events or outlet.deliver(batch)
            self._saw(seat)
            if not more or self.gone:
                return False
        if self.seats.get(room.name) is not seat:
            # The command that waited for this was to leave.
            return True
        if seat.position >= seat.upto:
            self.hub.seating.give_up(seat)
            return True
        if self._stalled or self.gone:
            # Another seat's batch was too much, while this one was reading.
            return False
        seat.go_live()
        return True

    def _saw(self, seat: Seat) -> None:
        """Everything up to the position of *seat* has been shown there."""
        if self._unseen.get(seat.room.name, seat.position + 1) <= seat.position:
            del self._unseen[seat.room.name]
            self.saw_own()

    def shown_no_more(self, room: str) -> None:
        """The seat in *room* is gone, and what was said there last is not waited for."""
        if self._unseen.pop(room, None) is not None:
            self.saw_own()

    def saw_own(self) -> None:
        """An event of this person's own, which they had yet to be shown, has been shown to them."""
