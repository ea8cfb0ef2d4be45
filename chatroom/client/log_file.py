"""The log: a file to which everything is appended that is shown."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path


class CannotLog(Exception):
    """The file cannot be opened; the text is one clear line."""


class LogFile:
    """
    Appends lines to the file *path*, which only its owner can read if it is new.

    Each line is written at once, so that a crash loses none.  Other programs may append to the same file.

    :param now: returns the time of day, in seconds since 1970.
    :raises CannotLog: if the file cannot be opened.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now
        self._failed = False
        self._torn = False
        try:
            # Opening a pipe that nobody reads would wait for ever.
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY
            self._file = os.open(path, flags, 0o600)
        except (OSError, ValueError) as error:
            raise CannotLog(f"Cannot write the log {path}: {getattr(error, 'strerror', error)}.") from None
        if not stat.S_ISREG(os.fstat(self._file).st_mode):
            os.close(self._file)
            raise CannotLog(f"Cannot write the log {path}: it is not a file.")

    def write(self, line: str) -> str | None:
        """Append *line* with the time; return what to tell the person if that fails for the first time."""
        stamped = f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(self._now()))} {line}\n"
        data = (b"\n" if self._torn else b"") + stamped.encode(errors="replace")
        try:
            written = os.write(self._file, data)
        except OSError as error:
            return self._fail(str(error.strerror))
        self._torn = written < len(data) and (written > 0 or self._torn)
        if written < len(data):
            return self._fail(os.strerror(errno.ENOSPC))
        self._failed = False
        return None

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _fail(self, why: str) -> str | None:
        if self._failed:
            return None
        self._failed = True
        return f"!! Cannot write the log {self._path}: {why}. Trying again with each line."
