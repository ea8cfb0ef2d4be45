"""The registry of rooms: loads rooms from the journal on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from ..ports import JournalError
from ..rules.room_state import RoomState
from .history import TAIL, RoomHistory
from .page_reader import Pages
from .room import Room

if TYPE_CHECKING:
    from ..core import Core
    from ..ports import Future, RecordChange
    from .ledger import Ledger

TRIMMED = "trimmed"
"""
The kind of a record that is never there: that it has changed says that another program has removed a room's oldest
events.
"""

_SLICE = 500
"""Records loaded per turn when a room is brought into use."""

_WORK = 2.0
"""Cost of that, in lines."""

_AT_FIRST = 2
"""
Events read then, for each line that newcomers are shown: the others are people who came and went.

Each takes 3 µs, and people may come back to twenty rooms at once.
"""


class _Loading:
    """A room being loaded: who waits for it, and the changes made since."""

    def __init__(self) -> None:
        self.waiting: list[Future[None]] = []
        self.changes: list[RecordChange] = []


class RoomRegistry:
    """The rooms in use; `Ledger` holds them, because it shows them what is stored."""

    def __init__(self, core: Core, ledger: Ledger) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = ledger.rooms
        self.pages = Pages(core.runtime, core.journal)
        self._loading: dict[str, _Loading] = {}

    def get(self, name: str) -> Room | None:
        """Return a room that is in use, or None."""
        return self._rooms.get(name)

    def use_now(self, name: str) -> Room | None:
        """Use a room that is in use already, as `use` does; return None if it is not."""
        room = self._rooms.get(name)
        if room is not None:
            room.users += 1
        return room

    def __iter__(self) -> Iterator[Room]:
        return iter(self._rooms.values())

    async def use(self, name: str, charge: Callable[[float], object] | None = None) -> Room:
        """
        Bring the room *name* into use, loading it if necessary; `Ledger.done` ends the use.

        :param charge: charges for the work if the room has to be loaded.
        :raises JournalError: if the journal cannot be read now.
        """
        while name not in self._rooms:
            if name in self._loading:
                future = self._core.runtime.future()
                self._loading[name].waiting.append(future)
                await future
                continue
            loading = self._loading[name] = _Loading()
            try:
                room = await self._load(name, charge)
                for change in loading.changes:
                    room.apply(change)
                self._rooms[name] = room
            finally:
                del self._loading[name]
                for future in loading.waiting:
                    future.callback(None)
        room = self._rooms[name]
        room.users += 1
        return room

    async def _load(self, name: str, charge: Callable[[float], object] | None) -> Room:
        journal = self._core.journal
        record = await journal.room(name)
        tail = await journal.before(name, None, min(_AT_FIRST * self._core.limits.greeting, TAIL))
        past = RoomHistory(self.pages, name, record.last, tail.events)
        room = Room(self._core, self._ledger.append, name, record.topic, past, RoomState())
        records = await journal.records(name)
        if charge is not None:
            charge(len(records) / _SLICE * _WORK)
        for start in range(0, len(records), _SLICE):
            if start:
                await self._core.fair_queue.next(_WORK)
            room.state.load(records[start : start + _SLICE])
        past.seal(room.state.sealed)
        return room

    def apply(self, change: RecordChange) -> None:
        """Apply *change* to its room, if that is in use or being loaded."""
        if change.kind == TRIMMED:
            self._core.runtime.spawn(self._trimmed_elsewhere(change.scope))
            return
        room, loading = self._rooms.get(change.scope), self._loading.get(change.scope)
        if room is not None:
            room.apply(change)
            self._core.room_list_version += change.kind == "setting"
        elif loading is not None:
            loading.changes.append(change)

    async def trimmed(self, name: str) -> None:
        """Drop the oldest events of the room *name* from memory after they were removed from the journal."""
        kept = await self._core.journal.after(name, 0, 1)
        room = self._rooms.get(name)
        if room is not None and kept.events:
            room.history.forget_below(kept.first)

    async def _trimmed_elsewhere(self, name: str) -> None:
        # If it cannot be read now, what is in memory stays there until newer events replace it.
        with suppress(JournalError):
            await self.trimmed(name)
