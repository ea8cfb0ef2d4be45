"""The journal on disk: locking, upgrades, recovery and full disks."""

from __future__ import annotations

import os
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from threading import Event as Gate

import pytest
import pytest_twisted
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.logger import globalLogPublisher

from chatroom.chat.events import AUDIT, AuditEntry, Batch, Joined, Left, Renamed, Said, TopicChanged
from chatroom.chat.ports import JournalError, RecordChange, RetentionLimit
from chatroom.journal._database import schema
from chatroom.journal.offline import OfflineJournal
from chatroom.journal.sqlite import SqliteJournal

from .stand_ins import NOW, AtOnce, Desk, Recorder, Workers, said


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path / "data")
    yield desk
    desk.close()


NEWEST = len(schema())
"""The version of the schema that this chatroom knows."""


def entry(text: str) -> AuditEntry:
    return AuditEntry(AUDIT, NOW, "", "root", act="ban", where="", text=text)


def joined(room: str, nick: str) -> Joined:
    return Joined(room, 1.0, f"id-{nick}", nick)


# -- opening


def test_the_folder_and_its_files_are_for_their_owner_only(tmp_path):
    desk = Desk(tmp_path / "some" / "folder")
    desk.open()
    desk.write(said("a", "1"))

    assert desk.folder.stat().st_mode & 0o777 == 0o700
    modes = {path.name: path.stat().st_mode & 0o777 for path in desk.folder.iterdir()}
    assert modes["journal.sqlite3"] == modes["journal.sqlite3-wal"] == modes["lock"] == 0o600
    desk.close()
    assert {path.name for path in desk.folder.iterdir()} == {"journal.sqlite3", "lock"}


def test_everything_is_there_after_closing_and_opening_again(desk):
    desk.open()
    desk.write(said("a", "1"), said("b", "1"), said("a", "2"))
    secret, before = desk.journal.secret, desk.read("a")
    desk.close()

    again = Desk(desk.folder)
    assert again.open() == 0
    assert (again.journal.secret, again.read("a")) == (secret, before)
    again.write(said("a", "3"))
    assert [seq for seq, _ in again.read("a")] == [1, 2, 3]
    again.close()


def test_two_servers_never_share_a_folder(desk):
    desk.open()
    second = Desk(desk.folder)
    line = f"{desk.folder} is in use by another chatroom server (process {os.getpid()}); --data names another"
    assert second.refusal() == line
    desk.close()
    second.open()
    second.close()


def test_an_upgrade_runs_the_missing_steps_and_keeps_a_backup(desk):
    desk.open()
    desk.write(said("a", "1"))
    desk.close()

    newer = [*schema(), "ALTER TABLE room ADD COLUMN mood TEXT; UPDATE room SET mood = 'calm'"]
    later = Desk(desk.folder, scripts=newer)
    later.open()
    assert later.sql("PRAGMA user_version") == [(NEWEST + 1,)]
    assert later.sql("SELECT name, mood FROM room") == [("a", "calm")]
    assert later.read("a") == [(1, said("a", "1"))]
    later.close()

    (backup,) = desk.folder.glob("*.bak")
    assert backup.name == f"journal.sqlite3.v{NEWEST}.20231114T221320Z.bak"
    assert backup.stat().st_mode & 0o777 == 0o600
    copy = sqlite3.connect(backup)
    assert copy.execute("PRAGMA user_version").fetchone() == (NEWEST,)
    assert copy.execute("SELECT text FROM event").fetchall() == [("1",)]
    copy.close()
    assert f"written by a newer chatroom (version {NEWEST + 1}; this one knows {NEWEST})" in desk.refusal()


def test_an_upgrade_that_fails_leaves_the_old_version(desk):
    desk.open()
    desk.write(said("a", "1"))
    desk.close()

    broken = Desk(desk.folder, scripts=[*schema(), "CREATE TABLE fine (x); SELECT nonsense"])
    assert "nonsense" in broken.refusal()
    assert desk.sql("PRAGMA user_version") == [(NEWEST,)]
    desk.open()
    assert desk.read("a") == [(1, said("a", "1"))]


def test_the_database_of_another_application_is_left_alone(desk):
    desk.folder.mkdir()
    desk.sql("CREATE TABLE recipe (name)")
    assert desk.refusal() == f"{desk.folder}/journal.sqlite3: a database of another application"
    assert desk.sql("SELECT name FROM sqlite_master") == [("recipe",)]


def test_a_file_that_is_no_database_is_left_alone(desk):
    desk.folder.mkdir()
    path = desk.folder / "journal.sqlite3"
    path.write_text("Dear diary, " * 1000)
    assert desk.refusal() == f"{path}: this is not a database"
    assert path.read_text().startswith("Dear diary")


def test_a_damaged_database_is_not_opened(desk):
    desk.open()
    desk.write(*(said(f"room {n}", "x" * 500) for n in range(100)))
    desk.close()
    path = desk.folder / "journal.sqlite3"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * 4000 + whole[4100:])
    assert desk.refusal() == f"{path}: the journal is damaged"


def test_a_path_that_cannot_be_is_named_with_the_reason(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "data" / "journal.sqlite3").mkdir(parents=True)

    assert Desk(tmp_path / "file").refusal() == f"{tmp_path}/file: Not a directory"
    assert Desk(tmp_path / "file" / "data").refusal() == f"{tmp_path}/file/data: Not a directory"
    assert Desk(tmp_path / "data").refusal() == f"{tmp_path}/data/journal.sqlite3: Is a directory"
    assert re.match("/proc", Desk(Path("/proc/chatroom")).refusal())


@contextmanager
def not_root():
    """Root may write anywhere, so if that is who we are, we are nobody for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_without_permission_is_named():
    scripts = schema()  # where nobody may not read them
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        with not_root():
            assert Desk(folder, scripts=scripts).refusal() == f"{folder}/lock: Permission denied"


def test_after_a_refusal_the_folder_is_free_again(desk):
    desk.folder.mkdir()
    (desk.folder / "journal.sqlite3").write_text("Dear diary, " * 1000)
    desk.refusal()
    (desk.folder / "journal.sqlite3").unlink()
    assert desk.open() == 0


# -- crashing


def after_a_crash(desk: Desk) -> Desk:
    """The events that a server would load from the files as they are now."""
    copy = Path(tempfile.mkdtemp(dir=desk.folder.parent))
    for path in desk.folder.glob("journal.sqlite3*"):
        if not path.name.endswith("-shm"):
            shutil.copy(path, copy)
    return Desk(copy)


def test_whoever_a_crash_left_inside_has_left_when_it_opens_again(desk):
    desk.open()
    desk.write(joined("a", "ann"), joined("b", "ann"), joined("a", "bob"), joined("a", "eve"))
    desk.write(Renamed("a", 1.0, "id-ann", "ann", new="anna"), Left("a", 1.0, "id-bob", "bob"))

    survivor = after_a_crash(desk)
    assert survivor.open() == 3
    reason = "the server stopped unexpectedly"
    assert [event for _, event in survivor.read("a")[-2:]] == [
        Left("a", NOW, "id-ann", "anna", reason=reason),
        Left("a", NOW, "id-eve", "eve", reason=reason),
    ]
    assert survivor.read("b")[1] == (2, Left("b", NOW, "id-ann", "ann", reason=reason))
    survivor.close()
    assert survivor.open() == 0
    survivor.close()


def test_when_nobody_can_be_recorded_as_gone_it_does_not_open_and_can_later(desk):
    desk.open()
    desk.write(joined("a", "ann"))
    survivor = after_a_crash(desk)
    survivor.sql("CREATE TRIGGER full AFTER INSERT ON event BEGIN SELECT RAISE(ABORT, 'full'); END")

    assert survivor.refusal() == f"{survivor.folder}/journal.sqlite3: SQLite says: full"
    survivor.sql("DROP TRIGGER full")
    assert survivor.open() == 1
    survivor.close()


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["join", "leave", "rename", "turn"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["x", "y"]),
    ),
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_presence_is_what_the_events_say_however_they_fall_into_commits(steps):
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.open()
        inside: dict[tuple[str, str], str] = {}
        for kind, room, by, nick in steps:
            if kind == "turn":
                desk.turn()
            elif kind == "join":
                desk.journal.append(Joined(room, 1.0, by, nick))
                inside[room, by] = nick
            elif kind == "leave":
                desk.journal.append(Left(room, 1.0, by, nick))
                inside.pop((room, by), None)
            else:
                desk.journal.append(Renamed(room, 1.0, by, "z", new=nick))
                if (room, by) in inside:
                    inside[room, by] = nick
        desk.settle()
        rows = desk.sql("SELECT name, identity, nick FROM presence JOIN room ON id = room")
        assert {(room, by): nick for room, by, nick in rows} == inside
        desk.close()


SERVER = """
import sys
from pathlib import Path
from twisted.internet import reactor
from chatroom.chat.events import Joined, Said
from chatroom.journal.offline import OfflineJournal
from chatroom.journal.sqlite import SqliteJournal

class Told:
    def committed(self, batches):
        for batch in batches:
            for seq, event in batch:
                print(batch.room, seq, flush=True)
        say()

def say():
    for _ in range(3):
        journal.append(Said("a", 1.0, "id-ann", "ann", text="x" * 100))

journal = SqliteJournal(Path(sys.argv[1]), reactor.callLater, reactor.callFromThread)
journal.open(Told())
journal.append(Joined("a", 1.0, "id-ann", "ann"))
reactor.run()
"""


def test_a_killed_server_has_everything_that_it_told(tmp_path):
    server = subprocess.Popen([sys.executable, "-c", SERVER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    told = [server.stdout.readline() for _ in range(200)]
    server.kill()
    told += server.stdout.read().splitlines(keepends=True)
    server.stdout.close()
    server.wait()
    last = max(int(line.split()[1]) for line in told if line.endswith("\n"))

    desk = Desk(tmp_path)
    assert desk.open() == 1
    events = desk.read("a")
    assert [seq for seq, _ in events] == list(range(1, len(events) + 1))
    assert len(events) >= last + 1
    assert isinstance(events[-1][1], Left)
    desk.close()


# -- failing


def test_a_full_disk_fails_commits_until_there_is_room_again(desk):
    """The limit on the size of files stands in for the disk; the failure is the system's own."""
    desk.open()
    desk.write(said("a", "1"))
    size = (desk.folder / "journal.sqlite3-wal").stat().st_size
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, usual[1]))
    try:
        desk.write(said("a", "2"))  # the redo log has room for this
        desk.take_over()
        desk.write(said("a", "lost"))
        desk.write(joined("a", "ann"), said("b", "lost"))
        assert [event.text for _, event in desk.read("a")] == ["1", "2"]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    desk.write(said("a", "3"), said("b", "1"))

    reasons = [reason for _, reason in desk.told.failures]
    assert reasons == ["the disk cannot be read or written"] * 2
    assert [(seq, event.text) for seq, event in desk.read("a")] == [(1, "1"), (2, "2"), (3, "3")]
    assert desk.sql("SELECT seq, text FROM event WHERE room = 1") == [(1, "1"), (2, "2"), (3, "3")]
    assert desk.told.texts("b") == ["1"]


def test_a_full_database_says_that_the_disk_is_full(desk):
    desk.open()
    desk.write(said("a", "1"))
    desk.journal._database.writer.execute("PRAGMA max_page_count = 1")
    desk.write(said("a", "x" * 300_000))
    assert desk.told.failures[0][1] == "the disk is full"
    desk.write(said("a", "2"))
    assert desk.told.texts("a") == ["1", "2"]


@pytest.fixture
def log():
    events = []
    globalLogPublisher.addObserver(events.append)
    yield events
    globalLogPublisher.removeObserver(events.append)


def test_a_bug_is_logged_and_its_events_are_reported_as_failed(desk, log):
    """No encoding has this text, so that SQLite is never even asked."""
    desk.open()
    desk.write(said("a", "\ud800"))
    desk.write(said("a", "1"))

    assert desk.told.failures == [
        ([said("a", "\ud800")], "something is wrong with the journal; the server's log says what")
    ]
    assert desk.read("a") == [(1, said("a", "1"))]
    assert [event["log_failure"].type for event in log if "log_failure" in event] == [UnicodeEncodeError]


def test_a_listener_that_fails_is_logged_and_the_journal_goes_on(desk, log):
    desk.open()
    desk.told.then = lambda: 1 / 0
    desk.write(said("a", "1"))
    desk.write(said("a", "2"))
    assert desk.told.texts("a") == ["1", "2"]
    assert [event["log_failure"].type for event in log if "log_failure" in event] == [ZeroDivisionError]


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("DELETE FROM event WHERE seq = 2", "events are missing in a"),
        ("UPDATE event SET type = 'danced' WHERE seq = 2", "only a newer chatroom knows"),
        ("ALTER TABLE event RENAME TO elsewhere", "no such table"),
    ],
)
def test_what_cannot_be_read_is_an_error_and_not_a_guess(desk, damage, reason):
    desk.open()
    desk.write(*(said("a", str(n)) for n in range(3)))
    desk.sql(damage)
    failure = desk.now(desk.journal.after("a", 0, 10).addErrback(lambda failure: failure.value))
    assert isinstance(failure, JournalError)
    assert reason in str(failure)


def test_what_retention_has_removed_shows_as_a_gap_before_first(desk):
    desk.open()
    desk.write(*(said("a", str(n)) for n in range(1, 10)))
    desk.sql("DELETE FROM event WHERE seq < 6")

    batch = desk.now(desk.journal.after("a", 2, 3))
    assert [(seq, event.text) for seq, event in batch] == [(6, "6"), (7, "7"), (8, "8")]
    assert len(desk.now(desk.journal.before("a", 6, 3))) == 0


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.builds(
            said,
            st.just("a"),
            st.text(st.characters(exclude_categories=["Cs"])),
            st.floats(0, 4e9, allow_subnormal=False),
        )
    )
)
def test_any_text_and_any_time_are_read_as_they_were_written(events):
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.open()
        desk.write(*events)
        assert [event for _, event in desk.read("a")] == events
        desk.close()


INTERLEAVINGS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.sampled_from("abc")),
        st.tuples(st.just("topic"), st.sampled_from("abc")),
        st.tuples(st.just("poison"), st.sampled_from("abc")),
        st.tuples(st.just("turn"), st.integers(1, 3)),
        st.tuples(st.just("reopen"), st.none()),
    ),
    max_size=40,
)


@settings(max_examples=50, deadline=None)
@given(INTERLEAVINGS)
def test_seq_is_dense_and_reading_agrees_with_what_was_told_through_any_failures(steps):
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        desk.open()
        desk.sql(
            "CREATE TRIGGER poison AFTER INSERT ON event WHEN new.text = 'poison'"
            " BEGIN SELECT RAISE(ABORT, 'poisoned'); END"
        )
        sent = []
        for n, (kind, argument) in enumerate(steps):
            if kind == "turn":
                for _ in range(argument):
                    desk.turn()
            elif kind == "reopen":
                desk.close()
                desk.open()
            else:
                event = (
                    TopicChanged(argument, float(n), "g1", "ann", topic=str(n))
                    if kind == "topic"
                    else said(argument, "poison" if kind == "poison" else str(n), float(n))
                )
                sent.append(event)
                desk.journal.append(event)
        desk.settle()

        stored = {id(event) for commit in desk.told.commits for batch in commit for event in batch.events}
        failed = {id(event) for events, _ in desk.told.failures for event in events}
        assert stored | failed == {id(event) for event in sent}
        assert not stored & failed
        for room in "abc":
            seen = desk.told.seen(room)
            assert [seq for seq, _ in seen] == list(range(1, len(seen) + 1))
            assert [event for _, event in seen] == [
                event for event in sent if event.room == room and id(event) in stored
            ]
            assert desk.read(room) == seen
            topics = [event.topic for _, event in seen if isinstance(event, TopicChanged)]
            assert desk.now(desk.journal.room(room)).topic == (topics[-1] if topics else "")
        desk.close()


# -- other programs


def ban(nick: str, by: str = "ann") -> RecordChange:
    return RecordChange("", "ban", f"nick:{nick}", {"by": by})


def unban(nick: str) -> RecordChange:
    return RecordChange("", "ban", f"nick:{nick}", None)


def rule_beside(desk: Desk, *changes: RecordChange) -> None:
    """Change records as ``chatroom-admin`` does, in another program."""
    with OfflineJournal(desk.folder, writing=True) as other:
        other.change(changes, entry("ruled"))


def test_what_another_program_changed_is_told_within_a_second_and_once(desk):
    desk.open()
    desk.write(said("a", "1"))
    desk.journal.change([ban("bob"), ban("eve")])
    desk.rest(2.5)
    assert desk.told.changes == []

    rule_beside(desk, unban("eve"), ban("cat"), RecordChange("a", "setting", "slow", {"value": "5"}))
    desk.rest(1.1)
    assert desk.told.changes == [[unban("eve"), ban("cat"), RecordChange("a", "setting", "slow", {"value": "5"})]]
    desk.rest(3)
    assert len(desk.told.changes) == 1
    rule_beside(desk, unban("bob"))
    desk.rest(1.1)
    assert desk.told.changes[1:] == [[unban("bob")]]


def test_a_record_is_told_as_it_is_stored_when_it_is_told(desk):
    """Another program bans bob and cat; before that is noticed, this one lifts the one and renews the other."""
    desk.open()
    rule_beside(desk, ban("bob", "root"), ban("cat", "root"), unban("dan"))
    desk.now(desk.journal.change([unban("bob"), ban("cat", "ann")]))
    desk.rest(1.1)
    assert desk.told.changes == [[unban("bob"), ban("cat", "ann"), unban("dan")]]


def test_what_another_program_changed_is_told_while_the_index_has_to_catch_up(desk):
    desk.open()
    desk.journal._indexer.step = lambda: 0  # there is always more to do
    desk.rest(2.0)
    rule_beside(desk, ban("bob"))
    desk.rest(1.1)
    assert desk.told.changes == [[ban("bob")]]


def test_many_changes_of_another_program_are_told_in_slices(desk):
    desk.open()
    names = [f"n{n}" for n in range(2_050)]
    rule_beside(desk, *map(ban, names))
    desk.rest(1.1)
    assert max(map(len, desk.told.changes)) <= 100
    assert [change for changes in desk.told.changes for change in changes] == list(map(ban, names))


def test_what_was_changed_before_the_start_is_not_told_but_read_and_its_notes_are_removed(desk):
    rule_beside(desk, ban("bob"), ban("eve"))
    assert desk.sql("SELECT count(*) FROM change") == [(2,)]
    desk.open()
    assert [record.key for record in desk.journal.standing()] == ["nick:bob", "nick:eve"]
    assert desk.sql("SELECT count(*) FROM change") == [(0,)]
    desk.rest(1.1)
    assert desk.told.changes == []
    rule_beside(desk, ban("cat"))
    desk.rest(1.1)
    assert desk.told.changes == [[ban("cat")]]


def test_changes_that_cannot_be_read_now_are_told_later(desk):
    desk.open()
    rule_beside(desk, ban("bob"))
    desk.sql("ALTER TABLE change RENAME TO elsewhere")
    desk.rest(2.1)
    assert desk.told.changes == []
    desk.sql("ALTER TABLE elsewhere RENAME TO change")
    desk.rest(1.1)
    assert desk.told.changes == [[ban("bob")]]


def test_a_listener_that_fails_to_hear_of_changes_is_logged_and_told_again(desk, log):
    desk.open()
    desk.told.changed = lambda _: 1 / 0
    for nick in ("bob", "eve"):
        rule_beside(desk, ban(nick))
        desk.rest(1.1)
    assert [event["log_failure"].type for event in log if "log_failure" in event] == [ZeroDivisionError] * 2


class Memory(Recorder):
    """A house that tracks records, from notifications and from its own changes."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.standing: dict[str, object] = {}

    def changed(self, changes) -> None:
        self.apply(changes)

    def apply(self, changes) -> None:
        for change in changes:
            self.standing[change.key] = change.value

    def asks(self, change: RecordChange) -> None:
        self.desk.journal.change([change]).addCallback(lambda _: self.apply([change]))


RULES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["here", "beside"]), st.sampled_from("abc"), st.booleans()),
        st.tuples(st.just("turn"), st.integers(1, 3), st.none()),
        st.tuples(st.just("second"), st.none(), st.none()),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(RULES)
def test_what_is_remembered_is_what_is_stored_however_two_programs_take_turns(steps):
    """The values say which step made them, so that an older one is never taken for a newer one."""
    with tempfile.TemporaryDirectory() as folder:

        def worker(call_from_thread, name):
            """Deliver only the writer's results at once: others may be outdated by then."""

            def late(call, *args):
                desk.clock.callLater(0.01, call, *args)

            return AtOnce(call_from_thread if name == "journal writer" else late, name)

        desk = Desk(Path(folder), worker)
        house = desk.told = Memory(desk)
        desk.open()
        with OfflineJournal(desk.folder, writing=True) as other:
            for n, (kind, argument, kept) in enumerate(steps):
                if kind == "turn":
                    for _ in range(argument):
                        desk.turn()
                elif kind == "second":
                    desk.clock.advance(1.0)
                elif kind == "here":
                    house.asks(ban(argument, f"here {n}") if kept else unban(argument))
                else:
                    other.change([ban(argument, f"beside {n}") if kept else unban(argument)], entry(str(n)))
        desk.rest(1.1)
        stored = {record.key: record.value for record in desk.journal.standing()}
        assert {key: value for key, value in house.standing.items() if value is not None} == stored
        desk.rest(0.1)
        closed = desk.journal.close()
        desk.rest(0.1)
        assert closed.called


def test_two_programs_append_to_the_audit_log_in_turns(desk):
    desk.open()
    with OfflineJournal(desk.folder, writing=True) as other:
        for n in range(0, 6, 2):
            desk.write(entry(str(n)), said("a", str(n)))
            other.change([RecordChange("", "ban", f"nick:{n}", {})], entry(str(n + 1)))
    desk.write(entry("6"))

    assert desk.told.failures == []
    assert [(seq, event.text) for seq, event in desk.read(AUDIT)] == [(n + 1, str(n)) for n in range(7)]
    assert [seq for seq, _ in desk.told.seen(AUDIT)] == [1, 3, 5, 7]
    assert [seq for seq, _ in desk.told.seen("a")] == [1, 2, 3]


def test_nothing_is_looked_after_once_it_is_closed(desk):
    desk.open()
    desk.write(said("a", "1"))
    desk.close()
    assert desk.clock.getDelayedCalls() == []


def test_closing_does_not_wait_for_trimming(desk):
    desk.open()
    desk.write(*(said("a", str(n)) for n in range(1000)))
    trimmed = desk.journal.trim("a", RetentionLimit(events=1))
    desk.rest(0.01)
    desk.close()
    assert str(trimmed.result.value) == "the journal is closed"
    trimmed.addErrback(lambda _: None)
    desk.open()
    assert 0 < len(desk.read("a")) < 1000


def test_a_trim_that_fails_says_why(desk):
    desk.open()
    desk.write(*(said("a", str(n)) for n in range(100)))
    desk.sql("CREATE TRIGGER full AFTER DELETE ON event BEGIN SELECT RAISE(ABORT, 'stuck'); END")
    trimmed = desk.journal.trim("a", RetentionLimit(events=1)).addErrback(lambda failure: failure.value)
    desk.rest(0.1)
    assert "stuck" in str(desk.now(trimmed))
    assert len(desk.read("a")) == 100


# -- reading a little at a time


class Jobs(AtOnce):
    """Notes how much each job of the reading thread brings."""

    brought: list[int]

    def run(self, work, done) -> None:
        def note(result) -> None:
            self.brought.append(len(result) if isinstance(result, list | Batch) else 0)
            done(result)

        super().run(work, note)


@pytest.fixture
def jobs(tmp_path):
    """A reader, and the results of its jobs."""
    brought: list[int] = []

    def worker(call_from_thread, name):
        made = Jobs(call_from_thread, name)
        made.brought = brought if name == "journal reader" else []
        return made

    with Desk(tmp_path / "data", worker) as desk:
        yield desk, brought


def test_many_records_are_read_in_slices_between_which_others_read_and_as_of_one_commit(jobs):
    desk, brought = jobs
    desk.now(desk.journal.change([ban(f"n{n:05}") for n in range(5_000)]))
    records = desk.journal.records("")
    other = desk.journal.room("a")
    desk.now(desk.journal.change([unban("n04999"), ban("zoe")]))
    assert other.called
    found = desk.now(records)
    assert [record.key for record in found[:2]] == ["nick:n00000", "nick:n00001"] and len(found) in (
        4_999,
        5_000,
        5_001,
    )
    assert ("nick:zoe" in {record.key for record in found}) is ("nick:n04999" not in {record.key for record in found})
    assert max(brought) <= 500


def test_a_journal_that_is_closed_while_records_are_read_says_so(desk):
    desk.open()
    desk.now(desk.journal.change([ban(f"n{n:05}") for n in range(2_000)]))
    records = desk.journal.records("").addErrback(lambda failure: str(failure.value))
    desk.close()
    assert records.result == "the journal is closed"
    assert {path.name for path in desk.folder.iterdir()} == {"journal.sqlite3", "lock"}


def test_a_page_of_long_events_ends_early_in_both_directions(jobs):
    """Long pastes are not read again and again."""
    desk, brought = jobs
    desk.write(*(said("a", f"{n} " + "x" * 30_000) for n in range(20)), said("a", "y" * 100_000), said("a", "end"))
    assert [seq for seq, _ in desk.now(desk.journal.after("a", 3, 100))] == [4, 5, 6]
    assert [seq for seq, _ in desk.now(desk.journal.before("a", 10, 100))] == [7, 8, 9]
    assert [seq for seq, _ in desk.now(desk.journal.after("a", 20, 100))] == [21]
    assert [seq for seq, _ in desk.now(desk.journal.before("a", None, 100))] == [21, 22]
    assert max(brought) == 3


# -- the file is gone


GONE = "the journal's file has been removed or replaced; put it back, or restart the server"


def remove(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def replace(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    remove(path)
    path.with_name("copy").rename(path)


def move_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("elsewhere"))


def put_back(path: Path) -> None:
    if not path.parent.exists():
        path.parent.with_name("elsewhere").rename(path.parent)
    else:
        path.with_name("elsewhere").rename(path)


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm"])
@pytest.mark.parametrize("happens", [remove, replace, move_folder])
def test_nothing_is_stored_while_the_file_is_not_where_it_was_and_then_the_chat_goes_on(desk, log, happens, suffix):
    desk.open()
    desk.write(said("a", "1"))
    path = desk.folder / f"journal.sqlite3{suffix}"
    happens(path)
    lost = [said("a", "lost"), joined("new", "bob")]
    desk.write(*lost)
    changed = desk.journal.change([ban("bob")]).addErrback(lambda failure: str(failure.value))
    assert desk.now(changed) == GONE
    desk.write(said("a", "lost too"))
    assert desk.told.failures == [(lost, GONE), ([said("a", "lost too")], GONE)]
    assert [entry["log_level"].name for entry in log if "error" in entry] == ["critical"]

    put_back(path)
    desk.write(said("a", "2"))
    assert desk.told.texts("a") == ["1", "2"]
    assert desk.read("a") == [(1, said("a", "1")), (2, said("a", "2"))]
    assert desk.journal.standing() == []


def test_it_is_noticed_within_a_second_that_the_file_is_gone_or_back(desk, log):
    desk.open()
    desk.write(said("a", "1"))
    path = desk.folder / "journal.sqlite3"
    remove(path)
    desk.rest(3.0)
    assert desk.told.failures == [([], GONE)]
    assert len(desk.told.commits) == 1

    put_back(path)
    desk.rest(3.0)
    assert desk.told.commits[1:] == [[]]
    desk.write(said("a", "2"))
    assert desk.told.texts("a") == ["1", "2"] and len(desk.told.failures) == 1
    assert [entry["log_level"].name for entry in log] == ["critical", "info"]


def test_what_is_under_way_when_the_file_goes_is_told_before_what_is_refused(tmp_path):
    def worker(call_from_thread, name):
        return AtOnce(lambda call, *args: desk.clock.callLater(0.01, call, *args), name)

    desk = Desk(tmp_path / "data", worker)
    desk.open()
    order = []
    desk.told.committed = lambda batches: order.append("committed")
    desk.told.failed = lambda events, error: order.append("failed")
    desk.journal.append(said("a", "1"))
    desk.settle()
    desk.journal.append(said("a", "2"))
    remove(desk.folder / "journal.sqlite3")
    assert order == []
    desk.rest(0.05)
    assert order == ["committed", "failed"]
    put_back(desk.folder / "journal.sqlite3")
    closed = desk.journal.close()
    desk.rest(0.05)
    assert closed.called


# -- threads


@pytest_twisted.ensureDeferred
async def test_reads_go_on_while_a_commit_takes_long(tmp_path):
    """The writer's thread is held up in its next piece of work; what it stored can be read."""
    from twisted.internet import reactor

    told, gate, workers = Recorder(), Gate(), Workers()
    journal = SqliteJournal(tmp_path, reactor.callLater, reactor.callFromThread, worker=workers)
    journal.open(told)
    journal.append(said("a", "1"))
    await journal.flush()
    other = sqlite3.connect(tmp_path / "journal.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    workers["journal writer"].run(gate.wait, lambda _: None)
    journal.append(said("a", "2"))
    await journal.flush()
    journal.append(joined("a", "ann"))

    # The redo log has the second line, and the database cannot take it over before the third.
    assert list((await journal.after("a", 0, 9)).events) == [said("a", "1"), said("a", "2")]
    assert (await journal.room("a")).last == 2
    assert not journal.flush().called
    other.execute("ROLLBACK")
    other.close()
    gate.set()
    await journal.close()
    assert told.texts("a") == ["1", "2"]
    assert len(told.seen("a")) == 3


@pytest_twisted.ensureDeferred
async def test_what_arrives_while_a_commit_is_under_way_goes_into_one_commit_after_it(tmp_path):
    from twisted.internet import reactor

    told = Recorder()
    journal = SqliteJournal(tmp_path, reactor.callLater, reactor.callFromThread)
    journal.open(told)
    gate = Gate()
    journal._writing.run(gate.wait, lambda _: None)
    journal.append(said("a", "1"))
    await journal.after("a", 0, 1)  # so that turns go by
    await journal.after("a", 0, 1)
    for n in range(2, 5):
        journal.append(said("a", str(n)))
        await journal.after("a", 0, 1)
    gate.set()
    await journal.flush()

    assert [[len(batch) for batch in commit] for commit in told.commits] == [[1], [3]]
    assert all(isinstance(event, Said) for _, event in told.seen("a"))
    await journal.close()
