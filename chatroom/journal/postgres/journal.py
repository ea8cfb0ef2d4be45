"""The journal in PostgreSQL: written, read, searched and indexed on threads and connections of their own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from operator import methodcaller
from secrets import token_hex
from socket import gethostname
from threading import Event as Flag
from typing import TypeVar

from twisted.internet.defer import Deferred, DeferredLock, fail, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

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
    TakesLong,
    Waiting,
)
from chatroom.chat.replies import Numbered
from chatroom.system.threads import CallFromThread, WorkerThreads

from .._background import BackgroundTasks, Load
from .._calls import CLOSED, Later, OutOfReach, Worker, call
from .._group_commit import GroupCommit
from .._maintenance import Maintenance
from .._records import encode
from .._search_queue import SearchQueue
from .connection import Connection, naming
from .indexer import Indexer, vacuum
from .lease import LENGTH, OPENING, Lease, Pause, take, wait_for
from .reader import SLICE, Reader
from .renewal import Renewal
from .searcher import SEARCH_TIMEOUT, Searcher
from .upgrade import upgrade
from .writer import Writer

T = TypeVar("T")
STALLED = 2.0
"""Seconds that a commit may take until people are told."""
_VACUUM_INTERVAL = 30.0
"""Seconds after which the former text of a message that was edited or deleted is removed from the tables."""
_log = Logger(namespace="chatroom.journal")


class Stalled(OutOfReach, TakesLong):
    """A commit takes long."""


class PostgresJournal:
    """
    Keeps a journal in a PostgreSQL database, which one server at a time may have.

    One thread commits, and each of the others has its own connection, too: for reads, for searches, for the index and
    retention, for the lease, and for vacuuming.  While the database does not answer, commits and reads wait; what is
    said is shown when it is stored.

    :param address: a connection string of libpq.
    :param later: such as ``reactor.callLater``.
    :param call_from_thread: such as ``reactor.callFromThread``.
    :param standby: whether `open` waits, however long, while another server has the database.
    :param pause: waits so many seconds meanwhile, and returns whether to give up.
    :param deposed: called when another server has taken over: this one should end, and its links at once.
    :param now: seconds since the epoch.
    :param timer: measures short times, in seconds.
    :param randomness: returns as many random bytes as it is asked for.
    :param sleep: sleeps for so many seconds, on a thread; None: background work pauses by *later*.
    :param worker: makes a thread, given *call_from_thread* and a name.
    """

    secret = b""
    indexing = False
    epoch = 0
    _reader: Reader | None = None
    """This and what works with it: None while the journal is closed."""
    _searcher: Searcher | None = None
    _indexer: Indexer | None = None
    _cleaner: Connection | None = None

    def __init__(
        self,
        address: str,
        later: Later,
        call_from_thread: CallFromThread,
        *,
        standby: bool = False,
        pause: Pause | None = None,
        deposed: Callable[[], object] = lambda: None,
        now: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
        randomness: Callable[[int], bytes] = os.urandom,
        sleep: Callable[[float], object] | None = time.sleep,
        worker: Callable[[CallFromThread, str], Worker] = WorkerThreads,
    ) -> None:
        self._address = address
        self._later = later
        self._standby = standby
        self._now = now
        self._timer = timer
        self._randomness = randomness
        self._stopped = Flag()
        self._pause = pause or self._stopped.wait
        self._connections: list[Connection] = []
        self._workers: list[Worker] = []

        def thread(name: str) -> Worker:
            self._workers.append(worker(call_from_thread, name))
            return self._workers[-1]

        self._writing = thread("journal writer")
        self._reading = thread("journal reader")
        self._searching = thread("journal searcher")
        self._indexing = thread("journal indexer")
        self._renewal = Renewal(later, thread("journal lease"), deposed, timer)
        self._vacuuming = thread("journal vacuum")
        self._searches = SearchQueue()
        self._commits: GroupCommit[Writer] = GroupCommit(later, self._writing, timer)
        self._commits.check_file, self._commits.failed = self._renewal.check, self._renewal.failed
        self.times = self._commits.times
        self._background = BackgroundTasks(
            later, lambda: Load.LIGHT, self._indexing, timer, lambda: succeed(None), sleep
        )
        self._maintenance = Maintenance(
            later, self._writing, self._background, self._check, self._changed, self._clean_up, self._indexing
        )
        self._vacuum_due = 0.0
        self._closing = DeferredLock()

    @property
    def leads(self) -> bool:
        """Return whether no other server can have taken the database over: the lease has not ended."""
        return self._renewal.lasts

    @property
    def queue(self) -> int:
        """Return the number of events and changes that are not committed yet."""
        return self._commits.queue

    def open(self, listener: JournalListener, *, keep: bool = False) -> list[Present]:
        """
        Take the database over, bring its tables up to date, and clean up after a crash; blocks.

        :param keep: leave who was still in a room there.
        :returns: who was.
        :raises JournalError: if it cannot be opened, with the database and the reason.
        """
        self._stopped.clear()
        try:
            with naming(self._address):
                return self._open(listener, keep)
        except JournalError:
            self._abandon()
            raise

    def _open(self, listener: JournalListener, keep: bool) -> list[Present]:
        connection = self._connect()
        holder = token_hex(16)
        epoch = self.epoch = self._take(connection, holder)
        # It has been asked for a little earlier.
        lasts = self._timer() + OPENING - LENGTH
        # Renewed even while a commit waits for a standby: who lives is a matter of this server alone.
        lease = Lease(self._connect(synchronous_commit="local"), epoch, holder)
        try:
            present = self._begin(connection, (epoch, holder), listener, keep)
        except BaseException:
            lease.release()
            raise
        self._renewal.start(lease, lasts)
        return present

    def _begin(
        self, connection: Connection, fence: tuple[int, str], listener: JournalListener, keep: bool
    ) -> list[Present]:
        """Clean up after a crash, unless people are kept, and begin to work; return who was still in rooms."""
        upgrade(connection.get())
        self._make_durable(connection)
        indexer = Indexer(self._connect(), fence)
        writer = Writer(connection, fence, self._stopped, indexer.backlog.note)
        writer.begin()
        self.secret = writer.secret(self._randomness(32))
        present = writer.present()
        if not keep:
            writer.send_off(present, self._now())
        self._reader, self._indexer = Reader(self._connect()), indexer
        self._searcher = Searcher(self._connect(statement_timeout=SEARCH_TIMEOUT))
        self._cleaner = self._connect()
        self._commits.listener, self._commits.writer = listener, writer
        self._background.start()
        self._maintenance.start(writer, indexer)
        self._vacuum_due = self._timer() + _VACUUM_INTERVAL
        return present

    def _take(self, connection: Connection, holder: str) -> int:
        address = f"{gethostname()}, process {os.getpid()}"
        if not self._standby:
            return take(connection, holder, address, self._pause)
        try:
            return wait_for(connection, holder, address, self._pause, self._tell_waiting)
        except KeyboardInterrupt:
            raise JournalError("interrupted while waiting for it") from None

    @staticmethod
    def _tell_waiting(reason: str) -> None:
        _log.info("Waiting for the database: {reason}.", reason=reason)

    @staticmethod
    def _make_durable(connection: Connection) -> None:
        """See to it that what is committed is stored, whatever the configuration of the database says."""
        [(level,)] = connection.ask("SHOW synchronous_commit")
        if level in ("off", "local"):
            connection.set("synchronous_commit", "on")

    def _connect(self, **settings: str) -> Connection:
        self._connections.append(Connection(self._address, self._stopped, **settings))
        return self._connections[-1]

    def _abandon(self) -> None:
        for connection in self._connections:
            connection.close()
        self._connections = []

    def publish(self, link: str) -> None:
        """Tell who asks the database that doors on other machines reach this server at *link*, HOST:PORT."""
        self._renewal.publish(link)

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
        return self._read(lambda reader: reader.room(name))

    def after(self, room: str, seq: int, limit: int) -> Deferred[Batch]:
        """Read forward; a ``first`` beyond ``seq + 1`` shows that older events have been removed."""
        return self._read(lambda reader: reader.after(room, seq, limit))

    def before(self, room: str, seq: int | None, limit: int) -> Deferred[Batch]:
        """Read backward from just below *seq*, or from the end."""
        return self._read(lambda reader: reader.before(room, seq, limit))

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
        if self._reader is None:
            raise JournalError(CLOSED)
        # The reader's own connection may be in use on its thread.
        connection = Connection(self._address, self._stopped)
        try:
            return Reader(connection).records(scope)
        finally:
            connection.close()

    def records(self, scope: str) -> Deferred[list[StandingRecord]]:
        """Read all records of *scope*, in slices between which others can read."""
        return Deferred.fromCoroutine(self._read_records(scope))

    async def _read_records(self, scope: str) -> list[StandingRecord]:
        found: list[StandingRecord] = []
        last: StandingRecord | None = None
        while True:
            page: list[StandingRecord] = await self._read(methodcaller("some_records", scope, last))
            found += page
            if len(page) < SLICE:
                return found
            last = page[-1]

    def find(self, kind: str, key: str, limit: int = 1000) -> Deferred[list[StandingRecord]]:
        """Read *limit* records of this *kind* and *key* in any scope."""
        return self._read(lambda reader: reader.find(kind, key, limit))

    def of_account(self, account: str, positions: int, conversations: int) -> Deferred[AccountRecords]:
        """Read positions, records of what is unread, and conversations of *account*."""
        return self._read(lambda reader: reader.of_account(account, positions, conversations))

    def waiting(self, account: str, after: Mapping[str, int]) -> Deferred[dict[str, Waiting]]:
        """Count what comes after these seqs, in all these rooms."""
        return self._read(lambda reader: reader.waiting(account, after))

    def search(self, query: Query) -> Deferred[list[Numbered]]:
        """Find what was said, newest first; brings the index up to date before."""
        return self._searches.run(query.asker, lambda: Deferred.fromCoroutine(self._search(query)))

    async def _search(self, query: Query) -> list[Numbered]:
        fresh = await self._maintenance.freshen()
        if self._searcher is None:
            raise JournalError(CLOSED)
        found, complete = await call(self._searching, partial(self._searcher.search, query))
        self.indexing = not (fresh and complete)
        return found

    def trim(self, room: str, keep: RetentionLimit) -> Deferred[int]:
        """Remove the oldest events, in slices."""

        async def trim() -> int:
            if self._indexer is None:
                raise JournalError(CLOSED)
            upto = await call(self._indexing, partial(self._indexer.cutoff, room, keep, self._now()))
            return await self._background.run(partial(self._indexer.trim, room, upto))

        return Deferred.fromCoroutine(trim())

    def close(self) -> Deferred[None]:
        """Commit what is open, answer what is being read, then release the database."""
        return self._closing.run(self._close)

    async def _close(self) -> None:
        if self._reader is None:
            return
        self._maintenance.stop()
        self._background.stop()
        # What is being committed gets so long; then nobody waits for the database any more.
        giving_up = self._later(STALLED, self._stopped.set)
        while self._commits.busy:
            await self.flush()
        if not self._stopped.is_set():
            giving_up.cancel()
            self._stopped.set()
        self._reader = self._searcher = self._indexer = self._commits.writer = None
        cleaner, self._cleaner = self._cleaner, None
        if cleaner is not None:
            cleaner.cancel()
        self._searches.stop()
        await self._renewal.stop()
        for worker in self._workers:
            await call(worker, lambda: None)
            worker.stop()
        self._abandon()

    def _read(self, work: Callable[[Reader], T]) -> Deferred[T]:
        if self._reader is None:
            return fail(JournalError(CLOSED))
        return call(self._reading, partial(work, self._reader))

    def _check(self) -> None:
        """Tell the listener of a commit that takes long."""
        self._commits.check()
        if self._commits.waited() > STALLED:
            self._commits.stalled(Stalled("the database does not answer"))

    def _clean_up(self) -> None:
        """Have former texts of messages removed now and then."""
        writer, cleaner = self._commits.writer, self._cleaner
        if writer is None or cleaner is None or not writer.owing or self._timer() < self._vacuum_due:
            return
        writer.owing = False
        self._vacuum_due = self._timer() + _VACUUM_INTERVAL
        call(self._vacuuming, partial(vacuum, cleaner)).addErrback(self._not_cleaned_up, writer)

    def _not_cleaned_up(self, failure: Failure, writer: Writer) -> None:
        writer.owing = True
        if self._cleaner is not None:
            _log.warn("Former texts of messages are still in the database: {error}", error=failure.value)

    def _changed(self, changes: Sequence[RecordChange]) -> None:
        assert self._commits.listener is not None
        self._commits.listener.changed(changes)
