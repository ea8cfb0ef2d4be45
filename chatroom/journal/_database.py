"""The database file: its lock, its version, its connections, its copies, and its errors in plain words."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from importlib import resources
from pathlib import Path
from time import gmtime, strftime

from chatroom.chat.ports import JournalError

from .atomic_files import atomic_file, remove_leftovers

NAME = "journal.sqlite3"
"""The file in the data folder."""

APPLICATION = 0x43484154
"""``CHAT`` in ASCII, where SQLite keeps the mark of the application a file belongs to."""

_BUSY = 5.0
"""Seconds to wait for another program that is writing."""

_TRIES = 4
"""How often a checkpoint begins again when somebody has written meanwhile."""

_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_READONLY: "the journal may not be written",
    sqlite3.SQLITE_CANTOPEN: "the journal cannot be opened",
    sqlite3.SQLITE_BUSY: "another program has locked the journal",
    sqlite3.SQLITE_CORRUPT: "the journal is damaged",
    sqlite3.SQLITE_NOTADB: "this is not a database",
}


DATABASE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite complains with; on a damaged file even its complaint may not be text."""


class FileGone(JournalError):
    """What is opened is not the file that the next start will find."""


def explain(error: Exception) -> str:
    """Say in a few words what *error*, one of `DATABASE_ERRORS`, means for people."""
    if isinstance(error, UnicodeDecodeError):
        return _REASONS[sqlite3.SQLITE_CORRUPT]
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says more than people need
    return _REASONS.get(code, f"SQLite says: {error}")


@contextmanager
def as_journal_errors() -> Iterator[None]:
    """Make a `JournalError` of whatever SQLite complains about."""
    try:
        yield
    except DATABASE_ERRORS as error:
        raise JournalError(explain(error)) from error


def schema() -> list[str]:
    """Return the scripts that lead from nothing to version 1, from 1 to 2, and so on."""
    folder = resources.files("chatroom.journal") / "schema"
    versions = sorted(int(file.name.removesuffix(".sql")) for file in folder.iterdir())
    return [(folder / f"{version}.sql").read_text("utf-8") for version in versions]


class Database:
    """
    The file of one journal, open for as long as this lives.

    ``writer``, ``reader`` and ``searcher`` are in autocommit mode.  Each may be used by one thread at a time,
    which need not be the one that opened them.

    :param now: seconds since the epoch, for the name of a backup.
    :raises JournalError: if it cannot be opened, with the path and the reason.
    """

    def __init__(self, folder: Path, scripts: Sequence[str], now: float) -> None:
        self.path = folder / NAME
        self._paths = [f"{self.path.absolute()}{suffix}" for suffix in ("", "-wal", "-shm")]
        self._files: list[tuple[int, int] | None] = []
        with ExitStack() as undo:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._lock = _lock(folder)
                undo.callback(os.close, self._lock)
                _clear_up(self.path)
                os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
                self.writer = self.connect("rw")
                undo.callback(self.writer.close)
                self._upgrade(scripts, now)
                self._configure()
                self.reader = self.connect("ro")
                undo.callback(self.reader.close)
                self.searcher = self.connect("ro")
                undo.callback(self.searcher.close)
                self.checkpointer = self.connect("rw")
                undo.callback(self.checkpointer.close)
            except OSError as error:
                raise JournalError(f"{error.filename or folder}: {error.strerror}") from error
            except DATABASE_ERRORS as error:
                raise JournalError(f"{self.path}: {explain(error)}") from error
            undo.pop_all()

    def close(self) -> None:
        """Close all connections and let another server have the folder."""
        # The writer last: closing the last connection checkpoints and removes the write-ahead log.
        self.reader.close()
        self.searcher.close()
        self.checkpointer.close()
        self.writer.close()
        os.close(self._lock)

    def remember(self) -> None:
        """Note which files these are; call it when something has been written, so that all of them are there."""
        self._files = _identities(self._paths)

    def check_there(self) -> None:
        """
        Make sure that the files which were opened are those that the next start will find; it takes 5 µs.

        What is written to a file that was removed, or that another has taken the place of, is lost.

        :raises FileGone: if they are not.
        """
        if _identities(self._paths) != self._files:
            raise FileGone("the journal's file has been removed or replaced; put it back, or restart the server")

    def checkpoint(self) -> None:
        """
        Move what is in the write-ahead log into the database, beside readers and the writer.

        A commit does the same when the log is long, and waits for the disk meanwhile, 20 ms and more.
        The log begins anew only when all of it has been moved, so what was written meanwhile is moved, too.
        """
        with as_journal_errors():
            for _ in range(_TRIES):
                _, written, moved = self.checkpointer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if written == moved:
                    break

    def connect(self, mode: str) -> sqlite3.Connection:
        """Open another connection, for ``rw`` or ``ro``."""
        return connect(self.path, mode)

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
        self.writer.execute("PRAGMA cache_size = -2048")  # KiB: the ends of five hundred rooms

    def _upgrade(self, scripts: Sequence[str], now: float) -> None:
        """Bring the file to the newest version, each step a transaction, after one backup."""
        version = version_of(self.writer, self.path, len(scripts))
        if 0 < version < len(scripts):
            back_up(self.writer, _backup_name(self.path, version, now))
        for number, script in enumerate(scripts[version:], version + 1):
            marks = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number};"
            self.writer.executescript(f"BEGIN IMMEDIATE;\n{script}\n;{marks} COMMIT")


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """
    Open a connection in autocommit mode, for ``rw`` or ``ro``; it waits for other writers.

    It keeps 1 MB of pages, for the system keeps those of the file anyway.
    """
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=_BUSY, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA cache_size = -1024")
    return connection


def version_of(connection: sqlite3.Connection, path: Path, known: int) -> int:
    """
    Return the version of the file; 0 is an empty one.

    :raises JournalError: if it is above *known*, or not ours.
    """
    application, version, tables = (
        connection.execute(question).fetchone()[0]
        for question in (
            "PRAGMA application_id",
            "PRAGMA user_version",
            "SELECT count(*) FROM sqlite_master",
        )
    )
    if application != APPLICATION and (application or version or tables):
        raise JournalError(f"{path}: a database of another application")
    if version > known:
        raise JournalError(f"{path}: written by a newer chatroom (version {version}; this one knows {known})")
    return int(version)


def copy(connection: sqlite3.Connection, path: Path) -> None:
    """Copy all that is committed into the empty file *path*, while others go on writing."""
    with closing(sqlite3.connect(path)) as target:
        # Half a copy is of no use, so nothing is needed to undo it; to be on the disk is for who made the file.
        target.execute("PRAGMA journal_mode = MEMORY")
        target.execute("PRAGMA synchronous = OFF")
        connection.backup(target)


def back_up(connection: sqlite3.Connection, path: Path, *, replacing: bool = False) -> None:
    """
    Copy all that is committed into a new file, which appears when it is whole.

    :param replacing: whether it may take the place of another.
    :raises OSError: if it cannot be made.
    """
    with atomic_file(path, replacing=replacing) as partial:
        copy(connection, partial)


def _backup_name(path: Path, version: int, now: float) -> Path:
    """Name the backup of the file *path* of this *version*, and like no other."""
    stem = f"{path.name}.v{version}.{strftime('%Y%m%dT%H%M%SZ', gmtime(now))}"
    names = (path.with_name(f"{stem}{number}.bak") for number in ("", *(f"-{n}" for n in range(2, 1000))))
    return next((name for name in names if not os.path.lexists(name)), path.with_name(f"{stem}.bak"))


def _clear_up(path: Path) -> None:
    """Remove what killed attempts have left beside the file *path*; earlier versions left empty backups."""
    remove_leftovers(path.parent)
    for left in path.parent.glob(f"{path.name}.v*.bak"):
        if not left.stat().st_size:
            left.unlink()


def _identities(paths: Sequence[str]) -> list[tuple[int, int] | None]:
    """Tell which files are at *paths* now, by device and inode; None where there is none."""
    found: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            status = os.stat(path)
            found.append((status.st_dev, status.st_ino))
        except OSError:
            found.append(None)
    return found


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
