"""Parts that are simpler, slower or less healthy than those in use."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, fail, succeed

from chatroom.chat.ports import Busy, JournalError
from chatroom.journal.memory import MemoryJournal


class Port:
    """A port that is listening somewhere."""

    def __init__(self, address: object) -> None:
        self._address = address

    def getHost(self) -> object:
        return self._address


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


class PlainPasswords:
    """Passwords that are not hashed at all, and answered for at once."""

    busy = False
    verified = 0
    """How many were checked."""

    def hash(self, password: str) -> Deferred[str]:
        return fail(Busy()) if self.busy else succeed(f"plain:{password}")

    def verify(self, hashed: str | None, password: str) -> Deferred[bool]:
        if self.busy:
            return fail(Busy())
        self.verified += 1
        return succeed(hashed == f"plain:{password}")
