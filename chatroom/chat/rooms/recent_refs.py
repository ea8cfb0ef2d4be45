"""Recent refs: the marks on what bots posted lately, so that what is sent twice is said once."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .room import Room

LOOKED_AT = 1000
"""The newest events of a room in which refs are looked for after a restart: five pages."""

_REFS = 1000
"""Refs remembered of one bot in one room."""

_TABLES = 100
"""Bots and rooms whose refs are remembered; others' are read from the journal again."""


class OnItsWay(Protocol):
    """A post that is not stored yet."""

    async def result(self) -> int:
        """Wait for the seq; raises `NotStored` if it could not be stored."""


class RecentRefs:
    """
    The refs of each bot in each room, with the post that carries each.

    They are kept with the events, so they outlive a restart.
    """

    def __init__(self) -> None:
        self._tables: OrderedDict[tuple[str, str], OrderedDict[str, OnItsWay | int]] = OrderedDict()

    async def of(self, room: Room, identity: str) -> OrderedDict[str, OnItsWay | int]:
        """
        Return the refs of the bot with this *identity* in *room*: the seq of each, or the post that is on its way.

        :raises JournalError: if the journal cannot be read now.
        """
        key = (room.name, identity)
        if key not in self._tables:
            found = await self._read(room, identity)
            # Somebody else may have read them meanwhile, and posted.
            self._tables.setdefault(key, found)
            self._tables.move_to_end(key)
            self._forget_some()
        self._tables.move_to_end(key)
        return self._tables[key]

    def _forget_some(self) -> None:
        """Forget the longest unused of all but the newest; not posts on their way, which the journal does not have."""
        *older, _ = self._tables.items()
        stored = [key for key, table in older if not table or isinstance(next(reversed(table.values())), int)]
        for key in stored[: max(0, len(self._tables) - _TABLES)]:
            del self._tables[key]

    @staticmethod
    def note(table: OrderedDict[str, OnItsWay | int], ref: str, seq: int) -> None:
        """Remember the *seq* of the post with this *ref*."""
        table[ref] = seq
        if len(table) > _REFS:
            table.popitem(last=False)

    async def _read(self, room: Room, identity: str) -> OrderedDict[str, OnItsWay | int]:
        table: OrderedDict[str, OnItsWay | int] = OrderedDict()
        seq = max(0, room.shown - LOOKED_AT)
        while seq < room.shown:
            page = await room.history.after(seq)
            for at, event in page:
                if event.by == identity and event.ref is not None:
                    table[event.ref] = at
            seq = max(page.last, seq + 1)
        return table
