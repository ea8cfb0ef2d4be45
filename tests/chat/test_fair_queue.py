"""Turns at the reactor: in order, and so much work in each."""

from __future__ import annotations

from twisted.internet.task import Clock

from chatroom.chat.fair_queue import PER_TURN, FairQueue

from .bare import LoudRuntime


class Turns(Clock):
    """A clock that gives one turn at a time, as a reactor does."""

    def turn(self):
        due, self.calls = self.calls, []
        for call in due:
            call.func()


def queue():
    clock = Turns()
    return clock, FairQueue(LoudRuntime(clock))


def test_work_is_done_in_the_order_in_which_it_was_asked_for_and_not_at_once():
    clock, turns = queue()
    done = []
    for number in range(3):
        turns.call(lambda number=number: done.append(number), 1.0)
    assert done == [] and len(turns) == 3

    clock.turn()

    assert done == [0, 1, 2] and len(turns) == 0


def test_as_much_work_as_fits_is_done_in_one_turn_and_the_rest_in_the_next():
    clock, turns = queue()
    done = []
    for number in range(int(PER_TURN) + 1):
        turns.call(lambda number=number: done.append(number), 1.0)

    clock.turn()
    assert len(done) == PER_TURN and len(turns) == 1
    clock.turn()
    assert len(done) == PER_TURN + 1 and not clock.calls


def test_work_that_is_too_much_for_a_turn_has_one_of_its_own():
    clock, turns = queue()
    done = []
    for number, cost in enumerate((PER_TURN * 3, 0.5, 0.5)):
        turns.call(lambda number=number: done.append(number), cost)

    clock.turn()
    assert done == [0]
    clock.turn()
    assert done == [0, 1, 2]


def test_who_waits_asks_the_reactor_once():
    clock, turns = queue()
    for _ in range(3):
        turns.call(lambda: None, 1.0)
    assert len(clock.calls) == 1
    clock.turn()
    turns.call(lambda: None, 1.0)
    assert len(clock.calls) == 1


def test_who_asks_again_from_within_a_turn_waits_for_the_next():
    clock, turns = queue()
    done = []

    def again():
        done.append("first")
        turns.call(lambda: done.append("second"), 1.0)

    turns.call(again, 1.0)
    clock.turn()
    assert done == ["first"]
    clock.turn()
    assert done == ["first", "second"]


def test_a_turn_that_is_waited_for_comes_with_the_work_of_others():
    clock, turns = queue()
    waited = turns.next()
    later = turns.next(PER_TURN)
    last = turns.next()
    clock.turn()
    assert waited.called and later.called and not last.called
    clock.turn()
    assert last.called
