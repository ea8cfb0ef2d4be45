"""Timeouts: many connections, one timer."""

from __future__ import annotations

from itertools import pairwise

from twisted.internet.task import Clock

from chatroom.doors.timeouts import MAX_CALLS, Timeouts
from tests.house import failures


def timeouts(within: float) -> tuple[Clock, Timeouts[str], list[str]]:
    clock, late = Clock(), []
    return clock, Timeouts(clock, within, late.append), late


def test_who_takes_too_long_is_called_once():
    clock, waited, late = timeouts(10)
    waited.begin("ann")
    clock.advance(9)
    assert late == []
    clock.pump([2, 20])
    assert late == ["ann"]


def test_who_is_done_in_time_is_not_called():
    clock, waited, late = timeouts(10)
    waited.begin("ann")
    waited.begin("bob")
    waited.end("ann")
    clock.advance(11)
    assert late == ["bob"]


def test_each_has_their_own_time_from_when_they_began():
    clock, waited, late = timeouts(10)
    waited.begin("ann")
    clock.advance(6)
    waited.begin("bob")
    clock.advance(5)
    assert late == ["ann"]
    clock.advance(5)
    assert late == ["ann", "bob"]


def test_to_begin_again_is_to_have_the_whole_time_again():
    clock, waited, late = timeouts(10)
    waited.begin("ann")
    waited.begin("bob")
    clock.advance(6)
    waited.begin("ann")
    clock.advance(5)
    assert late == ["bob"]


def test_when_nobody_is_waited_for_no_timer_runs():
    clock, waited, _ = timeouts(10)
    waited.begin("ann")
    assert len(clock.getDelayedCalls()) == 1
    waited.end("ann")
    assert clock.getDelayedCalls() == []


def test_a_thousand_have_one_timer():
    clock, waited, _ = timeouts(10)
    for number in range(1000):
        waited.begin(str(number))
    assert len(clock.getDelayedCalls()) == 1


def test_without_a_limit_nobody_is_ever_late():
    clock, waited, late = timeouts(0)
    waited.begin("ann")
    assert clock.getDelayedCalls() == []
    waited.end("ann")
    assert late == []


def test_who_is_waited_for_anew_while_others_are_late_makes_no_second_timer():
    """Or there would be one more each time, for ever."""
    clock = Clock()
    waited: Timeouts[int] = Timeouts(clock, 10, lambda who: waited.begin(who))
    for number in range(10):
        waited.begin(number)
        clock.advance(1)
    clock.pump([0.5] * 200)
    assert len(clock.getDelayedCalls()) == 1


def test_who_is_gone_because_another_was_late_is_not_called():
    clock, late = Clock(), []
    waited: Timeouts[str] = Timeouts(clock, 10, lambda who: (late.append(who), waited.end("bob")))
    for name in ("ann", "bob", "cara"):
        waited.begin(name)
    clock.advance(10)
    assert late == ["ann", "cara"] and clock.getDelayedCalls() == []


def test_a_bug_with_one_does_not_keep_the_others():
    clock, late = Clock(), []

    def call(who: str) -> None:
        late.append(who)
        raise ZeroDivisionError

    waited = Timeouts(clock, 10, call)
    waited.begin("ann")
    waited.begin("bob")
    with failures() as broken:
        clock.advance(10)
    assert late == ["ann", "bob"] and len(broken) == 2


def test_of_those_who_fall_due_together_so_many_are_called_in_one_turn():
    clock, waited, late = timeouts(10)
    for number in range(1000):
        waited.begin(str(number))
    turns, call_later = [0], clock.callLater
    clock.callLater = lambda *call: turns.append(len(late)) or call_later(*call)
    clock.advance(10)

    assert late == [str(number) for number in range(1000)] and clock.getDelayedCalls() == []
    assert max(after - before for before, after in pairwise([*turns, len(late)])) == MAX_CALLS
