"""Lock files: the process that holds the lock has written its number into the file."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

_MAX_NUMBER = 20
"""Bytes read of the number of a process."""


class Held(Exception):
    """Another process holds the lock; the text is its number, or "unknown"."""


def take(path: Path) -> int:
    """
    Lock the file *path* for this process; the kernel unlocks it however the process ends.

    :returns: its descriptor: closing it unlocks the file.
    :raises Held: if another process has locked it.
    :raises OSError: if the file cannot be opened or written.
    """
    lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.truncate(lock, 0)
        os.write(lock, b"%d\n" % os.getpid())
    except BlockingIOError:
        number = _number(lock)
        os.close(lock)
        raise Held(number) from None
    except BaseException:
        os.close(lock)
        raise
    return lock


def holder(path: Path) -> int | None:
    """
    Return the number of the process that holds the lock on *path*; None: nobody does.

    :raises OSError: if the file is there, but cannot be read.
    """
    try:
        lock = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        number = _number(lock)
        return int(number) if number.isdecimal() else None
    finally:
        os.close(lock)
    return None


def _number(lock: int) -> str:
    return os.pread(lock, _MAX_NUMBER, 0).decode("ascii", "replace").strip() or "unknown"
