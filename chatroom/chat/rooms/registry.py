"""The registry of rooms: those in use, brought in from the journal when somebody needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..rules.room_state import RoomState
from .history import TAIL, RoomHistory
from .page_reader import Pages
from .room import Room

if TYPE_CHECKING:
    from ..core import Core
    from ..ports import Future, RecordChange
    from .ledger import Ledger

_SLICE = 500
"""Records that are taken in within one turn, when a room is brought into use."""

_WORK = 2.0
"""Lines' worth of work that this is."""


class _Loading:
    """A room that is being read: who waits for it, and what has been changed since that began."""

    def __init__(self) -> None:
        self.waiting: list[Future[None]] = []
        self.changes: list[RecordChange] = []


class RoomRegistry:
    """Every room that is in use; `Ledger` holds them, for it shows them what is stored."""

    def __init__(self, core: Core, ledger: Ledger) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = ledger.rooms
        self.pages = Pages(core.runtime, core.journal)
        self._loading: dict[str, _Loading] = {}

    def get(self, name: str) -> Room | None:
        """Find a room that is in use."""
        return self._rooms.get(name)

    def __iter__(self) -> Iterator[Room]:
        return iter(self._rooms.values())

    async def use(self, name: str, charge: Callable[[float], object] | None = None) -> Room:
        """
        Bring the room *name* into use, with what the journal knows of it; `Ledger.done` ends that.

        :param charge: charges who asks for it, if it has to be read, for so many lines' worth of work.
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
        tail = await journal.before(name, None, TAIL)
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
        """Let *change*, of what stands in a room, hold there, if that is in use or about to be."""
        room, loading = self._rooms.get(change.scope), self._loading.get(change.scope)
        if room is not None:
            room.apply(change)
            self._core.room_list_version += change.kind == "setting"
        elif loading is not None:
            loading.changes.append(change)

    async def trimmed(self, name: str) -> None:
        """The oldest events of the room *name* are no longer kept: show none of them from memory either."""
        kept = await self._core.journal.after(name, 0, 1)
        room = self._rooms.get(name)
        if room is not None and kept.events:
            room.history.forget_below(kept.first)
