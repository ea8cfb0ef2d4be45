"""Traces: where a data folder still has a text that was deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


def traces(folder: Path, secret: str) -> set[str]:
    """Name the files with the bytes of *secret*, and the databases, backups too, whose index knows the word."""
    found = {path.name for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()}
    for path in (folder / "journal.sqlite3", *folder.glob("*.bak")):
        with closing(sqlite3.connect(":memory:")) as copy:
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
                connection.backup(copy)
            copy.execute("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, words, row)")
            if (secret,) in copy.execute("SELECT term FROM temp.terms").fetchall():
                found.add(f"the index of {path.name}")
    return found
