"""The journal as ``chatroom-admin`` uses it: from another process, while a server may be running or not."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from secrets import token_hex
from socket import gethostname
from threading import Event as Flag
from typing import Any

import psycopg

from chatroom.chat.changes import Deleted
from chatroom.chat.events import AuditEntry
from chatroom.chat.ports import JournalError, RetentionLimit

from ..offline_base import Offline
from .connection import Connection, described, naming
from .indexer import Indexer, vacuum
from .lease import Lease, is_held, take
from .reader import Reader
from .upgrade import check_server, scripts, upgrade, version_of
from .writer import Writer

_GAPS = """
    SELECT name FROM room JOIN (
        SELECT room, max(seq) - min(seq) + 1 AS span, count(*) AS count FROM event GROUP BY room
    ) AS counted ON counted.room = room.id WHERE span <> count ORDER BY room.id
"""
_STRAYS = """
    SELECT name, said.seq FROM said JOIN room ON room.id = said.room
    LEFT JOIN event ON event.room = said.room AND event.seq = said.seq
    WHERE event.seq IS NULL OR event.marks ->> 'deleted' IS NOT NULL ORDER BY said.room, said.seq LIMIT 20
"""


class OfflinePostgres(Offline):
    """
    The journal in the database at *address*.

    :param making: whether to make the tables, if there are none, and to upgrade older ones, for which no server may be
        running.
    :param now: seconds since the epoch.
    :param sleep: sleeps for so many seconds.
    :raises JournalError: if it cannot be opened, with the database and the reason.
    """

    _connection: Connection
    _reader: Reader
    _indexer: Indexer

    def __init__(
        self,
        address: str,
        *,
        making: bool = False,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._address = address
        self._now = now
        self._sleep = sleep
        self._stopped = Flag()
        self._stopped.set()  # nothing is tried again: somebody is waiting at a terminal
        self._connection = Connection(address, self._stopped)
        with naming(address):
            try:
                self._check_version(making)
            except BaseException:
                self._connection.close()
                raise
        self._reader = Reader(self._connection)
        self._indexer = Indexer(self._connection)
        self._writer = Writer(self._connection, None, self._stopped)
        if making:
            # A journal made here must be as complete as one that a server has made.
            self._writer.secret(os.urandom(32))

    def _check_version(self, making: bool) -> None:
        connection = self._connection.get()
        check_server(connection)
        version = version_of(connection)
        if version == len(scripts()):
            return
        if making and (not version or not is_held(self._connection)):
            upgrade(connection)
        elif not version:
            raise JournalError("there is no journal here")
        elif version > len(scripts()):
            raise JournalError("it is of a newer chatroom")
        else:
            raise JournalError("of an older version; start the server once to upgrade it")

    def rooms(self) -> list[str]:
        """List everything that has a journal: rooms, conversations, the audit log."""
        return self._reader.rooms()

    def _cutoff(self, room: str, keep: RetentionLimit) -> int:
        return self._indexer.cutoff(room, keep, self._now())

    def delete(self, deleted: Deleted, entry: AuditEntry) -> bool:
        """
        Store *deleted* with *entry* in the audit log, and remove the text from the tables.

        :returns: False if a server is using the database: nothing is done then.
        :raises JournalError: if that fails.
        """
        if is_held(self._connection):
            return False
        with self.owned() as fence:
            Writer(self._connection, fence, self._stopped).commit([deleted, entry])
        vacuum(self._connection)
        return True

    def connection(self) -> psycopg.Connection[Any]:
        """
        Return its connection, for what is no commit.

        :raises psycopg.Error: if it cannot be made.
        """
        return self._connection.get()

    @contextmanager
    def owned(self) -> Iterator[tuple[int, str]]:
        """Have the database as a server has it; gives the epoch and the holder for the fence."""
        holder = token_hex(16)
        epoch = take(self._connection, holder, f"{gethostname()}, chatroom-admin", self._stopped.wait)
        lease = Lease(Connection(self._address, self._stopped), epoch, holder)
        try:
            yield epoch, holder
        finally:
            lease.release()

    def problems(self) -> list[str]:
        """Look for damage: return what is wrong, a line each."""
        found = [f"events are missing in {name}" for (name,) in self._connection.read(_GAPS)]
        strays = self._connection.read(_STRAYS)
        found += [f"the search index has message {seq} of {name}, which is not there" for name, seq in strays]
        for name in self.rooms():
            found += self._unreadable(name)
        for scope, kind, key, value in self._connection.read("SELECT scope, kind, key, value FROM record"):
            try:
                json.loads(value)
            except ValueError:
                found.append(f"the record {kind} {key} of {scope or 'the server'} cannot be read")
        return [f"the database {described(self._address)}: {one}" for one in found]

    def _unreadable(self, name: str) -> list[str]:
        try:
            for _ in self.events(name):
                pass
        except (JournalError, LookupError, TypeError, ValueError) as error:
            return [] if "events are missing" in str(error) else [f"an event of {name} cannot be read: {error}"]
        return []
