"""Creation: when rooms began, as far as their history says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from chatroom.chat.ports import Journal
    from chatroom.chat.rooms.room import Room


class Creations:
    """The times of the first events of rooms in use, each read once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._of: WeakKeyDictionary[Room, tuple[int, float]] = WeakKeyDictionary()

    def known(self, room: Room) -> bool:
        """Return whether it takes no reading to tell when *room* began."""
        return room in self._of and self._of[room][0] == room.history.sealed

    async def of(self, room: Room) -> float:
        """
        Return the time of the first event of *room* that is left, in seconds since the epoch; 0.0: there is none.

        :raises JournalError: if the journal cannot be read now.
        """
        sealed = room.history.sealed
        if not self.known(room):
            first = await self._journal.after(room.name, sealed, 1)
            if not first.events:
                return 0.0
            self._of[room] = sealed, first.events[0].at
        return self._of[room][1]
