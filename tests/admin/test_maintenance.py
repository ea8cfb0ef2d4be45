"""Trimming, checking, backing up and restoring."""

from __future__ import annotations

import json
import os
import sqlite3
import stat

import pytest

from chatroom.chat.events import Said
from tests.journal.stand_ins import NOW, Desk

from .conftest import AT


def texts(desk: Desk, room: str) -> list[str]:
    return [event.text for _, event in desk.read(room)]


@pytest.fixture
def talk(server):
    """A lot more said, in another room."""
    server.write(*(Said("long", AT + n, "g1", "ann", text=f"{n:03} " + "x" * 996) for n in range(300)))
    return server


@pytest.mark.parametrize(
    ("bounds", "left"),
    [
        (("--lines", "10"), 10),
        (("--megabytes", "0.1"), 100),
        (("--days", "1"), 1),
        (("--lines", "200", "--megabytes", "0.15"), 150),
        (("--lines", "1000"), 300),
    ],
)
def test_a_room_is_trimmed_to_the_closest_bound(admin, talk, bounds, left):
    removed = 300 - left
    done = admin("trim", "long", *bounds)
    assert done.lines == [f"Deleted {removed} events from #long."]
    assert texts(talk, "long") == [f"{n:03} " + "x" * 996 for n in range(removed, 300)]
    entries = [json.loads(line) for line in admin("audit", "--json").lines[1:]]
    expected = [("trim", "long", f"deleted the oldest {removed} events")] if removed else []
    assert [(entry["act"], entry["where"], entry["text"]) for entry in entries] == expected
    assert admin("check").status == 0


def test_all_rooms_are_trimmed_but_no_conversation_and_not_the_audit_log(admin, talk):
    talk.write(Said("@g1:g2", AT, "g1", "ann", text="psst, again"))
    talk.take_over()
    assert admin("trim", "--all", "--lines", "1").lines == ["Deleted 302 events from 3 rooms."]
    assert len(talk.read("lobby")) == len(talk.read("long")) == len(talk.read("attic")) == 1
    assert len(talk.read("@g1:g2")) == 2
    assert len(admin("audit").lines) == 3

    assert admin("trim", "@g1:g2", "--lines", "1").lines == ["Deleted 1 event from @g1:g2."]
    assert "deleted the oldest 1 event of @g1:g2" in admin("audit", "-n", "1").lines[0]


@pytest.mark.parametrize(
    "words",
    [
        ("lobby",),
        ("--lines", "5"),
        ("lobby", "--all", "--lines", "5"),
        ("lobby", "--lines", "0"),
        ("lobby", "--lines", "1.5"),
        ("lobby", "--days", "-1"),
        ("lobby", "--days", "nan"),
        ("lobby", "--days", "1e400"),
        ("lobby", "--megabytes", "0"),
        ("lobby", "--megabytes", "much"),
    ],
)
def test_bounds_that_make_no_sense_are_a_mistake_of_the_command_line(admin, server, words):
    done = admin("trim", *words)
    assert (done.status, done.out) == (2, "")
    assert done.err.splitlines()[-1].startswith("chatroom-admin trim: ")
    assert len(server.read("lobby")) == 4


def test_a_whole_journal_is_ok_and_counted(admin, server):
    assert admin("check").lines == ["ok: 7 events, 2 rooms, 1 conversation, 0 accounts"]
    admin("trim", "lobby", "--lines", "1")
    assert admin("check").lines == ["ok: 5 events, 2 rooms, 1 conversation, 0 accounts"]


def test_a_flipped_byte_is_found_and_said(admin, talk):
    talk.rest(2)  # so that it is indexed, which is when its checksum is taken
    talk.close()
    path = admin.folder / "journal.sqlite3"
    whole = path.read_bytes()
    place = whole.index(b"007 xxx")
    path.write_bytes(whole[:place] + b"8" + whole[place + 1 :])
    done = admin("check")
    assert done.status == 1 and done.err == ""
    assert f"{path}: event 8 of the room long has been altered" in done.out.splitlines()
    path.write_bytes(whole)
    assert admin("check").status == 0
    talk.open()


@pytest.mark.slow
def test_whatever_byte_is_flipped_there_is_no_traceback(admin, talk):
    talk.close()
    path = admin.folder / "journal.sqlite3"
    whole = path.read_bytes()
    commands = [("rooms",), ("account", "list"), ("ban", "list", "lobby"), ("audit",), ("export", "lobby"), ("check",)]
    for number, place in enumerate([*range(0, 100, 7), *range(100, len(whole), 4099)]):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x15]) + whole[place + 1 :])
        done = admin(*commands[number % len(commands)])
        assert done.status in (0, 1) and done.err.count("\n") <= 1, (place, done)
    path.write_bytes(whole)
    talk.open()


def test_a_backup_of_a_running_server_is_restored(admin, talk, tmp_path):
    copy = tmp_path / "copy"
    done = admin("backup", str(copy))
    assert done.lines == [f"{copy.stat().st_size:,} bytes written to {copy}."]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    before = talk.read("long")

    other = tmp_path / "other"
    other.mkdir()
    copy.rename(other / "journal.sqlite3")
    talk.write(Said("long", NOW, "g1", "ann", text="later"))
    with Desk(other) as restored:
        assert restored.read("long") == before
    admin.folder = other
    assert admin("check").status == 0


def test_a_backup_overwrites_nothing_unless_forced(admin, server, tmp_path):
    copy = tmp_path / "copy"
    copy.write_text("precious")
    assert admin("backup", str(copy)).complaint == f"{copy} already exists; --force overwrites it."
    assert copy.read_text() == "precious"
    assert admin("backup", str(copy), "--force").status == 0
    assert copy.read_bytes().startswith(b"SQLite format 3")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["journal.sqlite3", "journal.sqlite3-wal", "journal.sqlite3-journal", "lock"])
def test_a_backup_never_takes_the_place_of_the_journal(admin, server, name):
    for force in ((), ("--force",)):
        assert "a file of the journal itself" in admin("backup", str(admin.folder / name), *force).complaint
    assert admin("check").status == 0


def test_a_backup_into_nowhere_is_one_clear_line(admin, server, tmp_path):
    for force in ((), ("--force",)):
        copy = tmp_path / "nowhere" / "copy"
        assert admin("backup", str(copy), *force).complaint.endswith(f"{copy}: No such file or directory")


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("rooms",),
        ("audit",),
        ("export", "lobby"),
        ("backup", "copy"),
        ("account", "list"),
        ("account", "delete", "ann"),
        ("account", "password", "ann"),
        ("account", "role", "ann", "admin"),
        ("ban", "list"),
        ("ban", "lift", "bob"),
        ("trim", "--all", "--days", "1"),
    ],
)
def test_where_there_is_no_journal_none_is_made(admin, tmp_path, words):
    assert admin(*words).complaint == f"There is no folder {admin.folder}."
    admin.folder.mkdir()
    assert admin(*words).complaint.startswith(f"There is no journal.sqlite3 in {admin.folder}: ")
    assert list(admin.folder.iterdir()) == []
    admin.folder.rmdir()
    admin.folder.write_text("")
    assert admin(*words).complaint == f"{admin.folder} is not a folder."
    assert os.listdir(tmp_path) == ["data"]


@pytest.mark.parametrize(
    ("version", "reason"),
    [(99, "written by a newer chatroom (version 99"), (1, "start the server once to upgrade it")],
)
def test_a_journal_of_another_version_is_one_clear_line(admin, server, version, reason):
    server.sql(f"PRAGMA user_version = {version}")
    for words in (("rooms",), ("account", "list"), ("export", "lobby"), ("backup", "/tmp/never-made")):
        assert reason in admin(*words).complaint
    done = admin("check")
    assert done.status == 1 and reason in done.out
    server.sql("PRAGMA user_version = 2")


def test_what_is_no_database_is_one_clear_line(admin):
    admin.folder.mkdir()
    (admin.folder / "journal.sqlite3").write_text("Dear diary, " * 1000)
    for words in (("rooms",), ("trim", "--all", "--days", "1"), ("account", "add", "ann")):
        assert "this is not a database" in admin(*words, typed="correct horse\n").complaint
    assert admin("check").status == 1


def test_a_folder_that_cannot_be_opened_is_one_clear_line(admin, tmp_path):
    (tmp_path / "file").touch()
    admin.folder = tmp_path / "file" / "below"
    assert admin("rooms").complaint.startswith("There is no folder ")


def test_a_locked_journal_is_one_clear_line(admin, server, monkeypatch):
    connect = sqlite3.connect
    # For the lock the program waits five seconds; the test need not.
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: connect(*args, **{**options, "timeout": 0.1}))
    other = connect(admin.folder / "journal.sqlite3", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert admin("ban", "lift", "bob").complaint.endswith("another program has locked the journal")
    other.close()
