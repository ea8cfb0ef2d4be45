"""When the search index goes on: with many lines together, or when nothing more comes, or after some rounds."""

from __future__ import annotations

from chatroom.journal._backlog import ENOUGH, LONGEST, Backlog


def rounds(backlog: Backlog, each: int) -> int:
    """Note *each* events a round until it is due, and return how many rounds that took."""
    for number in range(1, 100):
        backlog.note(each)
        backlog.begin_round()
        if backlog.is_due():
            return number
    raise AssertionError("it is never due")


def test_it_is_due_as_soon_as_there_is_enough():
    backlog = Backlog()
    assert rounds(backlog, ENOUGH) == 1
    backlog.reached(backlog.noted)
    assert backlog.count == 0
    assert rounds(backlog, ENOUGH // 2) == 2


def test_few_wait_for_some_rounds_and_then_the_next_do():
    backlog = Backlog()
    for _ in range(3):
        assert rounds(backlog, 1) == LONGEST
        assert backlog.count == LONGEST
        backlog.reached(backlog.noted)


def test_it_is_due_after_two_rounds_in_which_nothing_came():
    backlog = Backlog()
    for each in (1, 0, 1, 0):
        backlog.note(each)
        backlog.begin_round()
        assert not backlog.is_due()
    backlog.begin_round()
    assert backlog.is_due()


def test_it_is_looked_at_once_a_round_and_remains_due_until_all_is_done():
    backlog = Backlog()
    backlog.note(ENOUGH)
    assert not backlog.is_due(), "no round has begun"
    backlog.begin_round()
    assert backlog.is_due()
    backlog.note(1)
    assert backlog.is_due()
    noted = backlog.noted
    backlog.note(1)
    backlog.reached(noted)
    assert backlog.count == 1
    backlog.begin_round()
    assert not backlog.is_due()


def test_what_an_earlier_run_has_left_does_not_wait():
    backlog = Backlog()
    backlog.owe(3)
    assert backlog.count == 3
    assert backlog.is_due()
    backlog.reached(backlog.noted)
    assert backlog.count == 0
    assert not backlog.is_due()
