"""Reading positions: gathered in memory, stored together, and never going back."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatroom.chat.events import Joined, Left
from chatroom.chat.people import reading_positions
from chatroom.chat.people.reading_positions import INTERVAL, MOST_AT_ONCE, Position, ReadingPositions
from chatroom.chat.ports import READING, JournalError, RecordChange
from chatroom.journal.memory import MemoryJournal

from .bare import LoudRuntime


class Listener:
    """Listens to a journal, and is not interested."""

    def committed(self, batches) -> None: ...
    def failed(self, events, error) -> None: ...
    def changed(self, changes) -> None: ...


class CountingJournal(MemoryJournal):
    """Keeps how many changes were in each commit of changes alone."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock.callLater)
        self.changes: list[int] = []

    def change(self, changes):
        self.changes.append(len(changes))
        return super().change(changes)


class Desk:
    """Positions over a journal in memory."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.runtime = LoudRuntime(self.clock)
        self.journal = CountingJournal(self.clock)
        self.journal.open(Listener())
        self.positions = ReadingPositions(self.journal, self.runtime)

    def settle(self) -> None:
        while any(call.getTime() <= self.clock.seconds() for call in self.clock.getDelayedCalls()):
            self.clock.advance(0)

    def rest(self, seconds: float = INTERVAL) -> None:
        self.clock.advance(seconds)
        self.settle()

    def now(self, work: Awaitable):
        deferred = Deferred.fromCoroutine(work)
        self.settle()
        return deferred.result

    def of(self, account: str) -> dict[str, Position]:
        self.settle()
        return self.now(self.positions.of(account)).positions

    def stored(self, account: str) -> dict[str, int]:
        found: list = []
        self.journal.find(READING, account).addCallback(found.extend)
        return {record.scope: record.value["seq"] for record in found}

    def join(self, account: str, room: str) -> None:
        self.journal.append(Joined(room, 1.0, account, account), [self.positions.joined(account, room)])

    def leave(self, account: str, room: str) -> None:
        self.journal.append(Left(room, 1.0, account, account), [self.positions.left(account, room)])


@pytest.fixture
def desk():
    desk = Desk()
    yield desk
    assert desk.runtime.bugs == []


def test_what_many_people_read_for_a_while_is_stored_in_one_commit(desk):
    for seq in range(1, 51):
        for account in ("ann", "bob"):
            for room in ("lobby", "den"):
                desk.positions.note(account, room, seq)
    desk.rest(INTERVAL - 0.1)
    assert desk.stored("ann") == {} and desk.journal.changes == []
    desk.rest(0.1)
    assert desk.stored("ann") == desk.stored("bob") == {"lobby": 50, "den": 50}
    assert desk.journal.changes == [4]


def test_nothing_runs_while_nothing_is_unsaved(desk):
    assert desk.clock.getDelayedCalls() == []
    desk.positions.note("ann", "lobby", 3)
    desk.rest()
    assert desk.stored("ann") == {"lobby": 3} and desk.clock.getDelayedCalls() == []
    desk.positions.note("ann", "lobby", 4)
    desk.positions.left("ann", "lobby")
    assert desk.clock.getDelayedCalls() == []
    assert desk.now(desk.positions.flush()) is None and desk.journal.changes == [1]


def test_what_is_remembered_includes_what_is_not_stored_yet(desk):
    desk.join("ann", "lobby")
    desk.positions.note("ann", "lobby", 5)
    desk.positions.note("ann", "@ann:bob", 7)
    for _ in range(2):
        assert desk.of("ann") == {"lobby": Position(5, True), "@ann:bob": Position(7, False)}
        assert desk.of("bob") == {}
        desk.rest()


def test_a_position_never_goes_back(desk):
    desk.positions.note("ann", "lobby", 5)
    desk.positions.note("ann", "lobby", 3)
    assert desk.of("ann") == {"lobby": Position(5, False)}
    desk.rest()
    desk.positions.note("ann", "lobby", 4)
    assert desk.of("ann") == {"lobby": Position(5, False)}
    desk.rest()
    assert desk.of("ann") == {"lobby": Position(5, False)}


def test_who_comes_begins_at_that_event_and_who_comes_back_where_they_were(desk):
    desk.join("bob", "lobby")
    desk.join("ann", "lobby")
    assert desk.of("ann") == {"lobby": Position(1, True)}
    desk.join("eve", "lobby")
    desk.join("ann", "lobby")
    assert desk.of("ann") == {"lobby": Position(1, True)}


def test_who_leaves_for_good_is_forgotten_there_whatever_is_on_its_way(desk):
    desk.join("ann", "lobby")
    desk.positions.note("ann", "lobby", 9)
    desk.positions.note("ann", "den", 9)
    flushed = Deferred.fromCoroutine(desk.positions.flush())
    desk.leave("ann", "lobby")
    desk.settle()
    assert flushed.called and desk.of("ann") == {"den": Position(9, False)}
    desk.rest()
    assert desk.stored("ann") == {"den": 9}


def test_an_account_that_is_deleted_is_forgotten_even_if_a_position_was_on_its_way(desk):
    desk.positions.note("ann", "lobby", 9)
    Deferred.fromCoroutine(desk.positions.flush())
    desk.positions.note("ann", "den", 9)
    desk.positions.note("bob", "den", 9)
    desk.positions.forget("ann")
    assert desk.of("ann") == {}
    desk.rest()
    assert desk.stored("ann") == {} and desk.stored("bob") == {"den": 9}
    assert desk.clock.getDelayedCalls() == []


def test_what_cannot_be_stored_is_stored_the_next_time(desk):
    desk.positions.note("ann", "lobby", 5)
    desk.positions.forget("bob")
    desk.journal.broken = JournalError("the disk is full")
    desk.rest()
    assert desk.stored("ann") == {} and desk.of("ann") == {"lobby": Position(5, False)}
    desk.journal.broken = None
    desk.journal.change([RecordChange("lobby", READING, "bob", {"seq": 3})])
    desk.positions.note("ann", "lobby", 6)
    desk.rest()
    assert desk.stored("ann") == {"lobby": 6} and desk.stored("bob") == {}


def test_so_much_is_kept_at_most(desk, monkeypatch):
    monkeypatch.setattr(reading_positions, "MOST_UNSAVED", 3)
    for number, account in enumerate(["ann", "bob", "ann", "eve"]):
        desk.positions.note(account, f"room{number}", 1)
    assert desk.of("ann") == {} and desk.of("bob") and desk.of("eve")
    desk.rest()
    assert desk.journal.changes == [2]


def test_many_are_stored_in_several_commits(desk):
    for number in range(MOST_AT_ONCE + 5):
        desk.positions.note(f"a{number}", "lobby", 1)
    desk.positions.forget("bob")
    desk.rest()
    assert desk.journal.changes == [MOST_AT_ONCE, 6]
    assert desk.clock.getDelayedCalls() == []


def test_at_the_end_everything_is_stored_even_behind_a_commit_and_nothing_runs_on(desk):
    desk.positions.note("ann", "lobby", 5)
    first = Deferred.fromCoroutine(desk.positions.flush())
    desk.positions.note("ann", "lobby", 6)
    closed = Deferred.fromCoroutine(desk.positions.close())
    again = Deferred.fromCoroutine(desk.positions.flush())
    desk.settle()
    assert first.called and closed.called and again.called
    assert desk.stored("ann") == {"lobby": 6} and desk.clock.getDelayedCalls() == []
    desk.positions.note("ann", "lobby", 7)
    desk.journal.broken = JournalError("the disk is full")
    desk.now(desk.positions.close())
    assert desk.clock.getDelayedCalls() == []


def test_what_is_stored_while_the_journal_is_read_is_not_missed(desk):
    """The read began before the commit, so its answer is without it."""
    desk.positions.note("ann", "lobby", 5)
    answers: list[Deferred] = []
    read = desk.journal.of_account

    def slow(*asked):
        found, answer = read(*asked), Deferred()
        answers.append(answer.addCallback(lambda _: found))
        return answer

    desk.journal.of_account = slow
    found = Deferred.fromCoroutine(desk.positions.of("ann"))
    desk.rest()
    answers.pop().callback(None)
    assert not found.called
    answers.pop().callback(None)
    assert found.result.positions == {"lobby": Position(5, False)}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("note"), st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 9)),
        st.tuples(st.sampled_from(["join", "leave"]), st.sampled_from("ab"), st.sampled_from("xy")),
        st.tuples(st.just("forget"), st.sampled_from("ab")),
        st.tuples(st.sampled_from(["turn", "flush", "rest", "break", "mend"])),
    ),
    max_size=40,
)


@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_whatever_happens_in_whatever_order_the_highest_position_counts(steps):
    """Entering and leaving are not broken here: the house stores them again, or undoes them."""
    desk = Desk()
    expected: dict[str, dict[str, int]] = {"a": {}, "b": {}}
    for kind, *what in steps:
        if kind in ("join", "leave"):
            desk.journal.broken = None
            desk.settle()
        match kind, *what:
            case "note", account, room, seq:
                desk.positions.note(account, room, seq)
                expected[account][room] = max(expected[account].get(room, 0), seq)
            case "join", account, room:
                desk.join(account, room)
                desk.settle()
                expected[account].setdefault(room, desk.journal._rooms[room].last - 1)
            case "leave", account, room:
                desk.leave(account, room)
                desk.settle()
                expected[account].pop(room, None)
            case "forget", account:
                desk.positions.forget(account)
                expected[account].clear()
                desk.journal.broken = None
                desk.rest()
            case ("turn",):
                desk.clock.advance(0)
            case ("flush",):
                Deferred.fromCoroutine(desk.positions.flush())
            case ("rest",):
                desk.rest()
            case ("break",):
                desk.journal.broken = JournalError("the disk is full")
            case ("mend",):
                desk.journal.broken = None
        for account in expected:
            found = {room: position.seq for room, position in desk.of(account).items()}
            assert found == expected[account]
    desk.journal.broken = None
    desk.rest()
    desk.rest()
    assert {account: desk.stored(account) for account in expected} == expected
    assert desk.clock.getDelayedCalls() == [] and desk.runtime.bugs == []
