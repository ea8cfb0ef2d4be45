"""The journal on disk: an SQLite database, written, read and searched on threads of its own."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

from twisted.internet.defer import Deferred, DeferredLock, fail, maybeDeferred
from twisted.logger import Logger

from chatroom.chat.events import Batch, Event
from chatroom.chat.ports import (
    AccountRecords,
    JournalError,
    JournalListener,
    Present,
    Query,
    RecordChange,
    RetentionLimit,
    RoomRecord,
    StandingRecord,
    Waiting,
)
from chatroom.chat.replies import Numbered
from chatroom.system.threads import CallFromThread, WorkerThreads

from ._background import BackgroundTasks
from ._calls import CLOSED, Later, Worker, call
from ._database import Database, as_journal_errors, schema
from ._erasure import Eraser
from ._index import Indexer
from ._logged_commit import LoggedCommit
from ._maintenance import Maintenance
from ._reader import SLICE, Reader, Snapshot
from ._records import encode
from ._redo_log import RedoLog
from ._retention import Cutoff
from ._scrubbing import Scrubbing
from ._search import Searcher
from ._search_queue import SearchQueue
from ._takeover import extend, extend_backward, recover, with_last
from ._writer import Writer

T = TypeVar("T")
_log = Logger(namespace="chatroom.journal")


class SqliteJournal:
    """
    Keeps a journal in *folder*: in ``journal.sqlite3``, with a ``lock`` beside it.

    One thread commits, another reads, so that reads never delay appends; a third one searches, so that
    what may take a second delays no read; a fourth one waits for the disk at checkpoints; and a fifth one erases
    deleted text from backups.

    :param later: such as ``reactor.callLater``.
    :param call_from_thread: such as ``reactor.callFromThread``.
    :param now: seconds since the epoch.
    :param timer: measures short times, in seconds.
    :param randomness: returns as many random bytes as it is asked for.
    :param sleep: sleeps for so many seconds, on a thread; None: background work pauses by *later*.
    :param scripts: the schema, one script for each version; None: ours.
    :param worker: makes a thread, given *call_from_thread* and a name.
    """

    secret = b""
    indexing = False
    epoch = 0
    leads = True
    _database: Database | None = None
    """This and what works with it: None while the journal is closed."""
    _reader: Reader | None = None
    _searcher: Searcher | None = None
    _indexer: Indexer | None = None

    def __init__(
        self,
        folder: Path,
        later: Later,
        call_from_thread: CallFromThread,
        *,
        now: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
        randomness: Callable[[int], bytes] = os.urandom,
        sleep: Callable[[float], object] | None = time.sleep,
        scripts: Sequence[str] | None = None,
        worker: Callable[[CallFromThread, str], Worker] = WorkerThreads,
    ) -> None:
        self._folder = folder
        self._now = now
        self._randomness = randomness
        self._scripts = scripts
        self._timer = timer
        self._writing = worker(call_from_thread, "journal writer")
        self._reading = worker(call_from_thread, "journal reader")
        self._searching = worker(call_from_thread, "journal searcher")
        self._syncing = worker(call_from_thread, "journal checkpointer")
        self._searches = SearchQueue()
        self._commits = commits = LoggedCommit(later, self._writing, timer)
        self.times = commits.times
        self._background = BackgroundTasks(later, commits.load, self._writing, timer, self._checkpoint, sleep)
        slow = self._scrubbing_thread = worker(call_from_thread, "journal scrubber")
        self._scrubbing = Scrubbing(folder, self._writing, slow, self._background, self._truncate, now)
        self._maintenance = Maintenance(
            later, self._writing, self._background, commits.check, self._changed, self._scrubbing.round
        )
        self._closing = DeferredLock()

    @property
    def queue(self) -> int:
        """Return the number of events and changes that are not committed yet."""
        return self._commits.queue

    def open(self, listener: JournalListener, *, keep: bool = False) -> list[Present]:
        """
        Open the file, upgrade it from an older version, and clean up after a crash; blocks.

        :param keep: leave who was still in a room there.
        :returns: who was.
        :raises JournalError: if it cannot be opened, with the path and the reason.
        """
        database = Database(self._folder, schema() if self._scripts is None else self._scripts, self._now())
        try:
            indexer = Indexer(database.writer)
            writer = Writer(database.writer, indexer.note)
            recover(self._folder, writer)
            writer.begin()
            self.secret = writer.secret(self._randomness(32))
            present = writer.present()
            if not keep:
                writer.send_off(present, self._now())
            eraser = Eraser(database.writer)
        except BaseException as error:
            database.close()
            if isinstance(error, JournalError):
                raise JournalError(f"{database.path}: {error}") from error
            raise
        self._database, self._reader, self._indexer = database, Reader(database.reader), indexer
        self._searcher = Searcher(database.searcher, self._timer)
        log = self._redo_log()
        database.remember(log.paths if log is not None else ())
        self._commits.listener, self._commits.writer = listener, writer
        self._commits.check_file = database.check_there
        if log is not None:
            self._commits.takeover.start(writer, log)
        self._background.start()
        self._maintenance.start(writer, indexer)
        self._scrubbing.start(writer, eraser)
        return present

    def _redo_log(self) -> RedoLog | None:
        try:
            return RedoLog(self._folder)
        except OSError as error:
            # All that is said can still be read, and there may be space again.
            _log.warn("There is no redo log until the next start ({error}).", error=error.strerror)
            return None

    def append(self, event: Event, changes: Sequence[RecordChange] = ()) -> None:
        """Put *event* into the next commit, and *changes* with it."""
        assert self._commits.listener is not None, "open the journal first"
        self._commits.append(event, encode(changes, event) if changes else ())

    def change(self, changes: Sequence[RecordChange]) -> Deferred[None]:
        """Put *changes* into the next commit."""
        assert self._commits.listener is not None, "open the journal first"
        return self._commits.change(encode(changes))

    def flush(self) -> Deferred[None]:
        """Wait until everything appended so far has been committed, or has failed."""
        return self._commits.flush()

    def room(self, name: str) -> Deferred[RoomRecord]:
        """Look up *name*."""
        tail = self._commits.takeover.tail(name)
        record = self._read(lambda reader: reader.room(name))
        return record.addCallback(with_last, tail) if tail else record

    def after(self, room: str, seq: int, limit: int) -> Deferred[Batch]:
        """Read forward; a ``first`` beyond ``seq + 1`` shows that older events have been removed."""
        tail = self._commits.takeover.tail(room)
        page = self._read(lambda reader: reader.after(room, seq, limit))
        return page.addCallback(extend, tail, limit) if tail else page

    def before(self, room: str, seq: int | None, limit: int) -> Deferred[Batch]:
        """Read backward from just below *seq*, or from the end."""
        tail = self._commits.takeover.tail(room)
        page = self._read(lambda reader: reader.before(room, seq, limit))
        return page.addCallback(extend_backward, tail, seq, limit) if tail else page

    def conversations(self, identity: str, limit: int = 1000) -> Deferred[list[str]]:
        """List the *limit* newest conversations of *identity*, the newest first."""
        return self._read(lambda reader: reader.conversations(identity, limit))

    def latest_conversations(self, identities: Collection[str], limit: int) -> Deferred[dict[str, list[str]]]:
        """List the *limit* newest conversations of each of *identities* that has any, the newest first."""
        return self._read(lambda reader: reader.latest_conversations(identities, limit))

    def names(self, after: str = "", limit: int = 1000) -> Deferred[list[str]]:
        """List the *limit* oldest rooms created after *after*, including conversations but not the audit log."""
        return self._read(lambda reader: reader.names(after, limit))

    def standing(self, scope: str = "") -> list[StandingRecord]:
        """Read all records of *scope*; blocks."""
        if self._database is None:
            raise JournalError(CLOSED)
        # The reader's own connection may be in use on its thread.
        with closing(self._database.connect("ro")) as connection:
            return Reader(connection).records(scope)

    def records(self, scope: str) -> Deferred[list[StandingRecord]]:
        """Read all records of *scope*, in slices between which others can read."""
        return Deferred.fromCoroutine(self._read_records(scope))

    async def _read_records(self, scope: str) -> list[StandingRecord]:
        records = await self._read(lambda reader: reader.some_records(scope, ("", ""), SLICE))
        if len(records) < SLICE:
            return records
        snapshot = Snapshot(await self._read(lambda _: self._connect()), scope)
        try:
            records = []
            while page := await self._read(lambda _: snapshot.next()):
                records += page
            return records
        finally:
            # When the journal has been closed, the reader's thread may have ended.
            await (call(self._reading, snapshot.close) if self._reader is not None else maybeDeferred(snapshot.close))

    def _connect(self) -> sqlite3.Connection:
        if self._database is None:
            raise JournalError(CLOSED)
        with as_journal_errors():
            return self._database.connect("ro")

    def find(self, kind: str, key: str, limit: int = 1000) -> Deferred[list[StandingRecord]]:
        """Read *limit* records of this *kind* and *key* in any scope."""
        return self._read(lambda reader: reader.find(kind, key, limit))

    def of_account(self, account: str, positions: int, conversations: int) -> Deferred[AccountRecords]:
        """Read positions, records of what is unread, and conversations of *account*."""
        return self._read(lambda reader: reader.of_account(account, positions, conversations))

    def waiting(self, account: str, after: Mapping[str, int]) -> Deferred[dict[str, Waiting]]:
        """Count what comes after these seqs, in all these rooms."""
        return self._read_settled(lambda reader: reader.waiting(account, after))

    def search(self, query: Query) -> Deferred[list[Numbered]]:
        """Find what was said, newest first; brings the index up to date before."""
        return self._searches.run(query.asker, lambda: Deferred.fromCoroutine(self._search(query)))

    async def _search(self, query: Query) -> list[Numbered]:
        await self._commits.takeover.settle()
        fresh = await self._maintenance.freshen()
        if self._searcher is None:
            raise JournalError(CLOSED)
        found, complete = await call(self._searching, partial(self._searcher.search, query))
        self.indexing = not (fresh and complete)
        return found

    def trim(self, room: str, keep: RetentionLimit) -> Deferred[int]:
        """Remove the oldest events, with long pauses: a hundred thousand take some ten seconds."""

        async def trim() -> int:
            reader = await self._read_settled(lambda reader: reader)
            cutoff = Cutoff(reader.connection, room, keep, self._now())
            while await self._read(lambda _: cutoff.step()):
                pass
            if self._indexer is None:
                raise JournalError(CLOSED)
            return await self._background.run(partial(self._indexer.trim, room, cutoff.upto))

        return Deferred.fromCoroutine(trim())

    def close(self) -> Deferred[None]:
        """Commit what is open, answer what is being read, then release the file and the folder."""
        return self._closing.run(self._close)

    async def _close(self) -> None:
        self._maintenance.stop()
        self._scrubbing.stop()
        self._background.stop()
        takeover, failed = self._commits.takeover, False
        while self._commits.busy or not (takeover.settled or failed):
            await self.flush()
            await takeover.settle()
            failed = not takeover.settled  # the log keeps it for the next start
        if self._database is None:
            return
        database, self._database = self._database, None
        settled = takeover.settled
        log = takeover.stop()
        self._reader = self._searcher = self._indexer = self._commits.writer = None
        self._searches.stop()
        await call(self._reading, database.reader.close)
        await call(self._searching, database.searcher.close)
        await call(self._syncing, database.checkpointer.close)
        if log is not None:
            log.close(remove=settled)
        await call(self._writing, database.close)
        self._syncing.stop()
        self._scrubbing_thread.stop()
        self._reading.stop()
        self._searching.stop()
        self._writing.stop()

    def _read_settled(self, work: Callable[[Reader], T]) -> Deferred[T]:
        """Read what the database has after the next takeover."""
        if self._commits.takeover.settled:
            return self._read(work)
        return self._commits.takeover.settle().addCallback(lambda _: self._read(work))

    def _read(self, work: Callable[[Reader], T]) -> Deferred[T]:
        if self._reader is None:
            return fail(JournalError(CLOSED))
        return call(self._reading, partial(work, self._reader))

    def _checkpoint(self) -> Deferred[None]:
        if self._database is None:
            return fail(JournalError(CLOSED))
        return call(self._syncing, self._database.checkpoint)

    def _truncate(self) -> Deferred[bool]:
        if self._database is None:
            return fail(JournalError(CLOSED))
        return call(self._syncing, self._database.truncate)

    def _changed(self, changes: Sequence[RecordChange]) -> None:
        assert self._commits.listener is not None
        self._commits.listener.changed(changes)
