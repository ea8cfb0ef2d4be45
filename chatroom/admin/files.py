"""Output files: readable only by their owner, complete or not there at all, and never overwritten by mistake."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from chatroom.journal.atomic_files import atomic_file
from chatroom.journal.offline import LOGS

from .context import FILE, Problem

_OWN = ("lock", *(FILE + suffix for suffix in ("", "-wal", "-shm", "-journal")), *LOGS)
"""Files in a data folder that only a server and SQLite may create."""


def target(path: Path, force: bool, folder: Path) -> Path:
    """
    Check that a new file can be created at *path*.

    :param force: whether it may replace another file.
    :param folder: the data folder.
    :returns: the real path, with links resolved.
    :raises Problem: if it cannot.
    """
    found = path.resolve()
    if found.name in _OWN and found.parent == folder.resolve():
        raise Problem(f"{path} is a file of the journal itself; choose another name.")
    if not force and os.path.lexists(path):
        raise Problem(f"{path} already exists; --force overwrites it.")
    if found.exists() and not found.is_file():
        raise Problem(f"{path} is not a regular file, so it cannot be overwritten.")
    return found


@contextmanager
def new_text(path: Path, force: bool, folder: Path) -> Iterator[TextIO]:
    """
    Write the new file *path*, which appears only when it is complete.

    :raises Problem: if it may not be created: see `target`.
    :raises OSError: if it cannot be created or written.
    """
    with (
        atomic_file(target(path, force, folder), replacing=force) as partial,
        open(partial, "w", encoding="utf-8", newline="\n") as file,
    ):
        yield file
