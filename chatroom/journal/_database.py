"""The SQLite file: its lock, schema version, connections, backups, and errors in plain words."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from importlib import resources
from pathlib import Path
from time import gmtime, strftime, time_ns

from chatroom.chat.ports import JournalError
from chatroom.system import pid_lock

from ._calls import OutOfReach
from .atomic_files import atomic_file, remove_leftovers

NAME = "journal.sqlite3"
"""The file in the data folder."""

APPLICATION = 0x43484154
"""``CHAT`` in ASCII: SQLite's mark for the application that a file belongs to."""

_BUSY_TIMEOUT = 5.0
"""Seconds to wait for another program that is writing."""

_OVERWRITES = 6
"""The schema version since which deleted content is overwritten: until then, pages may contain old copies."""

_COARSE = 3_000_000_000
"""Nanoseconds until the time of a folder means something: the coarsest file system counts in two seconds."""

_MAX_CHECKPOINTS = 4
"""How often a checkpoint is repeated because somebody has written meanwhile."""

_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_READONLY: "the journal is read-only",
    sqlite3.SQLITE_CANTOPEN: "the journal cannot be opened",
    sqlite3.SQLITE_BUSY: "another program has locked the journal",
    sqlite3.SQLITE_CORRUPT: "the journal is damaged",
    sqlite3.SQLITE_NOTADB: "this is not a database",
}


DATABASE_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; on a damaged file even the message may not be text."""


class FileGone(OutOfReach):
    """The open file is not the one that the next start will find."""


def explain(error: Exception) -> str:
    """Say in plain words what *error*, one of `DATABASE_ERRORS`, means."""
    if isinstance(error, UnicodeDecodeError):
        return _REASONS[sqlite3.SQLITE_CORRUPT]
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest has more detail than people need
    return _REASONS.get(code, f"SQLite says: {error}")


@contextmanager
def as_journal_errors() -> Iterator[None]:
    """Turn whatever SQLite raises into a `JournalError`."""
    try:
        yield
    except DATABASE_ERRORS as error:
        raise JournalError(explain(error)) from error


def schema() -> list[str]:
    """Return the schema migrations: from nothing to version 1, from 1 to 2, and so on."""
    folder = resources.files("chatroom.journal") / "schema"
    versions = sorted(int(file.name.removesuffix(".sql")) for file in folder.iterdir())
    return [(folder / f"{version}.sql").read_text("utf-8") for version in versions]


class Database:
    """
    The open file of one journal, locked against other servers.

    ``writer``, ``reader`` and ``searcher`` are in autocommit mode.  Each may be used by one thread at a time,
    which need not be the one that opened them.

    :param now: seconds since the epoch, for the name of a backup.
    :raises JournalError: if it cannot be opened, with the path and the reason.
    """

    def __init__(self, folder: Path, scripts: Sequence[str], now: float) -> None:
        self.path = folder / NAME
        self._paths = [f"{self.path.absolute()}{suffix}" for suffix in ("", "-wal", "-shm")]
        self._files: list[tuple[int, int] | None] = []
        self._folder = str(folder.absolute())
        self._unchanged: tuple[int, int, int] | None = None
        """The folder, and its time, when the files were there and the time was old enough to mean something."""
        with ExitStack() as undo:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._lock = _lock(folder)
                undo.callback(os.close, self._lock)
                _clean_up(self.path)
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
                # Waiting for a reader would hold up the writer.
                self.checkpointer.execute("PRAGMA busy_timeout = 0")
            except FileExistsError as error:
                raise JournalError(f"{folder}: {os.strerror(errno.ENOTDIR)}") from error
            except OSError as error:
                raise JournalError(f"{error.filename or folder}: {error.strerror}") from error
            except DATABASE_ERRORS as error:
                raise JournalError(f"{self.path}: {explain(error)}") from error
            undo.pop_all()

    def close(self) -> None:
        """Close all connections and unlock the folder."""
        # The writer last: closing the last connection checkpoints and removes the write-ahead log.
        self.reader.close()
        self.searcher.close()
        self.checkpointer.close()
        self.writer.close()
        os.close(self._lock)

    def remember(self, beside: Sequence[Path] = ()) -> None:
        """Remember which files these are, and those *beside* them; call it after the first write, when all exist."""
        self._paths += [str(path.absolute()) for path in beside]
        self._files = _identities(self._paths)

    def check_there(self) -> None:
        """
        Check that the open files are those that the next start will find; it takes 1.5 µs, or 7.

        Data written to a removed or replaced file would be lost.  Whoever does that changes their folder, too, and
        so its time; as that has a coarse clock, it means nothing until it is some seconds old.

        :raises FileGone: if they are not.
        """
        try:
            status = os.stat(self._folder)
            folder = (status.st_dev, status.st_ino, status.st_mtime_ns)
        except OSError:
            folder = None
        if folder is not None and folder == self._unchanged:
            return
        if _identities(self._paths) != self._files:
            raise FileGone("the journal's file has been removed or replaced; put it back, or restart the server")
        self._unchanged = folder if folder is not None and time_ns() - folder[2] > _COARSE else None

    def checkpoint(self) -> None:
        """
        Checkpoint: move the write-ahead log into the database, while others read and write.

        A commit does the same when the log is long, and waits for the disk meanwhile, 20 ms and more.
        The log starts over only when all of it has been moved, so what was written meanwhile is moved, too.
        """
        with as_journal_errors():
            for _ in range(_MAX_CHECKPOINTS):
                _, written, moved = self.checkpointer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if written == moved:
                    break

    def truncate(self) -> bool:
        """Empty the write-ahead log; return False if somebody is reading from it, or writing."""
        self.checkpoint()
        with as_journal_errors():
            busy, _, _ = self.checkpointer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

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
        # A statement's own tables would have text in a file elsewhere, and that is not overwritten.
        self.writer.execute("PRAGMA temp_store = MEMORY")
        self.writer.execute("PRAGMA journal_size_limit = 67108864")
        self.writer.execute("PRAGMA cache_size = -2048")  # KiB: the ends of five hundred rooms

    def _upgrade(self, scripts: Sequence[str], now: float) -> None:
        """Migrate the schema to the newest version, each step in a transaction, after one backup."""
        version = version_of(self.writer, self.path, len(scripts))
        if 0 < version < len(scripts):
            back_up(self.writer, _backup_name(self.path, version, now))
        for number, script in enumerate(scripts[version:], version + 1):
            marks = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number};"
            self.writer.executescript(f"BEGIN IMMEDIATE;\n{script}\n;{marks} COMMIT")
        if 0 < version < min(_OVERWRITES, len(scripts)):
            with suppress(sqlite3.OperationalError):  # it needs room for a copy
                self.writer.execute("VACUUM")


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """
    Open a connection in autocommit mode, for ``rw`` or ``ro``; it waits for other writers.

    Its cache has 1 MB only, because the system caches the file anyway.
    """
    address = f"{path.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(
        address, uri=True, timeout=_BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA cache_size = -1024")
    # Overwrite what is deleted, so that it cannot be found in the file; not every build of SQLite does by default.
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def version_of(connection: sqlite3.Connection, path: Path, known: int) -> int:
    """
    Return the schema version of the file; 0 is an empty file.

    :raises JournalError: if it is newer than *known*, or the file is not ours.
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
    """Copy everything committed into the empty file *path*, while others keep writing."""
    with closing(sqlite3.connect(path)) as target:
        # Half a copy is useless, so it needs no rollback journal; the caller syncs the file to the disk.
        target.execute("PRAGMA journal_mode = MEMORY")
        target.execute("PRAGMA synchronous = OFF")
        connection.backup(target)


def back_up(connection: sqlite3.Connection, path: Path, *, replacing: bool = False) -> None:
    """
    Copy everything committed into a new file, which appears only when it is complete.

    :param replacing: whether it may replace another file.
    :raises OSError: if it cannot be made.
    """
    with atomic_file(path, replacing=replacing) as partial:
        copy(connection, partial)


def _backup_name(path: Path, version: int, now: float) -> Path:
    """Choose a unique name for the backup of the file *path* of this *version*."""
    stem = f"{path.name}.v{version}.{strftime('%Y%m%dT%H%M%SZ', gmtime(now))}"
    names = (path.with_name(f"{stem}{number}.bak") for number in ("", *(f"-{n}" for n in range(2, 1000))))
    return next((name for name in names if not os.path.lexists(name)), path.with_name(f"{stem}.bak"))


def _clean_up(path: Path) -> None:
    """Remove what killed processes have left beside the file *path*; old versions left empty backups."""
    remove_leftovers(path.parent)
    for left in path.parent.glob(f"{path.name}.v*.bak"):
        if not left.stat().st_size:
            left.unlink()


def _identities(paths: Sequence[str]) -> list[tuple[int, int] | None]:
    """Identify the files at *paths* by device and inode; None where there is none."""
    found: list[tuple[int, int] | None] = []
    for path in paths:
        try:
            status = os.stat(path)
            found.append((status.st_dev, status.st_ino))
        except OSError:
            found.append(None)
    return found


class InUse(JournalError):
    """A server is using the folder."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """
    Keep servers from using the folder meanwhile.

    :raises InUse: if one does.
    """
    lock = _lock(folder)
    try:
        yield
    finally:
        os.close(lock)


def _lock(folder: Path) -> int:
    """Lock the folder for this process, or raise `InUse`."""
    try:
        return pid_lock.take(folder / "lock")
    except pid_lock.Held as held:
        raise InUse(f"{folder} is in use by another chatroom server (process {held}); --data names another") from None
