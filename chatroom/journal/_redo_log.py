"""
Redo log: what was said last, in two small files beside the database, until that has taken it over.

One write to a file is the commit of a line that comes alone; SQLite's costs ten times as much, and less for each of
many lines, so it takes them over together.  While it does so with those of one file, the other one goes on.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple
from zlib import crc32

from ._rows import EventRow

NAMES = ("journal.redo1", "journal.redo2")
"""The files in the data folder: frames one behind the other, then zeros."""
SIZE = 262_144
"""Bytes of a file: the lines of a second, if a thousand come in it; all are written at first, to have the space."""
_HEAD = Struct("<II")
"""What a frame begins with: the number of bytes behind this, and their CRC-32."""

Entry = tuple[str, int, EventRow]
"""An event as the log keeps it: its room, its seq, and its row."""


class Found(NamedTuple):
    """
    What an earlier run has left.

    *entries* are in the order in which they were written.  *torn* is whether the last write was not finished: nobody
    was shown that.
    """

    entries: list[Entry]
    torn: bool


class RedoFile:
    """
    One file of the log.

    The reactor's thread appends until it is *taken*; from then on it belongs to the writer's thread, until that has
    cleared it.
    """

    def __init__(self, path: Path) -> None:
        """:raises OSError: if it cannot be made."""
        self.taken = False
        self._end = 0
        """The place of the next frame."""
        self._reach = 0
        """From here on there are only zeros."""
        self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            if os.pwrite(self._descriptor, bytes(SIZE), 0) < SIZE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        except BaseException:
            os.close(self._descriptor)
            raise

    def append(self, frame: bytes) -> bool:
        """Write *frame*; return False if it does not fit, or cannot be written."""
        if self.taken or self._end + len(frame) > SIZE:
            return False
        self._reach = max(self._reach, self._end + len(frame))
        try:
            if os.pwrite(self._descriptor, frame, self._end) < len(frame):
                return False
        except OSError:
            return False
        self._end += len(frame)
        return True

    def clear(self) -> bool:
        """Overwrite everything with zeros, so that deleted text cannot be found here; return whether that worked."""
        try:
            if os.pwrite(self._descriptor, bytes(self._reach), 0) < self._reach:
                return False
        except OSError:
            return False
        self._end = self._reach = 0
        self.taken = False
        return True

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


class RedoLog:
    """
    The open log in *folder*, which must be that of a locked journal; what is there already is dropped.

    :raises OSError: if it cannot be made; then there is none.
    """

    def __init__(self, folder: Path) -> None:
        self.paths = [folder / name for name in NAMES]
        self._folder = folder
        self._number = 0
        self._files: list[RedoFile] = []
        try:
            for path in self.paths:
                self._files.append(RedoFile(path))
        except BaseException:
            self.close(remove=True)
            raise

    def append(self, entries: Sequence[Entry]) -> bool:
        """Write *entries*, all or none; return False if they do not fit, or cannot be written."""
        self._number += 1
        data = json.dumps([self._number, entries]).encode()
        return self._files[0].append(_HEAD.pack(len(data), crc32(data)) + data)

    def take(self) -> RedoFile:
        """Go on with the other file; return the one that has been written so far."""
        taken = self._files[0]
        taken.taken = True
        self._files.reverse()
        return taken

    def close(self, *, remove: bool = False) -> None:
        """Close the files, and *remove* them if nothing in them is needed any more."""
        for file in self._files:
            file.close()
        if remove:
            discard(self._folder)


def discard(folder: Path) -> None:
    """Remove the log in *folder*, of which nothing is needed any more."""
    for name in NAMES:
        with suppress(OSError):
            (folder / name).unlink()


def find(folder: Path) -> Found:
    """
    Read what the log in *folder* holds.

    :raises OSError: if it is there, but cannot be read.
    """
    frames: list[tuple[int, list[Any]]] = []
    torn = False
    for name in NAMES:
        try:
            data = (folder / name).read_bytes()
        except FileNotFoundError:
            continue
        end = 0
        for frame in _frames(data):
            end += _HEAD.size + len(frame)
            number, entries = json.loads(frame)
            frames.append((number, entries))
        torn = torn or any(data[end:])
    frames.sort()
    return Found([(room, seq, tuple(row)) for _, entries in frames for room, seq, row in entries], torn)


def _frames(data: bytes) -> Iterator[bytes]:
    """Iterate over the whole frames at the beginning of *data*."""
    start = 0
    while len(data) - start >= _HEAD.size:
        length, sum_ = _HEAD.unpack_from(data, start)
        start += _HEAD.size
        frame = data[start : start + length]
        if not length or len(frame) < length or crc32(frame) != sum_:
            return
        yield frame
        start += length
