"""The journal on disk: groups what is appended, and keeps the reactor away from what blocks."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from twisted.internet.defer import Deferred, DeferredLock, fail, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from chatroom.chat.events import Batch, Event
from chatroom.chat.ports import JournalError, Listener, RoomRecord

from ._database import Database, schema
from ._reading import Reader
from ._writing import Writer
from .memory import Later
from .worker import AnyWorker, CallFromThread, Worker

T = TypeVar("T")

_ENOUGH = 512
"""Events that are not waited for company any longer."""


class SqliteJournal:
    """
    Keeps a journal in *folder*: in ``journal.sqlite3``, with a ``lock`` beside it.

    One thread commits, another reads, so that reads never hold up appends.  All lines of one
    reactor turn go into one commit, and what arrives while that is under way into the next.

    :param later: such as ``reactor.callLater``.
    :param call_from_thread: such as ``reactor.callFromThread``.
    :param now: seconds since the epoch.
    :param randomness: returns as many random bytes as it is asked for.
    :param scripts: the schema, one script for each version; ours if None.
    :param worker: makes a thread, given *call_from_thread* and a name.
    """

    _log = Logger()

    def __init__(
        self,
        folder: Path,
        later: Later,
        call_from_thread: CallFromThread,
        *,
        now: Callable[[], float] = time.time,
        randomness: Callable[[int], bytes] = os.urandom,
        scripts: Sequence[str] | None = None,
        worker: Callable[[CallFromThread, str], AnyWorker] = Worker,
    ) -> None:
        self.secret = b""
        self._folder = folder
        self._later = later
        self._now = now
        self._randomness = randomness
        self._scripts = scripts
        self._writing = worker(call_from_thread, "journal writer")
        self._reading = worker(call_from_thread, "journal reader")
        self._database: Database | None = None
        self._writer: Writer | None = None
        self._reader: Reader | None = None
        self._listener: Listener | None = None
        self._open: list[Event] = []
        self._busy = False
        """Whether a commit is under way, or will be in the next turn."""
        self._failing = False
        """Whether the last commit failed: the log is told when that changes, not each time."""
        self._appended = 0
        self._settled = 0
        self._flushes: deque[tuple[int, Deferred[None]]] = deque()
        """Who waits, and for how many events to be settled."""
        self._closing = DeferredLock()

    def open(self, listener: Listener) -> int:
        """
        Open the file, upgrade it if it is older, and clear up after a crash; blocks.

        :returns: how many people a crash had left inside.
        :raises JournalError: if it cannot be opened, with the path and the reason.
        """
        database = Database(self._folder, schema() if self._scripts is None else self._scripts, self._now())
        writer = Writer(database.writer)
        try:
            self.secret = writer.secret(self._randomness(32))
            recovered = writer.recover(self._now())
        except BaseException as error:
            database.close()
            if isinstance(error, JournalError):
                raise JournalError(f"{database.path}: {error}") from error
            raise
        self._database, self._listener = database, listener
        self._writer, self._reader = writer, Reader(database.reader)
        self._writing.start()
        self._reading.start()
        return recovered

    def append(self, event: Event) -> None:
        """Put *event* into the next commit."""
        assert self._listener is not None, "open the journal first"
        self._open.append(event)
        self._appended += 1
        if not self._busy:
            self._busy = True
            self._gathered = 0
            self._later(0, self._gather)

    def flush(self) -> Deferred[None]:
        """Wait until everything appended so far has been committed, or has failed."""
        if self._settled == self._appended:
            return succeed(None)
        flushed: Deferred[None] = Deferred()
        self._flushes.append((self._appended, flushed))
        return flushed

    def room(self, name: str) -> Deferred[RoomRecord]:
        """Look up *name*."""
        return self._read(lambda reader: reader.room(name))

    def after(self, room: str, seq: int, limit: int) -> Deferred[Batch]:
        """Read forward; what is no longer kept shows as a ``first`` beyond ``seq + 1``."""
        return self._read(lambda reader: reader.after(room, seq, limit))

    def before(self, room: str, seq: int | None, limit: int) -> Deferred[Batch]:
        """Read backward from just below *seq*, or from the end."""
        return self._read(lambda reader: reader.before(room, seq, limit))

    def conversations(self, identity: str) -> Deferred[list[str]]:
        """Name the conversations of *identity*, the oldest first."""
        return self._read(lambda reader: reader.conversations(identity))

    def close(self) -> Deferred[None]:
        """Commit what is open, answer who is reading, then let go of the file and the folder."""
        return self._closing.run(self._close)

    async def _close(self) -> None:
        while self._busy:
            await self.flush()
        if self._database is None:
            return
        database, self._database, self._writer, self._reader = self._database, None, None, None
        await self._ask(self._reading, database.reader.close)
        await self._ask(self._writing, database.close)
        self._reading.stop()
        self._writing.stop()

    def _gather(self) -> None:
        """Commit a lone event now, and a crowd when a turn has brought nothing new, or enough has come."""
        if max(self._gathered, 1) < len(self._open) < _ENOUGH:
            self._gathered = len(self._open)
            self._later(0, self._gather)
        else:
            self._commit()

    def _commit(self) -> None:
        events, self._open = self._open, []
        if self._writer is None:
            closed = Failure(JournalError("the journal is closed"))  # type: ignore[no-untyped-call]
            self._settle(events, closed)
        else:
            self._writing.run(partial(self._writer.commit, events), partial(self._settle, events))

    def _settle(self, events: list[Event], result: list[Batch] | Failure) -> None:
        # First the next commit, so that the disk works while the house shows what this one stored.
        if self._open:
            self._commit()
        else:
            self._busy = False
        try:
            self._tell(events, result)
        except Exception:
            self._log.failure("The journal's listener failed")
        self._settled += len(events)
        while self._flushes and self._flushes[0][0] <= self._settled:
            self._flushes.popleft()[1].callback(None)

    def _tell(self, events: list[Event], result: list[Batch] | Failure) -> None:
        assert self._listener is not None
        if isinstance(result, Failure):
            error = self._as_error(result)
            if not self._failing:
                self._failing = True
                self._log.error("Events cannot be stored: {error}", error=error)
            self._listener.failed(events, error)
        else:
            if self._failing:
                self._failing = False
                self._log.info("Events can be stored again.")
            self._listener.committed(result)

    def _read(self, work: Callable[[Reader], T]) -> Deferred[T]:
        if self._reader is None:
            return fail(JournalError("the journal is closed"))
        return self._ask(self._reading, partial(work, self._reader))

    def _ask(self, worker: AnyWorker, work: Callable[[], T]) -> Deferred[T]:
        """Let *worker* do *work*; whatever goes wrong is a `JournalError`."""
        answer: Deferred[T] = Deferred()

        def done(result: T | Failure) -> None:
            if isinstance(result, Failure):
                answer.errback(self._as_error(result))
            else:
                answer.callback(result)

        worker.run(work, done)
        return answer

    def _as_error(self, failure: Failure) -> JournalError:
        if isinstance(failure.value, JournalError):
            return failure.value
        self._log.failure("The journal could not do its work", failure)
        return JournalError("something is wrong with the journal; the server's log says what")
