"""The journal on disk: gives each thing asked to whom it concerns, off the reactor's thread."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TypeVar

from twisted.internet.defer import Deferred, DeferredLock, fail, maybeDeferred

from chatroom.chat.events import Batch, Event
from chatroom.chat.ports import Change, JournalError, Keep, Listener, Query, Record, RoomRecord
from chatroom.chat.replies import Numbered
from chatroom.system.threads import CallFromThread, WorkerThreads

from ._background import Chores, Mood
from ._calls import CLOSED, Later, Worker, call
from ._database import Database, in_plain_words, schema
from ._group_commit import Commits
from ._index import Indexer
from ._maintenance import Upkeep
from ._reader import SLICE, Reader, View
from ._records import encode
from ._retention import Cut
from ._search import Searcher
from ._search_queue import SearchQueue
from ._writer import Writer

T = TypeVar("T")

_CROWD = 16
"""Events within a few milliseconds that make a flood."""

_SILENCE = 1.0
"""Seconds without an event after which nobody is likely to notice what is done meanwhile."""


class SqliteJournal:
    """
    Keeps a journal in *folder*: in ``journal.sqlite3``, with a ``lock`` beside it.

    One thread commits, another reads, so that reads never hold up appends; and a third one searches, so that
    what may take a second holds up no read.

    :param later: such as ``reactor.callLater``.
    :param call_from_thread: such as ``reactor.callFromThread``.
    :param now: seconds since the epoch.
    :param timer: measures short times, in seconds.
    :param randomness: returns as many random bytes as it is asked for.
    :param scripts: the schema, one script for each version; ours if None.
    :param worker: makes a thread, given *call_from_thread* and a name.
    """

    def __init__(
        self,
        folder: Path,
        later: Later,
        call_from_thread: CallFromThread,
        *,
        now: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
        randomness: Callable[[int], bytes] = os.urandom,
        scripts: Sequence[str] | None = None,
        worker: Callable[[CallFromThread, str], Worker] = WorkerThreads,
    ) -> None:
        self.secret = b""
        self._folder = folder
        self._now = now
        self._randomness = randomness
        self._scripts = scripts
        self._writing = worker(call_from_thread, "journal writer")
        self._reading = worker(call_from_thread, "journal reader")
        self._searching = worker(call_from_thread, "journal searcher")
        self._syncing = worker(call_from_thread, "journal checkpointer")
        self._database: Database | None = None
        self._reader: Reader | None = None
        self._searcher: Searcher | None = None
        self._searches = SearchQueue()
        self._indexer: Indexer | None = None
        self._commits = Commits(later, self._writing, timer)
        self.times = self._commits.times
        self._chores = Chores(later, self._mood, self._writing, timer, self._checkpoint)
        self._timer = timer
        self._settled = 0
        """What was settled when the mood was last asked for."""
        self._spoke = timer()
        self._upkeep = Upkeep(later, self._writing, self._chores, self._commits.look, self._tell_of_changes)
        self._closing = DeferredLock()

    @property
    def queue(self) -> int:
        """How many events and changes are on their way."""
        return self._commits.queue

    def open(self, listener: Listener) -> int:
        """
        Open the file, upgrade it if it is older, and clear up after a crash; blocks.

        :returns: how many people a crash had left inside.
        :raises JournalError: if it cannot be opened, with the path and the reason.
        """
        database = Database(self._folder, schema() if self._scripts is None else self._scripts, self._now())
        try:
            indexer = Indexer(database.writer)
            writer = Writer(database.writer, indexer.grown)
            writer.begin()
            self.secret = writer.secret(self._randomness(32))
            recovered = writer.recover(self._now())
        except BaseException as error:
            database.close()
            if isinstance(error, JournalError):
                raise JournalError(f"{database.path}: {error}") from error
            raise
        self._database, self._reader, self._indexer = database, Reader(database.reader), indexer
        self._searcher = Searcher(database.searcher, self._timer)
        database.remember()
        self._commits.listener, self._commits.writer, self._commits.check = listener, writer, database.check_there
        self._chores.start()
        self._upkeep.start(writer, indexer)
        return recovered

    def append(self, event: Event, changes: Sequence[Change] = ()) -> None:
        """Put *event* into the next commit, and *changes* with it."""
        assert self._commits.listener is not None, "open the journal first"
        self._commits.append(event, encode(changes) if changes else ())

    def change(self, changes: Sequence[Change]) -> Deferred[None]:
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
        """Read forward; what is no longer kept shows as a ``first`` beyond ``seq + 1``."""
        return self._read(lambda reader: reader.after(room, seq, limit))

    def before(self, room: str, seq: int | None, limit: int) -> Deferred[Batch]:
        """Read backward from just below *seq*, or from the end."""
        return self._read(lambda reader: reader.before(room, seq, limit))

    def conversations(self, identity: str, limit: int = 1000) -> Deferred[list[str]]:
        """Name the *limit* newest conversations of *identity*, the newest first."""
        return self._read(lambda reader: reader.conversations(identity, limit))

    def names(self, after: str = "", limit: int = 1000) -> Deferred[list[str]]:
        """Name the *limit* oldest rooms that are younger than *after*, conversations too; not the audit log."""
        return self._read(lambda reader: reader.names(after, limit))

    def standing(self, scope: str = "") -> list[Record]:
        """Read all records of *scope*; blocks."""
        if self._database is None:
            raise JournalError(CLOSED)
        # The reader's own connection may be in use on its thread.
        with closing(self._database.connect("ro")) as connection:
            return Reader(connection).records(scope)

    def records(self, scope: str) -> Deferred[list[Record]]:
        """Read all records of *scope*, in slices between which others can read."""
        return Deferred.fromCoroutine(self._records(scope))

    async def _records(self, scope: str) -> list[Record]:
        records = await self._read(lambda reader: reader.some_records(scope, ("", ""), SLICE))
        if len(records) < SLICE:
            return records
        view = View(await self._read(lambda _: self._connected()), scope)
        try:
            records = []
            while page := await self._read(lambda _: view.next()):
                records += page
            return records
        finally:
            # Nothing is left to do there once the reader has been let go of.
            await (call(self._reading, view.close) if self._reader is not None else maybeDeferred(view.close))

    def _connected(self) -> sqlite3.Connection:
        if self._database is None:
            raise JournalError(CLOSED)
        with in_plain_words():
            return self._database.connect("ro")

    def find(self, kind: str, key: str, limit: int = 1000) -> Deferred[list[Record]]:
        """Read *limit* records of this *kind* and *key* at most, whatever their scope."""
        return self._read(lambda reader: reader.find(kind, key, limit))

    def search(self, query: Query) -> Deferred[list[Numbered]]:
        """Find what was said, the newest first; what was said last is indexed before."""
        return self._searches.do(query.asker, lambda: Deferred.fromCoroutine(self._search(query)))

    async def _search(self, query: Query) -> list[Numbered]:
        await self._upkeep.freshen()
        if self._searcher is None:
            raise JournalError(CLOSED)
        return await call(self._searching, partial(self._searcher.search, query))

    def trim(self, room: str, keep: Keep) -> Deferred[int]:
        """Remove the oldest events, with long pauses: a hundred thousand take some ten seconds."""

        async def trim() -> int:
            reader = await self._read(lambda reader: reader)
            cut = Cut(reader.connection, room, keep, self._now())
            while await self._read(lambda _: cut.step()):
                pass
            if self._indexer is None:
                raise JournalError(CLOSED)
            return await self._chores.do(partial(self._indexer.trim, room, cut.upto))

        return Deferred.fromCoroutine(trim())

    def close(self) -> Deferred[None]:
        """Commit what is open, answer who is reading, then let go of the file and the folder."""
        return self._closing.run(self._close)

    async def _close(self) -> None:
        self._upkeep.stop()
        self._chores.stop()
        while self._commits.busy:
            await self.flush()
        if self._database is None:
            return
        database, self._database = self._database, None
        self._reader = self._searcher = self._indexer = self._commits.writer = None
        self._searches.stop()
        await call(self._reading, database.reader.close)
        await call(self._searching, database.searcher.close)
        await call(self._syncing, database.checkpointer.close)
        await call(self._writing, database.close)
        self._syncing.stop()
        self._reading.stop()
        self._searching.stop()
        self._writing.stop()

    def _mood(self) -> Mood:
        """How much there was to commit since this was last asked, mostly milliseconds ago."""
        before, self._settled = self._settled, self._commits.settled
        now = self._timer()
        if self._settled != before:
            self._spoke = now
        if self._commits.busy or self._settled - before >= _CROWD:
            return Mood.FLOOD
        return Mood.TALK if now - self._spoke < _SILENCE else Mood.SILENCE

    def _read(self, work: Callable[[Reader], T]) -> Deferred[T]:
        if self._reader is None:
            return fail(JournalError(CLOSED))
        return call(self._reading, partial(work, self._reader))

    def _checkpoint(self) -> Deferred[None]:
        if self._database is None:
            return fail(JournalError(CLOSED))
        return call(self._syncing, self._database.checkpoint)

    def _tell_of_changes(self, changes: Sequence[Change]) -> None:
        assert self._commits.listener is not None
        self._commits.listener.changed(changes)
