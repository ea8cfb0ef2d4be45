"""Makes files that appear whole or not at all, however the process ends that makes them."""

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
"""What is being made has a name like this: nobody takes it for what it is to become."""


@contextmanager
def whole(path: Path, *, replacing: bool = False) -> Iterator[Path]:
    """
    Make the new file *path*, readable for its owner only.

    It is written under another name in the same folder, and gets its own when all of it is on the disk.  What
    earlier attempts have left in this folder, because their process was killed, is removed.

    :param replacing: whether it may take the place of another.
    :returns: where to write; there is an empty file already.
    :raises OSError: if it cannot be made; a `FileExistsError` if there is another.
    """
    if not replacing:
        _check_free(path)
    sweep(path.parent)
    partial, number = _begin(path.parent)
    try:
        yield partial
        os.fsync(number)
        if replacing:
            os.replace(partial, path)
        else:
            _name(partial, path)
        _sync(path.parent)
    except OSError as error:
        # People know the file by the name that they gave.
        if error.filename in (None, str(partial)):
            error.filename = str(path)
        raise
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()
        os.close(number)


@contextmanager
def aside(folder: Path) -> Iterator[Path]:
    """
    Make a folder within *folder* that is removed at the end; if the process is killed, by the next `sweep`.

    :raises OSError: if it cannot be made.
    """
    sweep(folder)
    while True:
        name = folder / f"{_PREFIX}{secrets.token_hex(8)}"
        name.mkdir(mode=0o700)
        number = _held(name)
        if number is not None:
            break
    try:
        yield name
    finally:
        shutil.rmtree(name, ignore_errors=True)
        os.close(number)


def sweep(folder: Path) -> None:
    """Remove what others have begun in *folder* and will never end; what cannot be removed stays."""
    with suppress(OSError):
        for left in list(folder.glob(f"{_PREFIX}*")):
            number = _held(left)
            if number is None:
                continue  # somebody is making it
            with suppress(OSError):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            os.close(number)


def _begin(folder: Path) -> tuple[Path, int]:
    """Make an empty file in *folder* that no `sweep` removes while it is open; return its name and its number."""
    while True:
        partial = folder / f"{_PREFIX}{secrets.token_hex(8)}"
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        number = _held(partial)
        if number is not None:
            return partial, number


def _held(path: Path) -> int | None:
    """
    Open and lock *path*: the kernel lets go of it when this process ends.

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


def _name(partial: Path, path: Path) -> None:
    """Give *partial* the name *path*, which nothing else may have by now."""
    try:
        os.link(partial, path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        # Not every file system lets a file have two names.
        _check_free(path)
        os.rename(partial, path)


def _check_free(path: Path) -> None:
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))


def _sync(folder: Path) -> None:
    """Have the names in *folder* on the disk, too."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):  # some file systems have no such thing
            raise
    finally:
        os.close(number)
