"""Followers: scripts that are shown what happens in a room, without being in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ..fair_queue import MISSED_A_LINE
from ..people.api_tokens import Access
from ..people.directory import PersonChange
from ..ports import JournalError
from ..refusals import Refusal
from ..replies import Gap, PersonLine
from ..syntax.names import room as room_name
from .bot_rights import check_may_enter, check_scope

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..core import Core
    from ..events import Batch
    from ..people.bot import Bot
    from ..people.person import Person
    from ..ports import Outlet
    from .bot_pace import BotPace
    from .ledger import Ledger
    from .registry import RoomRegistry
    from .room import Room

_ENTERING_WORK = 0.5
"""Cost of beginning to follow, in lines, besides what was missed."""

_RETRY = 1.0
"""Seconds until the next try when the journal cannot be read."""


_SLICE = 50
"""Followers whose rights are checked in one turn."""

RIGHTS = frozenset({"account", "ban", "invite", "operator", "setting", "token"})
"""The kinds of records that decide who may follow a room."""


class Stream(Protocol):
    """The connection of a follower."""

    @property
    def outlet(self) -> Outlet:
        """Its way out."""

    def end(self) -> None:
        """Close it, after everything that was shown."""


class Follower:
    """
    One script that follows one room: reads what it missed from the journal, then is shown each batch live.

    :param identity: unique among the subscribers of the room.
    :param position: the seq of the last event that it has.
    """

    def __init__(self, followers: Followers, bot: Bot, room: Room, identity: str, position: int, *, on: bool) -> None:
        self._followers = followers
        self.identity = identity
        self._position = position
        self._stream: Stream | None = None
        self._live = self._stalled = self._reading = False
        self.bot = bot
        self.room = room
        self.on = on
        """Whether it goes on to follow once it has everything."""
        self.gone = False

    @property
    def position(self) -> int:
        """The seq of the last event that was shown."""
        return self.room.shown if self._live else self._position

    def begin(self, stream: Stream) -> None:
        """Show what was missed to *stream*, then everything live."""
        self._stream = stream
        self.read_on()

    def fall_behind(self) -> None:
        """Backpressure: the client doesn't read, so stop live delivery and read from the journal later."""
        self._stalled = True
        self._leave_live()

    def drained(self) -> None:
        """Continue: the client has read everything."""
        self._stalled = False
        self.read_on()

    def finish(self) -> None:
        """End once everything that has happened by now was shown: the client sends nothing more."""
        self.on = False
        self._leave_live()
        self.read_on()

    def end(self) -> None:
        """End now."""
        if not self.gone:
            self._leave_live()
            self.gone = True
            self._followers.forget(self)
            if self._stream is not None:
                self._stream.end()

    def check(self) -> None:
        """End if the token does not allow this any more."""
        try:
            self._followers.check(self.bot, self.room)
        except Refusal:
            self.end()

    def _leave_live(self) -> None:
        if self._live:
            self._position = self.room.shown
            self._live = False
            self.room.subscribers.remove(self.identity, self.identity)

    def read_on(self) -> None:
        """Show what is missing, unless the client doesn't read."""
        if not (self._reading or self._stalled or self._live or self.gone):
            self._followers.spawn(self._read_on())

    async def _read_on(self) -> None:
        assert self._stream is not None
        self._reading = True
        try:
            while self._position < self.room.shown:
                batch = await self._followers.page(self.room, self._position)
                if self.gone:
                    return
                if not self._show(self._stream.outlet, batch):
                    return
                await self._followers.turn()
                if self._stalled or self.gone:
                    return
        except JournalError:
            self._followers.later(_RETRY, self.read_on)
            return
        finally:
            self._reading = False
        self._go_live(self._stream)

    def _go_live(self, stream: Stream) -> None:
        if self.on:
            self._live = True
            self.room.subscribers.add(self.identity, self.identity, stream.outlet)
        else:
            self.end()

    def _show(self, outlet: Outlet, batch: Batch) -> bool:
        """Show a page, after the gap before it; return False to stop."""
        if batch.first > self._position + 1:
            outlet.reply(Gap(self.room.name, self._position + 1, batch.first - 1))
        self._position = batch.last
        self._followers.count(outlet.door, len(batch.events))
        return not batch.events or (outlet.deliver(batch) and not self.gone)


class Followers:
    """
    All scripts that follow rooms.

    :param current: returns a bot with the rights that it has by now; raises if it has none.
    """

    def __init__(
        self, core: Core, ledger: Ledger, rooms: RoomRegistry, pace: BotPace, current: Callable[[Bot], Bot]
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms
        self._pace = pace
        self._current = current
        self.all: dict[str, dict[str, Follower]] = {}
        """All of them, by room, then by identity."""
        self._count = 0
        self._checking = False
        self.later = core.runtime.later
        self.spawn = core.runtime.spawn
        self.turn = core.fair_queue.next
        core.people.observers.append(self._person_changed)

    async def follow(self, bot: Bot, room: str, after: int | None, *, on: bool) -> Follower:
        """
        Let *bot* follow *room*; `Follower.begin` has to be called next, or `Follower.end`.

        :param after: the seq of the last event that it has; None: it wants only what happens from now on.
        :param on: whether to go on once everything missed has been shown.
        :raises Refusal: if it may not.
        :raises JournalError: if the journal cannot be read now.
        """
        name = room_name(room, self._core.limits.room)
        check_scope(bot, name, Access.READ)
        await self._pace.turn(bot, _ENTERING_WORK)
        used = await self._rooms.use(name, lambda lines: self._pace.charge(bot, lines))
        try:
            self._core.check_open()
            self.check(bot, used)
        except BaseException:
            self._ledger.done(used)
            raise
        position = used.shown if after is None else used.history.position(after)
        self._pace.charge(bot, (used.shown - position) / MISSED_A_LINE)
        self._count += 1
        identity = f"{bot.identity}:{self._count}"
        follower = Follower(self, bot, used, identity, position, on=on)
        self.all.setdefault(name, {})[identity] = follower
        return follower

    def forget(self, follower: Follower) -> None:
        """Forget a follower that has ended."""
        name = follower.room.name
        followers = self.all[name]
        del followers[follower.identity]
        if not followers:
            del self.all[name]
        self._ledger.done(follower.room)

    def check(self, bot: Bot, room: Room) -> None:
        """
        Check that *bot* may read *room* now.

        :raises Refusal: if not.
        """
        bot = self._current(bot)
        check_scope(bot, room.name, Access.READ)
        check_may_enter(self._core, bot, room)

    def look_again(self) -> None:
        """Check everyone once more, soon: rules, accounts or tokens have changed."""
        if self.all and not self._checking:
            self._checking = True
            self.spawn(self._look_again())

    def _person_changed(self, person: Person[Any], change: PersonChange, former: str) -> None:
        if change is PersonChange.ACCOUNT and person.account is None:
            # The owner of an account is not inside any more, though the guest still is.
            self.look_again()

    async def _look_again(self) -> None:
        await self.turn(0.0)
        # What changes from here on is looked at again.
        self._checking = False
        everyone = self._everyone()
        for start in range(0, len(everyone), _SLICE):
            await self.turn()
            for follower in everyone[start : start + _SLICE]:
                if not follower.gone:
                    follower.check()

    async def page(self, room: Room, position: int) -> Batch:
        """Read what comes after *position*; what is too far back is skipped."""
        return await room.history.after(max(position, room.shown - self._core.limits.lag))

    def count(self, door: str, events: int) -> None:
        """Count deliveries."""
        self._core.delivered[door] += events

    def inside(self, room: str) -> list[PersonLine]:
        """List the bots that follow *room*, as ``/who`` shows them."""
        bots = {one.bot.token.key: one.bot for one in self.all.get(room, {}).values() if one.on}
        now = self._core.runtime.now()
        return [PersonLine(bot.nick, "api", max(0, int(now - bot.active)), True, "bot") for bot in bots.values()]

    def remove(self, room: str, key: str) -> bool:
        """End all streams from *room* of the bot whose nick has this *key*; return whether there were any."""
        found = [one for one in self.all.get(room, {}).values() if one.bot.token.key == key]
        for follower in found:
            follower.end()
        return bool(found)

    def close(self) -> None:
        """End all: the server is shutting down."""
        for follower in self._everyone():
            follower.end()

    def _everyone(self) -> list[Follower]:
        return [one for followers in self.all.values() for one in followers.values()]
