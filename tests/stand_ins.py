"""Journals that are slower or less healthy than those in use."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred

from chatroom.chat.ports import JournalError
from chatroom.journal.memory import MemoryJournal


class SlowReads(MemoryJournal):
    """A journal whose reads take their time, as those of a disk do; or fail."""

    seconds = 0.0
    unreadable = False

    def _read(self, found: Any) -> Deferred[Any]:
        if not self.seconds and not self.unreadable:
            return super()._read(found)
        reading: Deferred[Any] = Deferred()
        self._later(self.seconds, lambda: self._finish(reading, found))
        return reading

    def _finish(self, reading: Deferred[Any], found: Any) -> None:
        if self.unreadable:
            reading.errback(JournalError("the disk is broken"))
        else:
            reading.callback(found)
