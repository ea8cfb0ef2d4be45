"""Atomic files: a file appears complete or not at all, even if the process is killed."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = ".chatroom-"
"""The name prefix of unfinished files."""


@contextmanager
def atomic_file(path: Path, *, replacing: bool = False) -> Iterator[Path]:
    """
    Create the new file *path*, readable only by its owner.

    It is written under another name in the same folder, and renamed when it is on the disk.  Leftovers of killed
    processes in this folder are removed first.

    :param replacing: whether it may replace another file.
    :returns: the path to write to, an existing empty file.
    :raises OSError: if it cannot be made; a `FileExistsError` if there is another.
    """
    if not replacing:
        _check_free(path)
    remove_leftovers(path.parent)
    try:
        partial, number = _begin(path.parent)
    except OSError as error:
        # People know the file by the name that they gave.
        error.filename = str(path)
        raise
    try:
        yield partial
        os.fsync(number)
        _put_in_place(partial, path, replacing)
    except OSError as error:
        if error.filename in (None, str(partial)):
            error.filename = str(path)
        raise
    finally:
        partial.unlink(missing_ok=True)
        os.close(number)


@contextmanager
def temporary_folder(parent: Path) -> Iterator[Path]:
    """
    Make a folder in *parent* that is removed at the end; if the process is killed, by the next `remove_leftovers`.

    :raises OSError: if it cannot be made.
    """
    remove_leftovers(parent)
    while True:
        name = parent / f"{_PREFIX}{secrets.token_hex(8)}"
        name.mkdir(mode=0o700)
        number = _locked(name)
        if number is not None:
            break
    try:
        yield name
    finally:
        shutil.rmtree(name, ignore_errors=True)
        os.close(number)


def remove_leftovers(folder: Path) -> None:
    """Remove unfinished files of killed processes in *folder*, if possible."""
    with suppress(OSError):
        for left in list(folder.glob(f"{_PREFIX}*")):
            number = _locked(left)
            if number is None:
                continue  # its process is alive
            with suppress(OSError):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            os.close(number)


def _begin(folder: Path) -> tuple[Path, int]:
    """Make an empty file in *folder* that `remove_leftovers` spares while it is open; return its name and number."""
    while True:
        partial = folder / f"{_PREFIX}{secrets.token_hex(8)}"
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        number = _locked(partial)
        if number is not None:
            return partial, number


def _locked(path: Path) -> int | None:
    """
    Open and lock *path*; the kernel unlocks it when this process ends.

    :returns: its number; None if another process holds it, or has just removed it.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(number), os.stat(path)):
            return number
    except OSError:
        pass
    os.close(number)
    return None


def _put_in_place(partial: Path, path: Path, replacing: bool) -> None:
    """Rename *partial* to *path*, durably."""
    if replacing:
        os.replace(partial, path)
    else:
        _rename(partial, path)
    _sync(path.parent)


def _rename(partial: Path, path: Path) -> None:
    """Rename *partial* to *path*, unless another file has that name by now."""
    try:
        os.link(partial, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        # Not every file system knows hard links.
        _check_free(path)
        os.rename(partial, path)


def _check_free(path: Path) -> None:
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def _sync(folder: Path) -> None:
    """Sync the directory *folder* to the disk."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):  # some file systems have no such thing
            raise
    finally:
        os.close(number)
