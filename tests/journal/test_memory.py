"""What only the journal in memory does."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from chatroom.chat.ports import Change, Record, RoomRecord
from chatroom.journal.memory import MemoryJournal

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
    bob, eve = (Change("", "ban", nick, {"by": "root"}) for nick in ("bob", "eve"))

    journal.change_from_outside([bob, eve], noticed_after=0.5)
    assert journal.standing() == [Record(*bob), Record(*eve)] and told.changes == []
    journal.change([bob._replace(value=None)])
    clock.advance(0)
    clock.advance(0.5)
    assert told.changes == [[bob._replace(value=None), eve]]
