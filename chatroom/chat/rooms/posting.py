"""Posting: says in a room what a script sends, under the rules for people, without joining or leaving."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

from ..people.api_tokens import Access
from ..refusals import NotStored, TooLong, TooSoon
from ..syntax.durations import spoken
from ..syntax.names import room as room_name
from . import speech
from .bot_pace import WAITING
from .bot_rights import check_may_enter, check_not_muted, check_scope
from .originator import Pending
from .recent_refs import RecentRefs

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..core import Core
    from ..people.bot import Bot
    from ..ports import Future
    from .bot_pace import BotPace
    from .ledger import Ledger
    from .registry import RoomRegistry
    from .room import Room


PATIENT = 1000
"""Patient posts of one account that may wait, in any queue: slow mode may last an hour, and each holds one message."""

_AGAIN = 60.0
"""Seconds after which the sender of one more is asked to try again."""


@dataclass(frozen=True, slots=True)
class Post:
    """
    What a script sends to a room.

    :param ref: the script's own mark; what comes again with the same mark is the same message.
    :param label: what is shown behind the bot's nick, in parentheses; "": nothing.
    :param patient: wait for slow mode, and behind up to `PATIENT` others: this sender hardly takes a refusal.
    """

    text: str
    ref: str | None = None
    label: str = ""
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """Where a post was stored; *again* if that was earlier, with the same ref."""

    room: str
    seq: int
    again: bool = False


class _Author(Pending):
    """Stands for the bot where a person's session would: says one line, whose result several requests may wait for."""

    def __init__(self, core: Core, person: _Speaker, ref: str | None) -> None:
        super().__init__(core.runtime)
        self._core = core
        self._others: list[Future[None]] = []
        self.person = person
        self.ref = ref
        self.mark = self.ask = ""
        self.active = person.active
        self.seq = 0

    def stored(self, room: str, seq: int) -> None:
        """Note the seq."""
        self.seq = seq
        super().stored(room, seq)

    def counted(self) -> None:
        """Wake everything that waits for the result."""
        super().counted()
        others, self._others = self._others, []
        for future in others:
            future.callback(None)

    async def result(self) -> int:
        """
        Wait for the seq.

        :raises NotStored: if it could not be stored.
        """
        if self.outstanding:
            future = self._core.runtime.future()
            self._others.append(future)
            await future
        if self._error is not None:
            raise NotStored.because(self._error)
        return self.seq


class _Speaker:
    """A bot, under the nick that its post shows."""

    def __init__(self, bot: Bot, label: str) -> None:
        self._bot = bot
        self.nick = f"{bot.nick} ({label})" if label else bot.nick

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bot, name)


class Posting:
    """
    Posts for bots.

    :param current: returns the bot with the rights that it has by now; raises if it has none.
    """

    def __init__(
        self, core: Core, ledger: Ledger, rooms: RoomRegistry, pace: BotPace, current: Callable[[Bot], Bot]
    ) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms
        self._pace = pace
        self._current = current
        self._refs = RecentRefs()
        self._patient: Counter[str] = Counter()
        """How many patient posts of each account wait, by party."""

    async def post(self, bot: Bot, room: str, post: Post) -> Posted:
        """
        Say *post* in *room*, and wait until it is stored and shown.

        :raises Refusal: if the token, the room or the text does not allow it.
        :raises JournalError: if the journal cannot be read now.
        """
        name = room_name(room, self._core.limits.room)
        check_scope(bot, name, Access.WRITE)
        if post.ref is not None and len(post.ref) > self._core.limits.ref:
            raise TooLong(f"A ref has at most {self._core.limits.ref} characters.")
        lines, size = post.text.count("\n") + 1, len(post.text)
        if not post.patient:
            await self._pace.turn(bot, lines, size, most=WAITING)
            return await self._post(bot, name, post)
        if self._patient[bot.party] >= PATIENT:
            raise TooSoon(f"Too many messages are waiting already; please try again in {spoken(_AGAIN)}.", _AGAIN)
        self._patient[bot.party] += 1
        try:
            return await self._post_patiently(bot, name, post, lines, size)
        finally:
            self._patient[bot.party] -= 1
            if not self._patient[bot.party]:
                del self._patient[bot.party]

    async def _post_patiently(self, bot: Bot, name: str, post: Post, lines: int, size: int) -> Posted:
        while True:
            await self._pace.turn(bot, lines, size, most=inf)
            try:
                return await self._post(bot, name, post)
            except TooSoon as refusal:
                if not refusal.wait:
                    raise
                await self._pace.rest(refusal.wait)
                lines = size = 0

    async def _post(self, bot: Bot, name: str, post: Post) -> Posted:
        room = await self._rooms.use(name, lambda lines: self._pace.charge(bot, lines))
        try:
            if post.ref is None:
                return Posted(name, await self._say(bot, room, post).result())
            table = await self._refs.of(room, bot.identity)
            earlier = table.get(post.ref)
            if earlier is not None:
                check_may_enter(self._core, self._current(bot), room)
                return Posted(name, earlier if isinstance(earlier, int) else await earlier.result(), again=True)
            author = table[post.ref] = self._say(bot, room, post)
            try:
                RecentRefs.note(table, post.ref, await author.result())
            except NotStored:
                del table[post.ref]
                raise
            return Posted(name, author.seq)
        finally:
            self._ledger.done(room)

    def _say(self, bot: Bot, room: Room, post: Post) -> _Author:
        """Check everything anew, after all waiting, and append what is said."""
        self._core.check_open()
        bot = self._current(bot)
        check_scope(bot, room.name, Access.WRITE)
        check_may_enter(self._core, bot, room)
        check_not_muted(self._core, bot, room)
        author = _Author(self._core, _Speaker(replace(bot, active=self._core.runtime.now()), post.label), post.ref)
        speaker: Any = author
        speech.say(room, speaker, post.text)
        return author
