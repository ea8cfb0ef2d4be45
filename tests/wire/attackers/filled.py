"""Journals that hold a lot before an attack: made once, and copied."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

from chatroom.chat.syntax.names import key
from chatroom.journal._index import Indexer
from chatroom.journal.offline import OfflineJournal

from ..processes import program, run
from .crew import PASSWORD

BANS = (10_000, 100_000)
"""Bans of one room, where time is short and where it is not: who asks for them is charged by their number."""
LINES = (30_000, 300_000)
"""Lines of history, where time is short and where it is not."""

LONG = "x" * 4_000
"""A line as long as may be."""

FILL = """
INSERT INTO event (room, seq, type, at, "by", nick, text, target)
WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :lines)
SELECT :room, n, 'said', 1.6e9 + n, 'guest:' || (n % 50), 'nick' || (n % 50),
       'w' || (n % 3001) || ' w' || (n % 1009) || ' of a long talk about this and that' || :more, '' FROM number
"""


def history(data: Path, full: bool) -> None:
    """Fill the lobby, a room with long lines, and the index of words."""
    OfflineJournal(data, writing=True).close()
    database = connected(data)
    database.execute("BEGIN")
    for name, lines, more in (("lobby", LINES[full], ""), ("long", 400, LONG)):
        room = database.execute("INSERT INTO room (name) VALUES (?)", (name,)).lastrowid
        database.execute(FILL, {"room": room, "lines": lines, "more": f" {more}"})
    indexer = Indexer(database)
    while indexer.step() is not None:
        pass
    database.execute("COMMIT")
    database.close()


def bans(data: Path, full: bool) -> None:
    """Ban many nicks from a room whose operator is mallory."""
    run([program("chatroom-admin"), "--data", data, "account", "add", "mallory"], f"{PASSWORD}\n")
    database = connected(data)
    [found] = database.execute("SELECT value FROM record WHERE kind = 'account'").fetchone()
    rows = [("banned", "operator", json.loads(found)["id"], {"nick": "mallory"})]
    for number in range(BANS[full]):
        value = {"target": f"nick{number}", "reason": "", "by": "mallory", "at": 1.6e9 + number, "until": None}
        rows.append(("banned", "ban", f"nick:{key(f'nick{number}')}", value))
    database.execute("BEGIN")
    for scope, kind, name, value in rows:
        text = json.dumps(value, separators=(",", ":"))
        database.execute("INSERT INTO record VALUES (?, ?, ?, ?, ?)", (scope, kind, name, text, crc32(text.encode())))
    database.execute("COMMIT")
    database.close()


FILLERS: dict[str, Callable[[Path, bool], None]] = {"history": history, "bans": bans}


class Stores:
    """
    A filled data folder.

    :param full: whether there is time for large ones.
    """

    def __init__(self, folder: Path, full: bool) -> None:
        self._folder = folder
        self._full = full

    def copy(self, name: str, data: Path) -> None:
        """Put what is called *name*, "" for nothing, into the data folder of a server."""
        if not name:
            return
        kept = self._folder / f"{name}-{'full' if self._full else 'brief'}"
        if not kept.exists():
            making = kept.with_suffix(".new")
            shutil.rmtree(making, ignore_errors=True)
            FILLERS[name](making, self._full)
            making.rename(kept)
        shutil.copytree(kept, data)


def connected(data: Path) -> sqlite3.Connection:
    """Open the journal in *data*, for writing a lot at once."""
    database = sqlite3.connect(data / "journal.sqlite3", isolation_level=None)
    database.execute("PRAGMA synchronous = OFF")
    return database
