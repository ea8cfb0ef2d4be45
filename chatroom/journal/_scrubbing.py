"""Scrubbing: erases the former text of messages from the disk within a minute, while people chat."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from chatroom.chat.ports import JournalError

from ._background import BackgroundTasks
from ._backups import erase_in_backups
from ._calls import Worker, call
from ._erasure import Eraser
from ._writer import Writer

_LONGEST_REST = 60
"""Rounds, of a second each, between two attempts while the disk is full or broken: each may merge the whole index."""


class Scrubbing:
    """
    Pays the debts of a journal while it is open.

    :param worker: the thread that commits.
    :param slow: a thread on which work may take seconds.
    :param truncate: empties the write-ahead log, if nobody is using it; returns whether it did.
    """

    _log = Logger(namespace="chatroom.journal")

    def __init__(
        self,
        folder: Path,
        worker: Worker,
        slow: Worker,
        tasks: BackgroundTasks,
        truncate: Callable[[], Deferred[bool]],
        now: Callable[[], float],
    ) -> None:
        self._folder = folder
        self._worker = worker
        self._slow = slow
        self._tasks = tasks
        self._truncate = truncate
        self._now = now
        self._writer: Writer | None = None
        self._eraser: Eraser | None = None
        self._erased = 0
        """The number of the last debt that is paid except for the write-ahead log."""
        self._running = False
        self._failures = self._rest = 0
        """How often it has failed in a row, and rounds to wait until the next attempt."""

    def start(self, writer: Writer, eraser: Eraser) -> None:
        """Start paying, with debts of an earlier run first."""
        self._writer, self._eraser = writer, eraser
        self._erased = 0

    def stop(self) -> None:
        """Begin nothing more."""
        self._writer = self._eraser = None

    def round(self) -> None:
        """Pay what is due; called once a second."""
        if self._rest:
            self._rest -= 1
        elif not self._running and self._writer is not None and self._writer.owing:
            self._running = True
            Deferred.fromCoroutine(self._pay())

    async def _pay(self) -> None:
        try:
            if self._eraser is not None and (self._erased or await self._erase(self._eraser)):
                await self._finish()
            self._failures = 0
        except (JournalError, OSError) as error:
            if self._eraser is not None:
                if not self._failures:
                    self._log.error("Deleted text cannot be erased from the disk: {error}", error=error)
                self._failures += 1
                self._rest = min(2**self._failures, _LONGEST_REST)
        finally:
            self._running = False

    async def _erase(self, eraser: Eraser) -> bool:
        """Erase everything but the write-ahead log; return False if nothing is due."""
        last = await call(self._worker, partial(eraser.begin, self._now()))
        if not last:
            await self._settle()
            return False
        await self._tasks.run(eraser.step)
        messages = await call(self._worker, eraser.texts)
        for line in await call(self._slow, partial(erase_in_backups, self._folder, messages)):
            self._log.error("Deleted text may still be in a backup: {line}", line=line)
        self._erased = last
        return True

    async def _finish(self) -> None:
        # As long as somebody reads from it, for example for a backup, the log keeps what was committed meanwhile.
        if await self._truncate() and self._eraser is not None:
            await call(self._worker, partial(self._eraser.forget, self._erased))
            self._erased = 0
            await self._settle()

    async def _settle(self) -> None:
        """Look no further if no debts are left."""
        if self._writer is not None and self._eraser is not None:
            self._writer.owing = False
            if await call(self._worker, self._eraser.owing) and self._writer is not None:
                self._writer.owing = True
