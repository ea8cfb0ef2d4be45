"""The journal as ``chatroom-admin`` uses it: from another process, while a server may be running or not."""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from chatroom.chat.ports import JournalError, RetentionLimit

from ._database import (
    DATABASE_ERRORS,
    NAME,
    Database,
    InUse,
    as_journal_errors,
    back_up,
    connect,
    copy,
    explain,
    locked,
    schema,
    version_of,
)
from ._index import Indexer
from ._integrity import find_problems
from ._reader import Reader
from ._redo_log import NAMES, discard, find
from ._retention import Cutoff
from ._takeover import recover
from ._writer import Writer
from .atomic_files import temporary_folder
from .offline_base import Offline

LOGS = NAMES
"""The files of the redo log in a data folder."""

_NOTHING = "there is no journal here"
_TAKEOVER_PAUSE = 0.05
"""Seconds between two looks at whether a running server's database has taken over what was said last."""
_TAKEOVER_PAUSES = 60
"""How many of them at most: three times as long as that takes."""


class OfflineJournal(Offline):
    """
    The journal in *folder*.

    :param writing: whether to write, too; then a folder without a journal gets one, and an older one is
        upgraded, for which no server may be running.
    :param now: seconds since the epoch.
    :param sleep: sleeps for so many seconds.
    :raises JournalError: if it cannot be opened, with the path and the reason.
    """

    _connection: sqlite3.Connection

    def __init__(
        self,
        folder: Path,
        *,
        writing: bool = False,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._connection = _open(folder, writing, now(), sleep)
        self._reader = Reader(self._connection)
        self._indexer = Indexer(self._connection)
        self._writer = Writer(self._connection, noting=True)
        if writing:
            # A journal made here must be as complete as one that a server has made.
            self._writer.secret(secrets.token_bytes(32))

    def rooms(self) -> list[str]:
        """List everything that has a journal: rooms, conversations, the audit log."""
        with as_journal_errors():
            return [name for (name,) in self._connection.execute("SELECT name FROM room ORDER BY id").fetchall()]

    def _cutoff(self, room: str, keep: RetentionLimit) -> int:
        cutoff = Cutoff(self._connection, room, keep, self._now())
        while cutoff.step():
            pass
        return cutoff.upto

    def backup(self, to: Path, *, replacing: bool = False) -> None:
        """
        Copy the journal into the new file *to*, as of one moment, readable for its owner only.

        :param replacing: whether it may replace another file.
        :raises JournalError: if it cannot be copied, or if *to* exists.
        """
        try:
            back_up(self._connection, to, replacing=replacing)
        except OSError as error:
            raise JournalError(f"{error.filename or to}: {error.strerror}") from error
        except DATABASE_ERRORS as error:
            raise JournalError(f"{to}: {explain(error)}") from error


def _open(folder: Path, writing: bool, now: float, sleep: Callable[[float], object]) -> sqlite3.Connection:
    """Open the journal in *folder*; only for *writing* is it created, or upgraded to the newest version."""
    path = folder / NAME
    try:
        with ExitStack() as undo:
            if not path.exists():
                if not writing:
                    raise JournalError(f"{path}: {_NOTHING}")
                Database(folder, schema(), now).close()
            # Even to read only: a connection that may not write leaves SQLite's own files lying about.
            connection = connect(path, "rw")
            undo.callback(connection.close)
            version = version_of(connection, path, len(schema()))
            if version < len(schema()):
                if not writing:
                    raise JournalError(f"{path}: of an older version; start the server once to upgrade it")
                connection.close()
                Database(folder, schema(), now).close()
                connection = connect(path, "rw")
                undo.callback(connection.close)
            _take_over(folder, connection, sleep)
            connection.execute(f"PRAGMA query_only = {not writing}")
            undo.pop_all()
            return connection
    except OSError as error:
        raise JournalError(f"{error.filename or path}: {error.strerror}") from error
    except DATABASE_ERRORS as error:
        raise JournalError(f"{path}: {explain(error)}") from error


def _take_over(folder: Path, connection: sqlite3.Connection, sleep: Callable[[float], object]) -> None:
    """See that the database has what the redo log has: a running server does that within a second."""
    writer = Writer(connection)
    lasts = {room: seq for room, seq, _ in find(folder).entries}
    for _ in range(_TAKEOVER_PAUSES):
        if all(writer.last(room) >= seq for room, seq in lasts.items()):
            return
        try:
            with locked(folder):
                recover(folder, writer)
                discard(folder)
            return
        except InUse:
            sleep(_TAKEOVER_PAUSE)


def check(folder: Path) -> list[str]:
    """
    Check the integrity of the journal in *folder*, while a server may be using it.

    It checks a copy, so that nobody waits; for that the disk needs as much room again.

    :returns: what is wrong, a line each; nothing is raised.
    """
    path = folder / NAME
    try:
        if not path.exists():
            return [f"{path}: {_NOTHING}"]
        with temporary_folder(folder) as beside:
            copied = beside / NAME
            with closing(connect(path, "rw")) as connection:
                copy(connection, copied)
            with closing(connect(copied, "rw")) as connection:
                return [f"{path}: {problem}" for problem in find_problems(connection, path)]
    except OSError as error:
        return [f"{error.filename or path}: {os.strerror(error.errno or 0)}"]
    except DATABASE_ERRORS as error:
        return [f"{path}: {explain(error)}"]
