"""Maintenance: once a second, updates the search index and reads changes by other programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from chatroom.chat.ports import JournalError, RecordChange, Timer

from ._background import BackgroundTasks
from ._backlog import Backlog
from ._calls import Later, Worker, call

INTERVAL = 1.0
"""Seconds between two rounds: so soon a ban from outside takes effect."""
_MAX_FRESH_SLICES = 16
"""Slices that a search waits for: usually a few, for more is indexed before; in a flood, small ones, in 25 ms."""

Changed = Callable[[Sequence[RecordChange]], None]


class ForeignChanges(Protocol):
    """What reads changes by another program."""

    def foreign_changes(self) -> list[RecordChange]:
        """Read some, on the writer's thread; none if there is nothing new."""


class Index(Protocol):
    """What makes the search index, on a thread for that."""

    @property
    def backlog(self) -> Backlog:
        """What is to be indexed."""

    @property
    def grown(self) -> object:
        """Whether there may be something new."""

    def step(self) -> int | None:
        """Do one step of the most urgent work; return None if there was nothing to do."""

    def freshen(self) -> object:
        """Index a slice of new events."""


class Maintenance:
    """
    Maintains a journal while it is open.

    :param worker: the writer's thread.
    :param tasks: take the steps that make the index.
    :param indexing: the thread for that, if it is another one.
    :param check: called in each round, too.
    :param changed: called with changes by another program.
    :param erase: called in each round, to erase deleted text.
    """

    _log = Logger(namespace="chatroom.journal")

    def __init__(
        self,
        later: Later,
        worker: Worker,
        tasks: BackgroundTasks,
        check: Callable[[], None],
        changed: Changed,
        erase: Callable[[], None],
        indexing: Worker | None = None,
    ) -> None:
        self._later = later
        self._worker = worker
        self._indexing_worker = indexing or worker
        self._tasks = tasks
        self._check = check
        self._changed = changed
        self._erase = erase
        self._writer: ForeignChanges | None = None
        self._indexer: Index | None = None
        self._timer: Timer | None = None
        self._reading = self._indexing = False
        self._reading_fails = self._indexing_fails = False
        """Which of the two has failed last: only a change of that is logged."""

    def start(self, writer: ForeignChanges, indexer: Index) -> None:
        """Start maintaining what these two write."""
        self._writer, self._indexer = writer, indexer
        self._timer = self._later(INTERVAL, self._round)

    def stop(self) -> None:
        """Begin no further round."""
        self._writer = self._indexer = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def freshen(self) -> bool:
        """
        Index the latest messages, if that is quick.

        :returns: whether all of them are indexed.

        It does not wait for slower work, such as old history or a flood: a search finds what is indexed by then.
        """
        for _ in range(_MAX_FRESH_SLICES):
            if self._indexer is None or not self._indexer.grown:
                return True
            try:
                await call(self._indexing_worker, self._indexer.freshen)
            except JournalError:
                return False  # on a full disk one can still search
        return self._indexer is None or not self._indexer.grown

    def _round(self) -> None:
        self._timer = self._later(INTERVAL, self._round)
        self._check()
        self._erase()
        if self._indexer is not None:
            self._indexer.backlog.begin_round()
        if not self._reading:
            self._reading = True
            Deferred.fromCoroutine(self._read())
        if not self._indexing:
            self._indexing = True
            Deferred.fromCoroutine(self._index())

    async def _read(self) -> None:
        """Read foreign changes, apart from the index: a ban must not wait minutes until that has caught up."""
        try:
            await self._read_changes()
            self._reading_fails = False
        except JournalError as error:
            if not self._reading_fails and self._writer is not None:
                self._reading_fails = True
                self._log.error("Changes by another program cannot be read: {error}", error=error)
        finally:
            self._reading = False

    async def _index(self) -> None:
        try:
            if self._indexer is not None:
                await self._tasks.run(self._indexer.step)
            self._indexing_fails = False
        except JournalError as error:
            if not self._indexing_fails and self._writer is not None:
                self._indexing_fails = True
                self._log.error("The search index cannot be brought up to date: {error}", error=error)
        finally:
            self._indexing = False

    async def _read_changes(self) -> None:
        """Pass on changes by another program, in slices."""
        while self._writer is not None:
            changes = await call(self._worker, self._writer.foreign_changes)
            if not changes or self._writer is None:
                return
            try:
                self._changed(changes)
            except Exception:
                self._log.failure("The journal's listener failed.")
