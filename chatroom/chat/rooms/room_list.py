"""The room list: computed at most once a second if there are many rooms, in slices."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from ..replies import RoomLine

if TYPE_CHECKING:
    from ..core import Core
    from ..people.person import Connection
    from ..ports import Future
    from .registry import RoomRegistry
    from .room import Room

_FEW = 500
"""Up to this many rooms, the list is always current."""

_LASTS = 1.0
"""Seconds for which a longer list is cached."""

_SLICE = 500
"""Rooms processed per turn."""

_WORK = 1.0
"""Cost of that, in lines."""


class RoomList:
    """The list of rooms with members and of default rooms, as far as each person may see them."""

    def __init__(self, core: Core, rooms: RoomRegistry) -> None:
        self._core = core
        self._rooms = rooms
        self._public: list[RoomLine] = []
        self._private: list[Room] = []
        self._made = float("-inf")
        self._version = -1
        self._waiting: list[Future[None]] | None = None
        """Futures that wait for the list in progress; None: none is in progress."""

    async def rows(self, session: Connection) -> Sequence[RoomLine]:
        """Return the rooms that the person may see, the fullest first."""
        await self._refresh(session.work)
        hidden: list[RoomLine] = []
        for start in range(0, len(self._private), _SLICE):
            if start:
                await session.work(_WORK)
            rooms = self._private[start : start + _SLICE]
            hidden += [_line(room) for room in rooms if room.seats and room.shows_to(session.person)]
        return sorted([*self._public, *hidden], key=_order) if hidden else self._public

    @property
    def _fresh(self) -> bool:
        if self._version == self._core.room_list_version:
            return True
        many = len(self._public) + len(self._private) > _FEW
        return many and self._core.runtime.monotonic() - self._made < _LASTS

    async def _refresh(self, work: Callable[[float], Awaitable[None]]) -> None:
        while not self._fresh:
            if self._waiting is None:
                self._waiting = []
                try:
                    await self._make(work)
                finally:
                    waiting, self._waiting = self._waiting, None
                    for future in waiting:
                        future.callback(None)
                return
            future = self._core.runtime.future()
            self._waiting.append(future)
            await future

    async def _make(self, work: Callable[[float], Awaitable[None]]) -> None:
        version, made = self._core.room_list_version, self._core.runtime.monotonic()
        public = {room.name: RoomLine(room.name, 0, room.topic) for room in self._core.policy.rooms}
        private = []
        rooms = list(self._rooms)
        for start in range(0, len(rooms), _SLICE):
            if start:
                await work(_WORK)
            for room in rooms[start : start + _SLICE]:
                if room.hidden and not room.conversation:
                    private.append(room)
                elif room.seats and not room.conversation:
                    public[room.name] = _line(room)
        self._public, self._private = sorted(public.values(), key=_order), private
        self._version, self._made = version, made


def _line(room: Room) -> RoomLine:
    return RoomLine(room.name, len(room.seats), room.topic)


def _order(row: RoomLine) -> tuple[int, str]:
    return -row.people, row.room
