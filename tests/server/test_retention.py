"""Retention: old history is removed in the background."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.task import Clock

from chatroom.chat.policy import Policy
from chatroom.chat.ports import JournalError, RetentionLimit
from chatroom.server.retention import INTERVAL, START_DELAY, Retention
from tests.house import House, failures

WEEK = RetentionLimit(seconds=7 * 86_400)


class Rooms:
    """A journal of which only the rooms matter; it tells what it was asked to trim."""

    def __init__(self, *names):
        self.rooms = names
        self.asked = 0
        self.trimmed = []
        self.outcomes = {}

    def names(self, after=""):
        if after:
            return succeed([])
        self.asked += 1
        return self.outcomes.get("names", succeed(list(self.rooms)))

    def trim(self, room, keep):
        self.trimmed.append((room, keep))
        return self.outcomes.get(room, succeed(3))


async def nobody_is_told(room):
    """There is no house whose memory would have to forget anything."""


def running(journal, keep=WEEK, **keep_of):
    clock = Clock()
    retention = Retention(clock, journal, Policy(keep=keep, keep_of=keep_of), nobody_is_told)
    retention.start()
    return clock, retention


@pytest.fixture
def broken():
    with failures() as found:
        yield found


def test_every_room_is_trimmed_soon_after_the_start_and_every_few_minutes():
    journal = Rooms("help", "lobby")
    clock, _ = running(journal)
    assert not journal.asked

    clock.advance(START_DELAY)
    assert journal.trimmed == [("help", WEEK), ("lobby", WEEK)]

    clock.advance(INTERVAL)
    assert len(journal.trimmed) == 4


def test_single_rooms_have_their_own_bounds_or_none():
    journal = Rooms("help", "lobby", "minutes")
    clock, _ = running(journal, help=RetentionLimit(events=10), minutes=RetentionLimit())

    clock.advance(START_DELAY)

    assert journal.trimmed == [("help", RetentionLimit(events=10)), ("lobby", WEEK)]


def test_without_any_bound_the_journal_is_left_alone():
    journal = Rooms("help", "lobby")
    clock, retention = running(journal, RetentionLimit())
    clock.advance(START_DELAY)
    assert not journal.asked

    retention.policy = Policy(keep_of={"lobby": WEEK})
    clock.advance(INTERVAL)
    assert journal.trimmed == [("lobby", WEEK)], "what has been configured since then counts"


def test_one_room_comes_after_the_other():
    journal = Rooms("help", "lobby")
    first = journal.outcomes["help"] = Deferred()
    clock, _ = running(journal)
    clock.advance(START_DELAY)
    assert [room for room, _ in journal.trimmed] == ["help"]

    clock.advance(2 * INTERVAL)
    assert len(journal.trimmed) == 1, "a long round is not overtaken by the next"

    first.callback(100_000)
    assert [room for room, _ in journal.trimmed] == ["help", "lobby"]


def test_what_was_said_first_is_gone_from_the_journal():
    house = House(rate=0)
    retention = Retention(house.clock, house.journal, Policy(keep=RetentionLimit(events=3)), house.hub.rooms.trimmed)
    retention.start()
    ann = house.join("ann")
    ann.types(*(f"line {number}" for number in range(9)))

    house.advance(START_DELAY)

    assert house.words() == ["line 6", "line 7", "line 8"]
    ann.forget()
    ann.types("/history 9")
    assert [line for line in ann.lines if line.startswith("<")] == [f"<ann> line {number}" for number in (6, 7, 8)]


@pytest.mark.parametrize("error", [JournalError("the disk is broken"), ZeroDivisionError()])
def test_a_room_that_cannot_be_trimmed_does_not_keep_the_others(error, broken):
    journal = Rooms("help", "lobby")
    journal.outcomes["help"] = fail(error)
    clock, _ = running(journal)

    clock.advance(START_DELAY)
    assert [room for room, _ in journal.trimmed] == ["help", "lobby"]
    assert len(broken) == isinstance(error, ZeroDivisionError)
    broken.clear()


@pytest.mark.parametrize("error", [JournalError("the disk is broken"), ZeroDivisionError()])
def test_a_journal_that_cannot_be_read_is_asked_again_later(error, broken):
    journal = Rooms("lobby")
    journal.outcomes["names"] = fail(error)
    clock, _ = running(journal)
    clock.advance(START_DELAY)
    assert journal.asked == 1 and not journal.trimmed

    del journal.outcomes["names"]
    clock.advance(INTERVAL)
    assert journal.trimmed == [("lobby", WEEK)]
    assert len(broken) == isinstance(error, ZeroDivisionError)
    broken.clear()


def test_it_ends_with_the_server():
    journal = Rooms("lobby")
    clock, retention = running(journal)

    retention.stop()
    assert not clock.getDelayedCalls()

    Retention(clock, journal, Policy(), nobody_is_told).stop()  # no harm, though it has never begun


@pytest.mark.parametrize("outcome", [1, JournalError("the journal is closed")])
def test_at_the_end_no_other_room_is_begun(outcome, broken):
    journal = Rooms("help", "lobby")
    first = journal.outcomes["help"] = Deferred()
    clock, retention = running(journal)
    clock.advance(START_DELAY)

    retention.stop()
    first.errback(outcome) if isinstance(outcome, Exception) else first.callback(outcome)

    assert len(journal.trimmed) == 1 and not clock.getDelayedCalls() and not broken
