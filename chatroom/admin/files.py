"""Files that are written for whoever asked: for their eyes only, whole or not at all, and over no other by mistake."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from .desk import FILE, Problem

_OWN = ("lock", *(FILE + suffix for suffix in ("", "-wal", "-shm", "-journal")))
"""Files in a data folder that only a server and SQLite may make."""


@contextmanager
def room_for(path: Path, force: bool, folder: Path) -> Iterator[Path]:
    """
    Make room for a new file *path*.

    :param force: let it take the place of another, once it is whole.
    :param folder: the data folder.
    :returns: where to make the file; there is none yet.
    :raises Problem: if there is another in its place.
    """
    target = path.resolve()
    if target.name in _OWN and target.parent == folder.resolve():
        raise Problem(f"{path} is a file of the journal itself; choose another name.")
    if not force:
        if os.path.lexists(path):
            raise Problem(f"{path} exists already; --force overwrites it.")
        yield path
        return
    if target.exists() and not target.is_file():
        raise Problem(f"{path} is not a file that could be overwritten.")
    with TemporaryDirectory(prefix=".chatroom-admin-", dir=target.parent) as beside:
        fresh = Path(beside) / target.name
        yield fresh
        os.replace(fresh, target)


@contextmanager
def new_text(path: Path) -> Iterator[TextIO]:
    """
    Make the new file *path*, readable for its owner only; there is none if that fails half way.

    :raises OSError: if it cannot be made or written.
    """
    number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with open(number, "w", encoding="utf-8", newline="\n") as file:
            yield file
    except BaseException as error:
        path.unlink()
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)
        raise
