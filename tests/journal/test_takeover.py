"""Takeover: what the redo log has is read, taken over, recovered, and gone from the disk when it is deleted."""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatroom.chat.changes import Deleted
from chatroom.chat.event import Marks
from chatroom.chat.events import Joined, Said, Whispered
from chatroom.chat.ports import Query, RetentionLimit
from chatroom.journal import _takeover
from chatroom.journal._redo_log import NAMES, SIZE, RedoLog, find
from chatroom.journal.offline import OfflineJournal
from tests.log_lines import log_lines

from .stand_ins import AtOnce, Desk, said


@pytest.fixture
def desk(tmp_path):
    with Desk(tmp_path / "data") as desk:
        desk.write(Joined("a", 1.0, "guest:ann", "ann"), Joined("b", 1.0, "guest:ann", "ann"))
        yield desk


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What the journal logs."""
    with log_lines("chatroom.journal") as lines:
        yield lines


def logged(desk: Desk) -> list[str]:
    return [row[4] for _, _, row in find(desk.folder).entries]


def stored(desk: Desk) -> list[str]:
    """What the database has, without a takeover."""
    with OfflineJournal(desk.folder, sleep=lambda _: None) as offline:
        return [event.text for _, event in offline.events("a") if isinstance(event, Said)]


def texts(desk: Desk, room: str = "a") -> list[str]:
    return [event.text for _, event in desk.read(room) if isinstance(event, Said)]


def crashed(desk: Desk, to: Path) -> Desk:
    """What a new server finds after ``kill -9`` now."""
    shutil.copytree(desk.folder, to)
    return Desk(to)


def test_a_line_is_in_the_log_for_a_second_and_then_in_the_database(desk):
    desk.write(said("a", "1"))
    assert desk.told.texts("a") == ["1"]
    assert (logged(desk), stored(desk), texts(desk)) == (["1"], [], ["1"])
    desk.rest(_takeover.INTERVAL + 0.01)
    assert (logged(desk), stored(desk), texts(desk)) == ([], ["1"], ["1"])


def test_what_the_log_may_not_have_takes_it_along(desk):
    desk.write(said("a", "1"))
    desk.write(Joined("a", 2.0, "guest:bob", "bob"))
    assert (logged(desk), stored(desk)) == ([], ["1"])


@pytest.mark.parametrize(
    "events",
    [
        [said("new", "a room's first line")],
        [said("a", str(n)) for n in range(_takeover._FEW + 1)],
        [said("a", "x" * 300_000)],
        [replace(said("a", "an answer"), marks=Marks(re=1))],
        [Joined("a", 2.0, "guest:bob", "bob"), said("a", "1")],
    ],
    ids=lambda events: type(events[0]).__name__,
)
def test_the_log_has_only_a_few_plain_lines_in_rooms_that_are_known(desk, events):
    desk.write(*events)
    assert logged(desk) == []
    assert sum(map(len, desk.told.commits[-1])) == len(events)


def test_a_few_lines_of_several_rooms_and_whispers_are_one_commit(desk):
    desk.write(Whispered("@a:b", 1.0, "a", "ann", text="first", to="bob"))
    whisper = Whispered("@a:b", 1.0, "a", "ann", text="psst", to="bob")
    desk.write(said("b", "1"), said("a", "2"), whisper, said("b", "3"))
    assert [(batch.room, batch.first, len(batch)) for batch in desk.told.commits[-1]] == [
        ("b", 2, 2),
        ("a", 2, 1),
        ("@a:b", 2, 1),
    ]
    assert logged(desk) == ["1", "3", "2", "psst"]


def test_a_crowd_of_lines_is_taken_over_before_the_second_has_passed(desk):
    for n in range(_takeover._MOST):
        desk.write(said("a", str(n)))
    assert logged(desk) == []
    assert len(stored(desk)) == _takeover._MOST


def test_pages_are_whole_whatever_part_of_them_the_log_has(desk):
    desk.write(said("a", "2"), said("a", "3"))
    desk.take_over()
    desk.write(said("a", "4"))
    desk.write(said("a", "5"))
    every = desk.read("a")
    assert [seq for seq, _ in every] == [1, 2, 3, 4, 5]
    assert desk.now(desk.journal.room("a")).last == 5
    for seq in range(-1, 8):
        for limit in range(7):
            after = list(desk.now(desk.journal.after("a", seq, limit)))
            assert after == [pair for pair in every if pair[0] > seq][:limit]
            before = list(desk.now(desk.journal.before("a", seq, limit)))
            assert before == [pair for pair in every if pair[0] < seq][::-1][:limit][::-1]
            newest = list(desk.now(desk.journal.before("a", None, limit)))
            assert newest == every[::-1][:limit][::-1]


def test_a_page_that_ends_before_what_the_log_has_ends_there(desk):
    desk.write(*(said("a", "x" * 30_000) for _ in range(4)))
    desk.take_over()
    desk.write(said("a", "last"))
    page = list(desk.now(desk.journal.after("a", 0, 100)))
    assert [seq for seq, _ in page] == [1, 2, 3, 4]
    assert [seq for seq, _ in desk.read("a")] == [1, 2, 3, 4, 5, 6]


def test_a_killed_server_leaves_everything_for_the_next(desk, tmp_path, told):
    desk.write(said("a", "1"))
    desk.write(said("b", "2"))
    with crashed(desk, tmp_path / "again") as again:
        assert texts(again) == ["1"]
        assert texts(again, "b") == ["2"]
        assert logged(again) == []
    assert "Messages recovered from the redo log: 2." in told
    assert not any((tmp_path / "again" / name).exists() for name in NAMES)


def test_what_was_taken_over_but_not_cleared_is_not_taken_over_again(desk, tmp_path):
    desk.write(said("a", "1"))
    kept = {name: (desk.folder / name).read_bytes() for name in NAMES}
    desk.take_over()
    to = tmp_path / "again"
    shutil.copytree(desk.folder, to)
    for name, content in kept.items():
        (to / name).write_bytes(content)
    with Desk(to) as again:
        assert texts(again) == ["1"]


def test_a_torn_write_and_what_belongs_to_another_journal_are_dropped_and_told(desk, tmp_path, told):
    desk.write(said("a", "1"))
    desk.take_over()
    to = tmp_path / "again"
    shutil.copytree(desk.folder, to)
    log = RedoLog(to)
    row = ("said", 1.5, "guest:ann", "ann", "strange", "", None)
    log.append([("a", 9, row), ("elsewhere", 1, row), ("a", 3, (*row[:4], "2", "", None))])
    log.close()
    with (to / NAMES[1]).open("r+b") as file:
        file.write(b"\x20\0\0\0torn")
    with Desk(to) as again:
        assert texts(again) == ["1", "2"]
    assert "The last write to the redo log was not finished; it is dropped, and nobody was shown it." in told
    assert "Messages in the redo log that do not belong to this journal, dropped: 2." in told


def test_an_admin_reads_what_a_killed_server_left_and_waits_for_a_running_one(desk, tmp_path):
    desk.write(said("a", "1"))
    to = tmp_path / "again"
    shutil.copytree(desk.folder, to)
    with OfflineJournal(to) as offline:
        assert [event.text for _, event in offline.events("a") if isinstance(event, Said)] == ["1"]
    assert not any((to / name).exists() for name in NAMES)

    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        desk.rest(seconds)

    with OfflineJournal(desk.folder, sleep=sleep) as offline:
        assert [event.text for _, event in offline.events("a") if isinstance(event, Said)] == ["1"]
    assert 0 < sum(slept) < 2 * _takeover.INTERVAL


def test_an_admin_drops_what_a_killed_server_left_of_another_journal(desk, tmp_path, told):
    to = tmp_path / "again"
    shutil.copytree(desk.folder, to)
    log = RedoLog(to)
    log.append([("elsewhere", 1, ("said", 1.5, "guest:ann", "ann", "strange", "", None))])
    log.close()
    with OfflineJournal(to) as offline:
        assert offline.rooms() == ["a", "b"]
    assert told == ["Messages in the redo log that do not belong to this journal, dropped: 1."]
    assert not any((to / name).exists() for name in NAMES)


def test_deleted_text_leaves_the_log_with_the_deletion(desk):
    desk.write(said("a", "secret"))
    desk.write(Deleted("a", 2.0, "guest:ann", "ann", 2, "ann", by_author=True))
    assert not any(b"secret" in (desk.folder / name).read_bytes() for name in NAMES)


def test_searches_counts_and_retention_know_what_the_log_has(desk):
    desk.write(said("a", "needle"))
    assert [event.text for _, event in desk.now(desk.journal.search(Query((("needle",),), ("a",))))] == ["needle"]
    desk.write(said("a", "more"))
    assert desk.now(desk.journal.waiting("", {"a": 1}))["a"].unread == 2
    desk.write(said("a", "last"))
    trimmed = desk.journal.trim("a", RetentionLimit(events=1))
    desk.rest(0.5)
    assert trimmed.result == 3


def test_a_takeover_that_fails_is_tried_again_and_nothing_new_is_logged_meanwhile(desk):
    desk.write(said("a", "1"))
    desk.journal._database.writer.execute("PRAGMA query_only = ON")
    desk.rest(_takeover.INTERVAL + 0.01)
    desk.write(said("a", "lost"))
    assert [reason for _, reason in desk.told.failures] == ["the journal is read-only"]
    assert (logged(desk), stored(desk), texts(desk)) == (["1"], [], ["1"])
    desk.journal._database.writer.execute("PRAGMA query_only = OFF")
    desk.rest(_takeover.INTERVAL + 0.01)
    assert (logged(desk), stored(desk)) == ([], ["1"])
    desk.write(said("a", "2"))
    assert (logged(desk), texts(desk)) == (["2"], ["1", "2"])


def test_a_log_that_cannot_be_cleared_is_not_used_until_it_can_be(desk, monkeypatch):
    desk.write(said("a", "1"))
    file = desk.journal._commits.takeover._log._files[0]
    monkeypatch.setattr(file, "clear", lambda: False)
    desk.take_over()
    desk.write(said("a", "2"))
    desk.take_over()
    assert logged(desk) == ["1"]
    desk.write(said("a", "3"))
    monkeypatch.undo()
    desk.write(Joined("a", 2.0, "guest:bob", "bob"))
    assert logged(desk) == []
    assert texts(desk) == ["1", "2", "3"]


def test_a_journal_that_is_closed_while_the_disk_is_full_keeps_the_log_for_the_next_start(tmp_path):
    desk = Desk(tmp_path)
    desk.open()
    desk.write(Joined("a", 1.0, "guest:ann", "ann"))
    desk.write(said("a", "1"))
    desk.journal._database.writer.execute("PRAGMA query_only = ON")
    desk.close()
    assert logged(desk) == ["1"]
    with Desk(tmp_path) as again:
        assert texts(again) == ["1"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the files of a running process")
def test_a_journal_without_space_for_the_log_goes_without_and_leaves_nothing_of_it(tmp_path, told):
    with Desk(tmp_path) as desk:
        desk.write(Joined("a", 1.0, "guest:ann", "ann"))
        crashed(desk, tmp_path / "again")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    desk = Desk(tmp_path / "again")
    resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE - 1, usual[1]))
    try:
        desk.open()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert told[-1] == "There is no redo log until the next start (No space left on device)."
    desk.write(said("a", "1"))
    assert (stored(desk), texts(desk)) == (["1"], ["1"])
    assert not any((desk.folder / name).exists() for name in NAMES)
    desk.close()


class Machine:
    """A journal whose commits to the database end when the test says so, and its successors after crashes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.before: dict[str, list] = {"a": [], "b": []}
        """What was shown before the last crash."""
        self.said = 0
        self.filled = False
        self.crashes = 0
        self.start(folder / "0")

    def start(self, folder: Path) -> None:
        self.held: list[Callable[[], None]] = []
        self.holding = False
        self.desk = Desk(folder, worker=self.worker)
        self.desk.open()

    def worker(self, call_from_thread: Callable[..., object], name: str) -> AtOnce:
        at_once = AtOnce(call_from_thread, name)
        run, held = at_once.run, self.held

        def hold(work, done) -> None:
            if self.holding and getattr(work, "func", None) is _takeover.store:
                held.append(lambda: run(work, done))
            else:
                run(work, done)

        at_once.run = hold
        return at_once

    def say(self, room: str, count: int = 1) -> None:
        self.said += 1
        self.desk.write(*(said(room, f"{self.said}.{n}") for n in range(count)))

    def join(self, room: str) -> None:
        self.said += 1
        self.desk.write(Joined(room, 1.0, f"guest:{self.said}", "somebody"))

    def hold(self) -> None:
        self.holding = True

    def end_one(self) -> None:
        if self.held:
            self.held.pop(0)()
            self.desk.settle()

    def end_all(self) -> None:
        while self.held:
            self.end_one()
        self.holding = False

    def wait(self) -> None:
        self.desk.clock.advance(_takeover.INTERVAL + 0.01)
        self.desk.settle()

    def settle(self) -> None:
        self.desk.journal._commits.takeover.settle()
        self.desk.settle()

    def fill(self, full: bool) -> None:
        self.filled = True
        self.desk.journal._database.writer.execute(f"PRAGMA query_only = {full}")

    def crash(self) -> None:
        for room, shown in self.before.items():
            shown += self.desk.told.seen(room)
        self.crashes += 1
        to = self.folder / str(self.crashes)
        shutil.copytree(self.desk.folder, to)
        self.start(to)

    def check(self) -> None:
        assert self.filled or not self.desk.told.failures
        for room, before in self.before.items():
            shown = [*before, *self.desk.told.seen(room)]
            found = self.desk.read(room)
            assert [seq for seq, _ in found] == list(range(1, len(found) + 1))
            assert shown == [pair for pair in found if pair in shown], "shown once, in order, and stored"


STEPS = {
    **{f"say {count} in {room}": (Machine.say, room, count) for room in "ab" for count in (1, 2)},
    **{f"join {room}": (Machine.join, room) for room in "ab"},
    **{step.__name__: (step,) for step in (Machine.hold, Machine.end_one, Machine.end_all, Machine.wait)},
    **{step.__name__: (step,) for step in (Machine.settle, Machine.crash)},
    "full": (Machine.fill, True),
    "free": (Machine.fill, False),
}
"""Whatever may come in any order; each line, and the end of a commit, several times as often as the rest."""


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([*STEPS, *[name for name in STEPS if name[:3] in ("say", "end")]]), min_size=40))
def test_whatever_happens_in_whatever_order_what_was_shown_is_read_once_and_in_order(steps):
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(Path(folder))
        for step in steps:
            act, *given = STEPS[step]
            act(machine, *given)
            machine.check()
