"""What the journal on disk looks after, once a second: the search index, and what other programs have done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from chatroom.chat.ports import Change, JournalError, Timer

from ._background import Chores
from ._calls import Later, Worker, call
from ._index import Indexer
from ._writer import Writer

EVERY = 1.0
"""Seconds between two looks: until then nobody sees a ban from outside; and an index grows in few, large slices."""
_FRESH = 16
"""Slices that a search waits for: the last thousand events, in some 12 ms."""


Changed = Callable[[Sequence[Change]], None]


class Upkeep:
    """
    Keeps a journal in order while it is open.

    :param look: called each time that this looks.
    :param changed: called with what another program has changed.
    """

    _log = Logger(namespace="chatroom.journal")

    def __init__(
        self, later: Later, worker: Worker, chores: Chores, look: Callable[[], None], changed: Changed
    ) -> None:
        self._later = later
        self._worker = worker
        self._chores = chores
        self._look_too = look
        self._changed = changed
        self._writer: Writer | None = None
        self._indexer: Indexer | None = None
        self._timer: Timer | None = None
        self._noticing = self._indexing = False
        self._deaf = self._failing = False
        """Which of the two has failed: the log is told when that changes, not each time."""

    def start(self, writer: Writer, indexer: Indexer) -> None:
        """Begin to look after what these two write."""
        self._writer, self._indexer = writer, indexer
        self._timer = self._later(EVERY, self._look)

    def stop(self) -> None:
        """Look no more."""
        self._writer = self._indexer = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def freshen(self) -> None:
        """
        Index what was just said, as far as that takes no time worth mentioning.

        What is under way at the moment, old history or a flood, is not waited for: a search answers with
        what can be found by now.  A thousand events are more than people say in the second between looks.
        """
        for _ in range(_FRESH):
            if self._indexer is None or not self._indexer.grown:
                return
            try:
                await call(self._worker, self._indexer.freshen)
            except JournalError:
                return  # on a full disk one can still search

    def _look(self) -> None:
        self._timer = self._later(EVERY, self._look)
        self._look_too()
        if self._indexer is not None:
            self._indexer.due = True
        if not self._noticing:
            self._noticing = True
            Deferred.fromCoroutine(self._notice_all())
        if not self._indexing:
            self._indexing = True
            Deferred.fromCoroutine(self._index())

    async def _notice_all(self) -> None:
        """Apart from the index, which may have to catch up for minutes: nobody may wait for a ban so long."""
        try:
            await self._notice()
            self._deaf = False
        except JournalError as error:
            if not self._deaf and self._writer is not None:
                self._deaf = True
                self._log.error("What another program has changed cannot be read: {error}", error=error)
        finally:
            self._noticing = False

    async def _index(self) -> None:
        try:
            if self._indexer is not None:
                await self._chores.do(self._indexer.step)
            self._failing = False
        except JournalError as error:
            if not self._failing and self._writer is not None:
                self._failing = True
                self._log.error("The search index cannot be brought up to date: {error}", error=error)
        finally:
            self._indexing = False

    async def _notice(self) -> None:
        """Tell what another program has changed, a slice in each turn."""
        while self._writer is not None:
            changes = await call(self._worker, self._writer.foreign_changes)
            if not changes or self._writer is None:
                return
            try:
                self._changed(changes)
            except Exception:
                self._log.failure("The journal's listener failed")
