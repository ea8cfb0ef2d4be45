"""Pages of history: a few at a time, in order."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatroom.chat.events import Batch
from chatroom.chat.ports import JournalError
from chatroom.chat.rooms.page_reader import AT_ONCE, Pages

from .bare import LoudRuntime


class HeldReads:
    """A journal that answers when the test says so."""

    def __init__(self):
        self.asked = []
        self.answers = []

    def after(self, room, seq, limit):
        return self._ask("after", room, seq, limit)

    def before(self, room, seq, limit):
        return self._ask("before", room, seq, limit)

    def answer_all(self):
        """Answer whatever is asked, until nothing more is."""
        for answer in self.answers:
            if not answer.called:
                answer.callback(None)

    def _ask(self, *what):
        self.asked.append(what)
        self.answers.append(Deferred())
        return self.answers[-1]


@pytest.fixture
def journal():
    journal = HeldReads()
    yield journal
    # What is given up while it waits would be logged as a mistake, in the middle of some other test.
    journal.answer_all()


@pytest.fixture
def pages(journal):
    return Pages(LoudRuntime(Clock()), journal, 2)


def read(pages, seq=0):
    return Deferred.fromCoroutine(pages.after("lobby", seq, 10))


def test_what_is_asked_for_is_what_the_journal_is_asked(pages, journal):
    page = Batch("lobby", 1, [])
    forward = read(pages, 3)
    backward = Deferred.fromCoroutine(pages.before("dev", None, 5))
    assert journal.asked == [("after", "lobby", 3, 10), ("before", "dev", None, 5)]
    journal.answers[0].callback(page)
    assert forward.result is page and not backward.called


def test_no_more_are_read_at_a_time_than_may_be_and_the_rest_in_order(pages, journal):
    for seq in range(4):
        read(pages, seq)
    assert [seq for _, _, seq, _ in journal.asked] == [0, 1]
    journal.answers[1].callback(None)
    assert [seq for _, _, seq, _ in journal.asked] == [0, 1, 2]
    journal.answers[0].callback(None)
    journal.answers[2].callback(None)
    assert [seq for _, _, seq, _ in journal.asked] == [0, 1, 2, 3]


def test_places_that_are_free_again_are_given_once(pages, journal):
    for seq in range(2):
        read(pages, seq)
    for answer in list(journal.answers):
        answer.callback(None)
    for seq in range(3):
        read(pages, seq)
    assert len(journal.asked) == 4


def test_a_read_that_fails_leaves_its_place_to_the_next(pages, journal):
    broken = [read(pages), read(pages), read(pages)]
    failed = []
    broken[0].addErrback(failed.append)
    journal.answers[0].errback(JournalError("the disk is broken"))
    assert failed[0].check(JournalError) and len(journal.asked) == 3


def test_unless_told_otherwise_a_few_at_a_time(journal):
    pages = Pages(LoudRuntime(Clock()), journal)
    for _ in range(AT_ONCE + 1):
        read(pages)
    assert len(journal.asked) == AT_ONCE
