"""Reading positions: how far accounts have read their rooms, gathered in memory and stored every few seconds."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from ..ports import READING, JournalError, RecordChange

if TYPE_CHECKING:
    from ..ports import Future, Journal, Runtime, Timer

INTERVAL = 5.0
"""Seconds from the first position that is not stored until all are; a crash forgets what was read in this time."""

MOST_AT_ONCE = 1000
"""Positions in one commit: the journal takes 8 ms for them, and others wait as long."""

MOST_UNSAVED = 50_000
"""Positions that are kept while nothing can be stored, some 10 MB; then the oldest are given up."""

_MOST_READ = 2000
"""Positions of one account that are read: all its rooms, and some of its conversations if it has thousands."""


class Position(NamedTuple):
    """How far an account has read a room, and whether it is in the room."""

    seq: int
    member: bool


class Kept(NamedTuple):
    """What is kept of an account: positions by room, conversations with messages that wait, and the newest ones."""

    positions: dict[str, Position]
    waiting: list[str]
    conversations: list[str]


class ReadingPositions:
    """
    The positions of accounts that are not stored yet, over those in the journal.

    A position never goes back, whatever is noted: the larger seq counts, here and in the journal.
    """

    def __init__(self, journal: Journal, runtime: Runtime) -> None:
        self._journal = journal
        self._runtime = runtime
        self._unsaved: dict[str, dict[str, int]] = {}
        """The seqs, by account and room; what is being stored stays until it is."""
        self._count = 0
        """The number of all these."""
        self._forgotten: dict[str, None] = {}
        """Accounts whose positions are still to be deleted."""
        self._timer: Timer | None = None
        self._saving = False
        self._waiting: list[Future[None]] = []
        """Those who want to store while somebody else does."""
        self._saves = 0
        """The number of commits so far."""
        self._closed = False

    def note(self, account: str, room: str, seq: int) -> None:
        """Note that *account* has read *room* up to *seq*."""
        rooms = self._unsaved.get(account)
        if rooms is None:
            rooms = self._unsaved[account] = {}
        before = rooms.get(room)
        if before is None:
            self._count += 1
        elif before >= seq:
            return
        rooms[room] = seq
        if self._timer is None:
            self._wait()
        if self._count > MOST_UNSAVED:
            self._drop(next(iter(self._unsaved)))

    def joined(self, account: str, room: str) -> RecordChange:
        """
        Return the change to be stored with the event by which *account* comes into *room*.

        From then on the room is remembered; a new position begins before that event.
        """
        return RecordChange(room, READING, account, {"member": True})

    def left(self, account: str, room: str) -> RecordChange:
        """Return the change to be stored with the event by which *account* leaves *room* for good."""
        self._remove(account, room)
        return RecordChange(room, READING, account, None)

    def forget(self, account: str) -> None:
        """Forget all positions of *account*, which is deleted, here and soon in the journal."""
        self._drop(account)
        self._forgotten[account] = None
        if self._timer is None:
            self._wait()

    async def of(self, account: str, conversations: int = 0) -> Kept:
        """
        Read the positions of *account* by room, including those that are not stored yet, and so many conversations.

        A room that is left meanwhile may still be among them.

        :raises JournalError: if the journal cannot be read.
        """
        saves = -1
        while saves != self._saves:
            # What is stored during the read is neither in its result nor unsaved afterwards.
            saves = self._saves
            records = await self._journal.of_account(account, _MOST_READ, conversations)
        if account in self._forgotten:
            return Kept({}, [], [])
        found = {record.scope: Position(record.value["seq"], record.value["member"]) for record in records.positions}
        for room, seq in self._unsaved.get(account, {}).items():
            known = found.get(room, Position(0, member=False))
            found[room] = known._replace(seq=max(known.seq, seq))
        return Kept(found, [record.scope for record in records.unread], records.conversations)

    async def flush(self) -> None:
        """Store what is not stored yet; what cannot be is kept for the next time."""
        while self._saving:
            self._waiting.append(turn := self._runtime.future())
            await turn
        self._stop_timer()
        self._saving = True
        try:
            for _ in range(0, self._count + len(self._forgotten), MOST_AT_ONCE):
                await self._save()
        except JournalError:
            pass  # the house says it to everyone when events cannot be stored
        finally:
            self._saving = False
            waiting, self._waiting = self._waiting, []
            for turn in waiting:
                turn.callback(None)
            if (self._count or self._forgotten) and self._timer is None:
                self._wait()

    async def close(self) -> None:
        """Store what is not stored yet, for the last time."""
        self._closed = True
        await self.flush()

    async def _save(self) -> None:
        """Store one commit of positions, the oldest first."""
        forgotten = list(islice(self._forgotten, MOST_AT_ONCE))
        every = ((account, room, seq) for account, rooms in self._unsaved.items() for room, seq in rooms.items())
        positions = list(islice(every, MOST_AT_ONCE - len(forgotten)))
        changes = [RecordChange("", READING, account, None) for account in forgotten]
        changes += [RecordChange(room, READING, account, {"seq": seq}) for account, room, seq in positions]
        if not changes:
            return  # meanwhile, all that was left has been forgotten
        await self._journal.change(changes)
        self._saves += 1
        for account in forgotten:
            self._forgotten.pop(account, None)
        for account, room, seq in positions:
            rooms = self._unsaved.get(account, {})
            if rooms.get(room) == seq:
                self._remove(account, room)

    def _remove(self, account: str, room: str) -> None:
        rooms = self._unsaved.get(account, {})
        if rooms.pop(room, None) is not None:
            self._count -= 1
            if not rooms:
                del self._unsaved[account]
        if not (self._count or self._forgotten):
            self._stop_timer()

    def _drop(self, account: str) -> None:
        self._count -= len(self._unsaved.pop(account, ()))

    def _wait(self) -> None:
        if not self._closed:
            self._timer = self._runtime.later(INTERVAL, self._due)

    def _due(self) -> None:
        self._timer = None
        self._runtime.spawn(self.flush())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
