"""Deletion from outside: deletes a message in a folder that no server is using, and erases it from the disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chatroom.chat.changes import Deleted
from chatroom.chat.events import AuditEntry
from chatroom.chat.ports import JournalError

from ._backups import erase_in_backups
from ._database import Database, InUse, schema
from ._erasure import Eraser
from ._writer import Writer

_CHECKPOINTS = 100
"""How often to try to empty the write-ahead log, at most, while another program reads from it."""


def delete_offline(
    folder: Path, deleted: Deleted, entry: AuditEntry, now: float, sleep: Callable[[float], object]
) -> bool:
    """
    Store *deleted* with *entry* in the audit log, and erase the message from the disk; blocks.

    :param now: seconds since the epoch.
    :returns: False if a server is using the folder: nothing is done then.
    :raises JournalError: if that fails.
    """
    try:
        database = Database(folder, schema(), now)
    except InUse:
        return False
    try:
        Writer(database.writer).commit([deleted, entry])
        eraser = Eraser(database.writer)
        last = eraser.begin(now)
        while eraser.step() is not None:
            pass
        left = erase_in_backups(folder, eraser.texts())
        for _ in range(_CHECKPOINTS):
            if database.truncate():
                eraser.forget(last)
                if left:
                    raise JournalError(f"the message is deleted, but its text may still be in a backup: {left[0]}")
                return True
            sleep(0.1)
        raise JournalError("another program is reading the journal; the next start of the server erases the message")
    finally:
        database.close()
