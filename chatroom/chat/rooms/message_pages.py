"""Message pages: what was said in a room, for scripts, forward or backward from a seq."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..events import TALK
from ..people.api_tokens import Access
from ..refusals import BadInput
from ..syntax.names import room as room_name
from .bot_rights import check_may_enter, check_scope
from .history import REPLY_TEXT, characters

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..core import Core
    from ..people.bot import Bot
    from ..replies import Numbered
    from .bot_pace import BotPace
    from .ledger import Ledger
    from .registry import RoomRegistry
    from .room import Room

_PAGES = 10
"""Pages of events read for one answer: a room may have thousands of people who came and went between two messages."""


@dataclass(frozen=True, slots=True)
class MessagePage:
    """
    Some messages of a room, the oldest first.

    ``first`` and ``last`` are the ends of what was looked at: the values of ``before`` and ``after`` to go on with.
    ``more`` says whether there is more in the direction that was asked for, ``gap`` up to which seq events that were
    asked for have been removed (0: none).
    """

    room: str
    messages: tuple[Numbered, ...]
    first: int
    last: int
    more: bool
    gap: int = 0


class MessagePages:
    """
    Reads messages for bots.

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

    async def read(self, bot: Bot, room: str, before: int | None, after: int | None, limit: int) -> MessagePage:
        """
        Read up to *limit* messages: the first after the seq *after*, or else the last before *before*.

        :raises Refusal: if the bot may not read there.
        :raises JournalError: if the journal cannot be read now.
        """
        most = self._core.limits.page
        if not 1 <= limit <= most:
            raise BadInput(f"limit is a number from 1 to {most}.")
        name = room_name(room, self._core.limits.room)
        check_scope(bot, name, Access.READ)
        await self._pace.turn(bot, 0.0)
        used = await self._rooms.use(name, lambda lines: self._pace.charge(bot, lines))
        try:
            self._check(bot, used)
            if after is not None:
                page = await self._forward(bot, used, after, before, limit)
            else:
                page = await self._backward(bot, used, before, limit)
            # The rights may have been lost during the reads.
            self._check(bot, used)
            return page
        finally:
            self._ledger.done(used)

    def _check(self, bot: Bot, room: Room) -> None:
        bot = self._current(bot)
        check_scope(bot, room.name, Access.READ)
        check_may_enter(self._core, bot, room)

    async def _forward(self, bot: Bot, room: Room, after: int, before: int | None, limit: int) -> MessagePage:
        upto = min(room.shown, room.shown if before is None else before - 1)
        position = start = max(after, room.history.sealed)
        found: list[Numbered] = []
        gap, size, full = 0, 0, False
        with room.history.watch() as watch:
            for _ in range(_PAGES):
                if position >= upto or full:
                    break
                await self._pace.work(bot, 1.0)
                page = await room.history.after(position)
                if page.first > position + 1:
                    gap = page.first - 1
                for seq, event in page:
                    if full or seq > upto:
                        break
                    if type(event) in TALK:
                        size += characters(event)
                        if found and size > REPLY_TEXT:
                            full = True
                            break
                        found.append((seq, event))
                        full = len(found) >= limit
                    position = seq
                if not full:
                    position = min(page.last, upto)
            found = watch.lines(found)
        return MessagePage(room.name, tuple(found), min(start + 1, position), position, position < upto, gap)

    async def _backward(self, bot: Bot, room: Room, before: int | None, limit: int) -> MessagePage:
        async def work(lines: float) -> None:
            await self._pace.work(bot, lines)

        last = room.shown if before is None else min(max(0, before - 1), room.shown)
        page = await room.history.history(limit, before, work, talk_only=True)
        return MessagePage(room.name, page.events, page.first, last, page.more)
