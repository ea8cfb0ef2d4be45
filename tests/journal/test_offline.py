"""The offline journal: reading, changing, copying and checking beside a server."""

from __future__ import annotations

import shutil
import sqlite3
from threading import Thread

import pytest

from chatroom.chat.events import AUDIT, AuditEntry, Joined, TopicChanged
from chatroom.chat.ports import (
    MENTION,
    READING,
    JournalError,
    Query,
    RecordChange,
    RetentionLimit,
    RoomRecord,
    StandingRecord,
)
from chatroom.journal._database import schema
from chatroom.journal.offline import OfflineJournal, check

from .stand_ins import NOW, Desk, Recorder, said


@pytest.fixture
def desk(tmp_path):
    """A running server with a message and a ban."""
    with Desk(tmp_path / "data") as desk:
        topic = TopicChanged("lobby", NOW, "g", "ann", topic="tea")
        desk.write(topic, *(said("lobby", f"tea {n}", NOW + n) for n in range(500)), said("@a:b", "psst"))
        rooms = ("lobby", *(f"room{n}" for n in range(20)))
        positions = [RecordChange(room, READING, "ann-id", {"seq": 17, "member": True}) for room in rooms]
        changes = [ban("bob"), ban("eve"), *positions, RecordChange("lobby", MENTION, "ann-id", {})]
        desk.journal.append(Joined("lobby", NOW, "g", "ann"), changes)
        desk.rest(2)
        yield desk


def offline(desk: Desk, **more) -> OfflineJournal:
    return OfflineJournal(desk.folder, writing=True, now=lambda: NOW + 500, sleep=lambda _: None, **more)


def ban(nick: str) -> RecordChange:
    return RecordChange("lobby", "ban", f"nick:{nick}", {"target": nick, "until": None})


def entry(text: str) -> AuditEntry:
    return AuditEntry(AUDIT, NOW, "", "root", act="ban", where="", text=text)


# -- reading and ruling


def test_everything_can_be_read_beside_a_server(desk):
    with OfflineJournal(desk.folder) as journal:
        assert journal.rooms() == ["lobby", "@a:b"]
        assert journal.room("lobby") == RoomRecord(502, "tea")
        assert list(journal.events("lobby")) == desk.read("lobby")
        assert journal.records("lobby") == [StandingRecord(*ban("bob")), StandingRecord(*ban("eve"))]
        assert journal.find("ban", "nick:eve") == [StandingRecord(*ban("eve"))]
        assert journal.records() == []


def test_long_rooms_are_read_page_by_page(desk):
    desk.write(*(said("long", str(n)) for n in range(2500)))
    with OfflineJournal(desk.folder) as journal:
        assert [seq for seq, _ in journal.events("long")] == list(range(1, 2501))
        assert list(journal.events("nowhere")) == []


def test_whoever_only_reads_cannot_write(desk):
    with OfflineJournal(desk.folder) as journal, pytest.raises(JournalError, match="the journal is read-only"):
        journal.change([ban("cat")], entry("cat"))


def test_a_change_and_its_entry_in_the_audit_log_hold_both_or_neither(desk):
    with offline(desk) as journal:
        journal.change([ban("cat"), RecordChange("lobby", "ban", "nick:bob", None)], entry("cat, not bob"))
        assert [record.key for record in journal.records("lobby")] == ["nick:cat", "nick:eve"]
        desk.sql("CREATE TRIGGER full BEFORE INSERT ON record BEGIN SELECT RAISE(ABORT, 'full'); END")
        with pytest.raises(JournalError, match="full"):
            journal.change([ban("dan")], entry("dan"))
    assert desk.read(AUDIT) == [(1, entry("cat, not bob"))]


def test_trimming_beside_a_server_leaves_its_index_in_order(desk):
    with offline(desk) as journal:
        assert journal.trim("lobby", RetentionLimit(seconds=100.0)) == 401
        assert (
            journal.trim("lobby", RetentionLimit(seconds=100.0))
            == journal.trim("nowhere", RetentionLimit(events=1))
            == 0
        )
    desk.write(said("lobby", "tea at last", NOW + 501))
    found = desk.now(desk.journal.search(Query((("tea",),), ("lobby",), limit=1000)))
    assert [seq for seq, _ in found] == [503, *range(501, 401, -1)]
    assert check(desk.folder) == []


def test_the_first_to_write_makes_the_journal(tmp_path):
    with OfflineJournal(tmp_path / "new", writing=True) as journal:
        journal.change([RecordChange("", "account", "ann", {"admin": True})], entry("ann"))
    with Desk(tmp_path / "new") as desk:
        assert [record.key for record in desk.journal.standing()] == ["ann"]
    assert check(tmp_path / "new") == []


@pytest.mark.parametrize("version", range(1, len(schema())))
def test_an_older_journal_is_upgraded_only_to_be_written_and_never_under_a_server(tmp_path, version):
    with Desk(tmp_path, scripts=schema()[:version]) as old:
        old.write(said("a", "1"))
        with pytest.raises(JournalError, match="in use by another chatroom server"):
            OfflineJournal(tmp_path, writing=True)
    with pytest.raises(JournalError, match="older version; start the server once"):
        OfflineJournal(tmp_path)
    assert "start the server once" in check(tmp_path)[0]

    with OfflineJournal(tmp_path, writing=True) as journal:
        assert journal.rooms() == ["a"]
        journal.change([ban("bob")], entry("bob"))
    assert check(tmp_path) == []
    [backup] = tmp_path.glob("*.bak")
    (tmp_path / "restored").mkdir()
    backup.rename(tmp_path / "restored" / "journal.sqlite3")
    with Desk(tmp_path / "restored", scripts=schema()[:version]) as restored:
        # Its columns are those of its version.
        assert restored.sql("SELECT seq, text FROM event") == [(1, "1")]


def test_what_cannot_be_opened_is_named_with_the_reason(tmp_path):
    path = tmp_path / "journal.sqlite3"
    with pytest.raises(JournalError, match=f"{path}: there is no journal here"):
        OfflineJournal(tmp_path)
    path.write_text("Dear diary, " * 1000)
    for writing in (True, False):
        with pytest.raises(JournalError, match=f"{path}: this is not a database"):
            OfflineJournal(tmp_path, writing=writing)
    path.unlink()
    path.mkdir()
    with pytest.raises(JournalError, match=str(path)):
        OfflineJournal(tmp_path)


def test_nothing_is_left_lying_about(desk):
    desk.close()
    with OfflineJournal(desk.folder) as journal:
        list(journal.events("lobby"))
    check(desk.folder)
    assert {path.name for path in desk.folder.iterdir()} == {"journal.sqlite3", "lock"}
    desk.open()


# -- backups


def test_a_backup_is_for_its_owner_only_and_never_overwrites(desk, tmp_path):
    copy = tmp_path / "copy"
    with OfflineJournal(desk.folder) as journal:
        journal.backup(copy)
        assert copy.stat().st_mode & 0o777 == 0o600
        with pytest.raises(JournalError, match=f"{copy}: File exists"):
            journal.backup(copy)
        with pytest.raises(JournalError, match="No such file"):
            journal.backup(tmp_path / "nowhere" / "copy")
    assert {path.name for path in tmp_path.iterdir()} == {"copy", "data"}


def test_a_backup_taken_while_somebody_writes_is_of_one_moment(desk, tmp_path):
    """Each commit says one line in two rooms and counts it in a record."""
    stop = []
    copies = [tmp_path / f"copy{n}" for n in range(5)]

    def write():
        with OfflineJournal(desk.folder, writing=True) as journal:
            count = 0
            while not stop:
                count += 1
                lines = [said(room, f"line {count} " * 50, NOW) for room in ("x", "y")]
                journal._writer.commit(lines, ())
                journal.change([RecordChange("", "count", "it", {"n": count})], entry(str(count)))

    writer = Thread(target=write)
    writer.start()
    try:
        with OfflineJournal(desk.folder) as journal:
            while journal.room("x").last < 20:
                pass
            for copy in copies:
                journal.backup(copy)
    finally:
        stop.append(True)
        writer.join()

    for copy in copies:
        (tmp_path / copy.name[-1]).mkdir()
        shutil.move(copy, tmp_path / copy.name[-1] / "journal.sqlite3")
        assert check(tmp_path / copy.name[-1]) == []
        with Desk(tmp_path / copy.name[-1]) as restored:
            lines, counted = len(restored.read("x")), restored.journal.standing()[0].value["n"]
            assert lines == len(restored.read("y")) >= 20
            assert counted == len(restored.read(AUDIT)) and counted in (lines, lines - 1)
            assert restored.read("lobby")[:502] == desk.read("lobby")


# -- damage


def test_a_whole_journal_has_no_problems(desk):
    assert check(desk.folder) == []
    desk.close()
    assert check(desk.folder) == []
    desk.open()


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        ("DELETE FROM event WHERE seq = 7", "events are missing in the room lobby: it has 501 of 1 to 502"),
        ("UPDATE event SET type = 'danced' WHERE seq = 502", "event 502 of the room lobby cannot be read"),
        ("UPDATE event SET nick = x'ff' WHERE seq = 502", "event 502 of the room lobby cannot be read"),
        ("UPDATE event SET nick = 'eve' WHERE seq = 7", "event 7 of the room lobby has been altered"),
        ("UPDATE event SET text = 'Tea 5' WHERE seq = 7", "event 7 of the room lobby has been altered"),
        ("UPDATE said SET sum = 1 WHERE seq = 7", "event 7 of the room lobby has been altered"),
        ("DELETE FROM said WHERE seq = 7", "event 7 of the room lobby cannot be searched for"),
        (
            "UPDATE record SET value = '{}' WHERE key = 'nick:eve'",
            "the record ban nick:eve of the room lobby has",
        ),
        ("UPDATE said SET speaker = 99 WHERE seq = 7", "a row of said belongs to no speaker"),
        ("UPDATE event SET text = 'coffee' WHERE seq = 7", "the search index does not fit what was said"),
        ("UPDATE room SET topic = 'coffee' WHERE id = 1", "the topic of the room lobby is not the one"),
        ("DELETE FROM meta", "the secret that signs resume tokens"),
        ("DROP TRIGGER trimming_a_slice", "trimming_a_slice differs from the schema"),
        ("INSERT INTO room (name) VALUES ('empty')", "the room empty has no events"),
        ("PRAGMA application_id = 7", "a database of another application"),
        ("PRAGMA user_version = 9", f"written by a newer chatroom (version 9; this one knows {len(schema())})"),
    ],
)
def test_each_sort_of_damage_is_told_in_plain_words(desk, damage, problem):
    desk.sql(damage)
    problems = check(desk.folder)
    assert any(problem in line for line in problems), problems
    assert all(line.startswith(f"{desk.folder}/journal.sqlite3: ") and "\n" not in line for line in problems)


def test_where_there_is_nothing_to_check_that_is_said(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        assert check(folder) == [f"{folder}/journal.sqlite3: there is no journal here"]
    (tmp_path / "journal.sqlite3").mkdir()
    assert check(tmp_path) == [f"{tmp_path}/journal.sqlite3: the journal cannot be opened"]


@pytest.mark.slow
def test_any_flipped_byte_that_matters_is_found(desk):
    """Damages bytes of the header and of every page; whatever passes the check reads the same."""
    desk.close()
    path = desk.folder / "journal.sqlite3"
    whole = path.read_bytes()
    before = content(path)
    places = [*range(0, 100, 3), *range(100, len(whole), 601)]
    missed = []
    for place in places:
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x11]) + whole[place + 1 :])
        if not check(desk.folder) and content(path) != before:
            missed.append(place)
    assert missed == []
    path.write_bytes(whole)
    desk.open()


def content(path) -> list:
    """Messages, records and positions: everything whose change must be noticed."""
    database = sqlite3.connect(path)
    database.text_factory = bytes
    try:
        events = "SELECT * FROM event WHERE type = 'said' ORDER BY room, seq"
        tables = ("record", "room", "reading", "mention")
        return [database.execute(each).fetchall() for each in (events, *(f"SELECT * FROM {name}" for name in tables))]
    finally:
        database.close()


def test_a_check_does_not_disturb_a_server(desk):
    told = Recorder()
    desk.journal._commits.listener = told
    check(desk.folder)
    desk.write(said("lobby", "still here"))
    desk.rest(2)
    assert told.texts("lobby") == ["still here"]
    assert told.changes == []
