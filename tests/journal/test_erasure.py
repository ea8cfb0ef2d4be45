"""Deleted text is nowhere on the disk: not in pages, the index, the write-ahead log, or backups of upgrades."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.events import Said
from chatroom.chat.ports import Query, RetentionLimit
from chatroom.journal._database import connect, schema
from chatroom.journal._erasure import EDITS_WITHIN
from chatroom.journal.offline import OfflineJournal, check

from .stand_ins import NOW, Desk
from .traces import traces

SECRET = "hunterzwei"
OTHERS = ["hunter", "hunterz", "milk", "tea", "hunterzz", "grün"]
"""Words beside it: a segment of the index shows only how a word differs from the one before."""


def said(text: str, at: float = NOW) -> Said:
    return Said("tea", at, "id-ann", "ann", text)


def deleted(re: int) -> Deleted:
    return Deleted("tea", NOW, "id-op", "op", re, "ann", by_author=False)


def edited(re: int, text: str, at: float = NOW) -> Edited:
    return Edited("tea", at, "id-ann", "ann", re, text)


def talk(count: int) -> list[Said]:
    words = random.Random(7)
    return [said(" ".join(words.choices(OTHERS, k=words.choice([1, 5, 60]))), NOW - 1000 + n) for n in range(count)]


@pytest.mark.parametrize(("secret", "token"), [(SECRET, SECRET), ("ünheimlich", "unheimlich")])
def test_a_deleted_word_is_in_no_file_a_minute_later(tmp_path, secret, token):
    with Desk(tmp_path) as desk:
        desk.write(*talk(300))
        desk.write(said(secret))
        desk.rest(2)
        assert "the index of journal.sqlite3" in traces(desk.folder, token) and traces(desk.folder, secret)
        desk.write(*talk(300), deleted(301))
        desk.rest(5)

        assert traces(desk.folder, secret) == traces(desk.folder, token) == set()
        assert desk.sql("SELECT count(*) FROM erasure") == [(0,)]
        assert desk.now(desk.journal.search(Query(((secret,),), ("tea",)))) == []
        assert len(desk.read("tea")) == 602
    assert traces(desk.folder, secret) == set() and check(desk.folder) == []


def test_no_statement_leaves_text_in_a_temporary_file(tmp_path):
    """SQLite would write one elsewhere for a large slice of the index, and nobody would erase it."""
    with Desk(tmp_path) as desk:
        in_memory = 2
        assert desk.journal._database.writer.execute("PRAGMA temp_store").fetchone() == (in_memory,)


def test_messages_say_and_find_the_same_after_their_neighbours_were_erased(tmp_path):
    with Desk(tmp_path) as desk:
        desk.write(*talk(400))
        desk.rest(2)
        before = desk.read("tea")
        desk.write(*(deleted(seq) for seq in (1, 77, 400)))
        desk.rest(5)

        left = [(seq, event) for seq, event in desk.read("tea") if seq <= 400]
        assert [one for one in left if one[0] not in (1, 77, 400)] == [
            one for one in before if one[0] not in (1, 77, 400)
        ]
        found = desk.now(desk.journal.search(Query((("milk",),), ("tea",), limit=1000)))
        assert {seq for seq, _ in found} == {seq for seq, event in left if "milk" in event.text.split()}
    assert check(desk.folder) == []


def test_an_edited_word_is_erased_later(tmp_path):
    with Desk(tmp_path) as desk:
        desk.write(*talk(100), said(SECRET), Edited("tea", NOW, "id-ann", "ann", 101, "milk"))
        desk.rest(5)
        assert desk.sql("SELECT count(*) FROM erasure") == [(1,)]
        desk.write(Edited("tea", NOW - EDITS_WITHIN, "id-ann", "ann", 101, "tea"))
        desk.rest(5)
        assert traces(desk.folder, SECRET) == set() and desk.sql("SELECT count(*) FROM erasure") == [(0,)]


def test_whoever_reads_for_long_only_delays_it(tmp_path):
    with Desk(tmp_path) as desk:
        desk.write(*talk(50), said(SECRET))
        desk.rest(2)
        with closing(sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM event").fetchone()
            desk.write(deleted(51))
            desk.rest(5)
            assert desk.sql("SELECT count(*) FROM erasure") == [(1,)]
            reader.execute("COMMIT")
        desk.rest(3)
        assert traces(desk.folder, SECRET) == set() and desk.sql("SELECT count(*) FROM erasure") == [(0,)]


@pytest.mark.parametrize("version", range(2, len(schema())))
def test_copies_that_upgrades_have_left_are_erased_too(tmp_path, version):
    old = Desk(tmp_path, scripts=schema()[:version])
    with closing(sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)) as connection:
        for number, script in enumerate(schema()[:version], 1):
            connection.executescript(f"BEGIN; {script}; PRAGMA user_version = {number}; COMMIT")
        connection.execute("PRAGMA application_id = 1128808788")
        connection.execute("INSERT INTO room VALUES (1, 'tea', '')")
        rows = [(1, seq, "said", NOW, "id-ann", "ann", text, "") for seq, text in ((1, "milk"), (2, SECRET))]
        columns = 'room, seq, type, at, "by", nick, text, target'
        connection.executemany(f"INSERT INTO event ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    del old
    with Desk(tmp_path) as desk:
        [backup] = tmp_path.glob("*.bak")
        mode = backup.stat().st_mode
        assert backup.name in traces(desk.folder, SECRET)
        desk.write(deleted(2))
        desk.rest(5)
        assert traces(desk.folder, SECRET) == set() and backup.stat().st_mode == mode
        with closing(sqlite3.connect(backup)) as connection:
            assert connection.execute("SELECT text FROM event").fetchall() == [("milk",), ("",)]
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA user_version").fetchone() == (version,)


KILLED = """
import os, signal, sys
from pathlib import Path
from chatroom.chat.changes import Deleted
from tests.journal.stand_ins import NOW, Desk
desk = Desk(sys.argv[1])
desk.open()
desk.write(Deleted("tea", NOW, "id-op", "op", 301, "ann", by_author=False))
desk.rest(float(sys.argv[2]))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("after", [0, 1.0, 1.01, 1.05])
def test_what_was_not_erased_before_the_server_was_killed_is_after_the_next_start(tmp_path, after):
    with Desk(tmp_path) as desk:
        desk.write(*talk(300))
        desk.write(said(SECRET), *talk(20))
        desk.rest(2)
    done = subprocess.run([sys.executable, "-c", KILLED, tmp_path, str(after)], check=False)
    assert done.returncode == -signal.SIGKILL
    with OfflineJournal(tmp_path) as journal:
        assert dict(journal.events("tea"))[301].text == ""
    with Desk(tmp_path) as desk:
        desk.rest(5)
        assert traces(desk.folder, SECRET) == set() and desk.sql("SELECT count(*) FROM erasure") == [(0,)]
    assert check(desk.folder) == []


def test_a_full_disk_only_delays_it(tmp_path, monkeypatch):
    with Desk(tmp_path) as desk:
        desk.write(*talk(50), said(SECRET))
        desk.rest(2)
        desk.sql("CREATE TRIGGER full BEFORE DELETE ON erasure BEGIN SELECT RAISE(ABORT, 'full'); END")
        desk.write(deleted(51))
        desk.rest(3)
        desk.sql("DROP TRIGGER full")
        desk.rest(5)
        assert traces(desk.folder, SECRET) == set() and desk.sql("SELECT count(*) FROM erasure") == [(0,)]


def test_reactions_are_cleared_a_few_at_a_time(tmp_path):
    with Desk(tmp_path) as desk:
        many = [Reacted("tea", NOW, f"id-{n}", "bob", 1, "👍", n % 2 == 0) for n in range(450)]
        desk.write(said("hello"), *many, said("milk"), Reacted("tea", NOW, "id-bob", "bob", 452, "👍"), deleted(1))
        desk.rest(5)
        kept = desk.sql("SELECT seq FROM event WHERE text LIKE '%👍%'")
        assert kept == [(453,)] and desk.sql("SELECT count(*) FROM erasure") == [(0,)]
        assert [event.added for _, event in desk.read("tea") if isinstance(event, Reacted)][:3] == [True, False, True]


def test_a_backup_that_cannot_be_read_stops_nothing(tmp_path):
    (tmp_path / "journal.sqlite3.v3.20260101T000000Z.bak").write_bytes(b"not a database" * 100)
    with Desk(tmp_path) as desk:
        desk.write(*talk(50), said(SECRET), deleted(51))
        desk.rest(5)
        assert desk.sql("SELECT count(*) FROM erasure") == [(0,)]


def test_a_copy_of_the_folder_is_as_clean(tmp_path):
    """What is erased is not only hidden by the write-ahead log."""
    with Desk(tmp_path / "data") as desk:
        desk.write(*talk(50), said(SECRET))
        desk.rest(2)
        desk.write(deleted(51))
        desk.rest(5)
        shutil.copytree(desk.folder, tmp_path / "copy")
    assert traces(tmp_path / "copy", SECRET) == set()


def test_what_was_changed_and_then_trimmed_is_erased_from_backups_too(tmp_path):
    with Desk(tmp_path) as desk:
        desk.write(said(SECRET), *talk(50))
        desk.rest(2)
    backup = tmp_path / "journal.sqlite3.v6.20260101T000000Z.bak"
    shutil.copy(tmp_path / "journal.sqlite3", backup)
    with Desk(tmp_path) as desk:
        desk.write(edited(1, "better"))
        desk.journal.trim("tea", RetentionLimit(events=10))
        desk.rest(3)
        assert backup.name in traces(desk.folder, SECRET)
        desk.write(edited(51, "later", NOW - EDITS_WITHIN))
        desk.rest(5)
        assert traces(desk.folder, SECRET) == set() and desk.sql("SELECT count(*) FROM erasure") == [(0,)]


def test_every_connection_overwrites_what_it_deletes(tmp_path):
    with Desk(tmp_path) as desk, closing(connect(desk.folder / "journal.sqlite3", "rw")) as connection:
        assert connection.execute("PRAGMA secure_delete").fetchone() == (1,)
