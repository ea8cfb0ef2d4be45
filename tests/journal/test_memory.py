"""What only the journal in memory does."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable

import pytest
from twisted.internet.task import Clock

from chatroom.chat.ports import Query, RecordChange, RoomRecord, StandingRecord
from chatroom.journal.memory import MemoryJournal
from tests.processor_time import ProcessorTime

from .stand_ins import Recorder, said


def written(count: int, keep: int) -> MemoryJournal:
    clock = Clock()
    journal = MemoryJournal(clock.callLater, secret=b"s" * 32, keep=keep)
    journal.open(Recorder())
    for n in range(1, count + 1):
        journal.append(said("a", str(n)))
        clock.advance(0)
    return journal


def test_only_the_newest_are_kept_and_the_gap_shows_in_first():
    journal = written(25, keep=10)

    assert journal.room("a").result == RoomRecord(25, "")
    batch = journal.after("a", 3, 4).result
    assert [(seq, event.text) for seq, event in batch] == [(n, str(n)) for n in (16, 17, 18, 19)]
    assert [seq for seq, _ in journal.before("a", 18, 10).result] == [16, 17]
    assert len(journal.before("a", 16, 10).result) == 0


def test_a_listener_that_fails_does_not_keep_a_flush_waiting():
    clock = Clock()
    journal = MemoryJournal(clock.callLater)
    told = Recorder()
    told.then = lambda: 1 / 0
    journal.open(told)

    journal.append(said("a", "1"))
    flushed = journal.flush()
    with pytest.raises(ZeroDivisionError):
        clock.advance(0)
    assert flushed.called


def test_another_program_can_be_played_whose_changes_are_told_as_they_are_by_then():
    clock, told = Clock(), Recorder()
    journal = MemoryJournal(clock.callLater)
    journal.open(told)
    bob, eve = (RecordChange("", "ban", nick, {"by": "root"}) for nick in ("bob", "eve"))

    journal.change_from_outside([bob, eve], noticed_after=0.5)
    assert journal.standing() == [StandingRecord(*bob), StandingRecord(*eve)] and told.changes == []
    journal.change([bob._replace(value=None)])
    clock.advance(0)
    clock.advance(0.5)
    assert told.changes == [[bob._replace(value=None), eve]]


# -- records


def bans(scope: str, count: int) -> list[RecordChange]:
    return [RecordChange(scope, "ban", f"nick:n{n:05}", {"target": f"n{n}"}) for n in range(count)]


def test_many_records_are_read_a_slice_in_each_turn():
    turns = Turns()
    journal = journal_with(turns)
    journal.change([*bans("a", 20_000), *bans("b", 10)])
    turns.take_all()
    turns.count, turns.longest = 0, 0.0
    records, few = journal.records("a"), journal.records("b")
    assert len(few.result) == 10 and not records.called
    journal.change([bans("a", 1)[0]._replace(value=None)])
    turns.take_all()
    assert [record[:3] for record in records.result[-2:]] == [place[:3] for place in bans("a", 20_000)[-2:]]
    assert turns.count >= 20_000 // 500 - 1 and turns.longest < 0.05


def test_what_is_looked_up_is_found_without_looking_at_everything():
    turns = Turns()
    journal = journal_with(turns)
    for n in range(2_000):
        journal.append(said(f"@{n}:zoe", "psst"), [RecordChange(f"@{n}:zoe", "unread", str(n), {"after": 0})])
    turns.take_all()
    with ProcessorTime() as taken:
        for n in range(2_000):
            assert journal.conversations(str(n)).result == [f"@{n}:zoe"]
            assert [record.scope for record in journal.find("unread", str(n)).result] == [f"@{n}:zoe"]
            assert len(journal.records(f"@{n}:zoe").result) == 1
        assert len(journal.names("@1989:zoe").result) == 10
    assert taken.seconds < 0.5


# -- searching


class Turns:
    """A reactor that takes one turn at a time, and measures the longest, in seconds of the processor."""

    def __init__(self) -> None:
        self._due: deque[Callable[[], object]] = deque()
        self.count = 0
        self.longest = 0.0

    def later(self, _: float, call: Callable[[], object]) -> None:
        self._due.append(call)

    def take_all(self) -> None:
        # What other tests have left lying about is not this turn's work.
        gc.disable()
        try:
            while self._due:
                with ProcessorTime() as taken:
                    self._due.popleft()()
                self.longest = max(self.longest, taken.seconds)
                self.count += 1
        finally:
            gc.enable()


def journal_with(turns: Turns, *texts: str, keep: int = 10_000) -> MemoryJournal:
    journal = MemoryJournal(turns.later, keep=keep)
    journal.open(Recorder())
    for n, text in enumerate(texts):
        journal.append(said("a", text, float(n)))
    turns.take_all()
    turns.count, turns.longest = 0, 0.0
    return journal


def searched(turns: Turns, journal: MemoryJournal, query: Query) -> list[str] | str:
    """The results, or the name of the error."""
    found = journal.search(query).addErrback(lambda failure: failure.type.__name__)
    turns.take_all()
    return found.result if isinstance(found.result, str) else [event.text for _, event in found.result]


def test_a_long_history_is_looked_at_a_slice_in_each_turn():
    turns = Turns()
    journal = journal_with(turns, *(f"line {n} of a long talk" for n in range(10_000)))
    query = Query((("9",), ("of", "a", "long")), ("a",), limit=3)
    assert searched(turns, journal, query) == ["line 9 of a long talk"]
    assert turns.count > 20 and turns.longest < 0.05


def test_one_message_of_accents_only_holds_nobody_up():
    """To put 64 KB of them in order took the processor 0.8 seconds."""
    turns = Turns()
    journal = journal_with(turns, "A\u0301 " + "\u0301\u0316" * 16_000)
    with ProcessorTime() as taken:
        assert len(searched(turns, journal, Query((("a",),), ("a",)))) == 1
    assert taken.seconds < 0.2


def test_a_message_of_the_same_word_holds_nobody_up():
    turns = Turns()
    journal = journal_with(turns, "a " * 32_000)
    query = Query(tuple([*["a"] * n, "b"] for n in range(1, 1000)), ("a",))
    with ProcessorTime() as taken:
        assert searched(turns, journal, query) == []
    assert taken.seconds < 1.0


def test_a_search_that_would_have_to_look_at_too_much_is_given_up():
    turns = Turns()
    journal = journal_with(turns, *["x" * 4096] * 10_000)
    assert searched(turns, journal, Query((("y",),), ("a",))) == "TookTooLong"
    assert searched(turns, journal, Query((("y",),), ("nowhere",))) == []
    assert turns.longest < 0.05


def test_what_is_said_and_forgotten_during_a_search_does_not_confuse_it():
    turns = Turns()
    journal = journal_with(turns, *(f"tea {n}" for n in range(2000)), keep=2000)
    found = journal.search(Query((("tea",),), ("a",), limit=5000))
    for n in range(2000):
        journal.append(said("a", "coffee", 5000.0 + n))
    turns.take_all()
    assert [seq for seq, _ in found.result] == list(range(2000, 0, -1))


def test_a_journal_that_is_closed_during_a_search_says_so():
    turns = Turns()
    journal = journal_with(turns, *(f"tea {n}" for n in range(2000)))
    asked = [journal.search(Query((("tea",),), ("a",))) for _ in range(2)]
    journal.close()
    turns.take_all()
    for answer in asked:
        assert answer.addErrback(lambda failure: str(failure.value)).result == "the journal is closed"
