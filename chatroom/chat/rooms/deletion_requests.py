"""Deletion requests: messages that another program (``chatroom-admin``) wants this server to delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..changes import Deleted
from ..events import TALK
from ..outcomes import is_deleted
from ..ports import JournalError, RecordChange, StandingRecord
from ..refusals import Refusal
from .originator import Pending

if TYPE_CHECKING:
    from ..core import Core
    from ..events import Event
    from .ledger import Ledger
    from .registry import RoomRegistry

DELETION = "delete"
"""The kind of record that asks for a deletion; its key is the room's name, a space and the seq."""
_RETRY = 5.0
"""Seconds between retries, while the disk is full or broken."""


class DeletionRequests:
    """Deletes what another program has asked for; a request is removed in the commit of its `Deleted`."""

    def __init__(self, core: Core, ledger: Ledger, rooms: RoomRegistry) -> None:
        self._core = core
        self._ledger = ledger
        self._rooms = rooms

    def follow(self, changes: Sequence[RecordChange | StandingRecord]) -> None:
        """Carry out the requests among *changes*."""
        for scope, kind, key, value in changes:
            if not scope and kind == DELETION and value is not None:
                reason, nick = str(value.get("reason", "")), str(value.get("nick", ""))
                self._core.runtime.spawn(self._carry_out(key, nick, reason))

    async def _carry_out(self, key: str, nick: str, reason: str) -> None:
        try:
            name, seq = key.split(" ")
            await self._delete(name, int(seq), nick, reason, RecordChange("", DELETION, key, None))
        except (JournalError, Refusal):
            self._core.runtime.later(_RETRY, lambda: self._core.runtime.spawn(self._carry_out(key, nick, reason)))

    async def _delete(self, name: str, seq: int, nick: str, reason: str, done: RecordChange) -> None:
        room = await self._rooms.use(name, None)
        try:
            page = await self._core.journal.after(name, seq - 1, 1)
            event = page.events[0] if page.events and page.first == seq else None
            if event is None or not is_deletable(event):
                await self._ledger.keep([done])
                return
            author = Pending(self._core.runtime)
            now = self._core.runtime.now()
            self._ledger.append(
                room, author, Deleted(name, now, "", nick, seq, event.nick, by_author=False, reason=reason), [done]
            )
            await author.flushed()
        finally:
            self._ledger.done(room)


def is_deletable(event: Event) -> bool:
    """Return whether *event* is a message whose text is still there."""
    return isinstance(event, TALK) and not is_deleted(event)
