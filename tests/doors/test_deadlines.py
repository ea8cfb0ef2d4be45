"""Deadlines: many who are waited for, one timer."""

from __future__ import annotations

from twisted.internet.task import Clock

from chatroom.doors.deadlines import Deadlines


def deadlines(within: float) -> tuple[Clock, Deadlines[str], list[str]]:
    clock, late = Clock(), []
    return clock, Deadlines(clock, within, late.append), late


def test_who_takes_too_long_is_called_once():
    clock, waited, late = deadlines(10)
    waited.begin("ann")
    clock.advance(9)
    assert late == []
    clock.pump([2, 20])
    assert late == ["ann"]


def test_who_is_done_in_time_is_not_called():
    clock, waited, late = deadlines(10)
    waited.begin("ann")
    waited.begin("bob")
    waited.end("ann")
    clock.advance(11)
    assert late == ["bob"]


def test_each_has_their_own_time_from_when_they_began():
    clock, waited, late = deadlines(10)
    waited.begin("ann")
    clock.advance(6)
    waited.begin("bob")
    clock.advance(5)
    assert late == ["ann"]
    clock.advance(5)
    assert late == ["ann", "bob"]


def test_to_begin_again_is_to_have_the_whole_time_again():
    clock, waited, late = deadlines(10)
    waited.begin("ann")
    waited.begin("bob")
    clock.advance(6)
    waited.begin("ann")
    clock.advance(5)
    assert late == ["bob"]


def test_when_nobody_is_waited_for_no_timer_runs():
    clock, waited, _ = deadlines(10)
    waited.begin("ann")
    assert len(clock.getDelayedCalls()) == 1
    waited.end("ann")
    assert clock.getDelayedCalls() == []


def test_a_thousand_have_one_timer():
    clock, waited, _ = deadlines(10)
    for number in range(1000):
        waited.begin(str(number))
    assert len(clock.getDelayedCalls()) == 1


def test_without_a_limit_nobody_is_ever_late():
    clock, waited, late = deadlines(0)
    waited.begin("ann")
    assert clock.getDelayedCalls() == []
    waited.end("ann")
    assert late == []
