"""The database file: its lock, its version, its two connections, and its errors in plain words."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib import resources
from pathlib import Path
from time import gmtime, strftime

from chatroom.chat.ports import JournalError

APPLICATION = 0x43484154
"""``CHAT`` in ASCII, where SQLite keeps the mark of the application a file belongs to."""

_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_READONLY: "the journal may not be written",
    sqlite3.SQLITE_CANTOPEN: "the journal cannot be opened",
    sqlite3.SQLITE_BUSY: "another program has locked the journal",
    sqlite3.SQLITE_CORRUPT: "the journal is damaged",
    sqlite3.SQLITE_NOTADB: "this is not a database",
}


def explain(error: sqlite3.Error) -> str:
    """Say in a few words what *error* means for people."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says more than people need
    return _REASONS.get(code, f"SQLite says: {error}")


@contextmanager
def in_plain_words() -> Iterator[None]:
    """Make a `JournalError` of whatever SQLite complains about."""
    try:
        yield
    except sqlite3.Error as error:
        raise JournalError(explain(error)) from error


def schema() -> list[str]:
    """Return the scripts that lead from nothing to version 1, from 1 to 2, and so on."""
    folder = resources.files("chatroom.journal") / "schema"
    versions = sorted(int(file.name.removesuffix(".sql")) for file in folder.iterdir())
    return [(folder / f"{version}.sql").read_text("utf-8") for version in versions]


class Database:
    """
    The file of one journal, open for as long as this lives.

    ``writer`` and ``reader`` are in autocommit mode.  Each may be used by one thread at a time,
    which need not be the one that opened them.

    :param now: seconds since the epoch, for the name of a backup.
    :raises JournalError: if it cannot be opened, with the path and the reason.
    """

    def __init__(self, folder: Path, scripts: Sequence[str], now: float) -> None:
        self.path = folder / "journal.sqlite3"
        with ExitStack() as undo:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._lock = _lock(folder)
                undo.callback(os.close, self._lock)
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
                self.writer = self.connect("rw")
                undo.callback(self.writer.close)
                self._upgrade(scripts, now)
                self._configure()
                self.reader = self.connect("ro")
                undo.callback(self.reader.close)
            except OSError as error:
                raise JournalError(f"{error.filename or folder}: {error.strerror}") from error
            except sqlite3.Error as error:
                raise JournalError(f"{self.path}: {explain(error)}") from error
            undo.pop_all()

    def close(self) -> None:
        """Close both connections and let another server have the folder."""
        # The writer last: closing the last connection checkpoints and removes the write-ahead log.
        self.reader.close()
        self.writer.close()
        os.close(self._lock)

    def connect(self, mode: str) -> sqlite3.Connection:
        """Open another connection, for ``rw`` or ``ro``."""
        address = f"{self.path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)

    def _configure(self) -> None:
        # In WAL mode readers and the writer do not wait for each other, and NORMAL waits for the
        # disk only at a checkpoint: killing the process loses nothing, losing power may cost the
        # commits since the last checkpoint, but never the order or the file.
        self.writer.execute("PRAGMA journal_mode = WAL")
        self.writer.execute("PRAGMA synchronous = NORMAL")
        # A checkpoint happens inside a commit, which it delays by its two fsyncs.  At 16 MB (4096
        # pages; SQLite's own default is 4 MB) they are four times rarer, and an open after a
        # crash still has only that much to read back.
        self.writer.execute("PRAGMA wal_autocheckpoint = 4096")
        self.writer.execute("PRAGMA journal_size_limit = 67108864")
        self.writer.execute("PRAGMA cache_size = -16384")  # KiB: the ends of a few thousand rooms

    def _upgrade(self, scripts: Sequence[str], now: float) -> None:
        """Bring the file to the newest version, each step a transaction, after one backup."""
        version = self._version()
        if version > len(scripts):
            raise JournalError(
                f"{self.path}: written by a newer chatroom (version {version}; this one knows {len(scripts)})"
            )
        if 0 < version < len(scripts):
            self._back_up(f"v{version}.{strftime('%Y%m%dT%H%M%SZ', gmtime(now))}.bak")
        for number, script in enumerate(scripts[version:], version + 1):
            marks = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number};"
            self.writer.executescript(f"BEGIN IMMEDIATE;\n{script}\n;{marks} COMMIT")

    def _version(self) -> int:
        """Return the version of the file; 0 is an empty one."""
        application, version, tables = (
            self.writer.execute(question).fetchone()[0]
            for question in (
                "PRAGMA application_id",
                "PRAGMA user_version",
                "SELECT count(*) FROM sqlite_master",
            )
        )
        if application != APPLICATION and (application or version or tables):
            raise JournalError(f"{self.path}: a database of another application")
        return int(version)

    def _back_up(self, suffix: str) -> None:
        path = self.path.with_name(f"{self.path.name}.{suffix}")
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        copy = sqlite3.connect(path)
        try:
            self.writer.backup(copy)
        except BaseException:
            path.unlink()  # half a backup is worse than none
            raise
        finally:
            copy.close()


def _lock(folder: Path) -> int:
    """Take the folder for this process; the kernel gives it back however the process ends."""
    lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.truncate(lock, 0)
        os.write(lock, b"%d\n" % os.getpid())
    except BlockingIOError:
        process = os.read(lock, 20).decode("ascii", "replace").strip() or "unknown"
        os.close(lock)
        raise JournalError(f"{folder} is in use by another chatroom server (process {process})") from None
    except BaseException:
        os.close(lock)
        raise
    return lock
