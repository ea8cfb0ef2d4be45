"""Rate limits: lines, bytes, and endless floods."""

from __future__ import annotations

from socket import socketpair

import pytest
from twisted.internet.task import Clock

from chatroom.chat.limits import Limits
from chatroom.doors.rate_limit import CHECK_INTERVAL, PAUSE_INTERVAL, Throttle
from tests.house import House, JsonPerson, failures

RATE, BURST = Limits().byte_rate, Limits().byte_burst
LINE = b"x" * 4000 + b"\n"


@pytest.fixture
def house():
    with failures() as broken:
        yield House()
    assert not broken, broken[0]


# The budgets.


def throttle(gone=False, **limits):
    clock, ended = Clock(), []
    clock.rightNow = 1000.0
    return (
        Throttle(clock, Limits(**limits).flood_kick, lambda: ended.append(clock.seconds()), lambda: gone),
        clock,
        ended,
    )


def test_the_longer_rest_counts():
    rests, clock, ended = throttle()

    rests.rest(3.0)
    assert rests.left == 3.0
    clock.advance(1)
    rests.rest(1.0)
    assert rests.left == 2.0
    rests.rest(5.0)
    assert rests.left == 5.0 and ended == []
    clock.advance(5)
    assert rests.left == 0.0 and ended == [1006.0]


def test_a_flood_is_what_goes_on_without_a_pause():
    rests, clock, _ = throttle(flood_kick=10)
    for _ in range(9):
        assert rests.rest(1.0)
        clock.advance(1 + PAUSE_INTERVAL)
    clock.advance(1)
    assert rests.rest(1.0)
    for _ in range(9):
        clock.advance(1)
        assert rests.rest(1.0)
    clock.advance(1)
    assert not rests.rest(1.0)


def test_nobody_is_told_of_the_end_of_a_rest_that_was_cancelled_or_of_somebody_gone():
    for rests, clock, ended in (throttle(), throttle(gone=True)):
        rests.rest(3.0 * CHECK_INTERVAL)
        clock.advance(CHECK_INTERVAL)
        rests.cancel()
        clock.advance(3.0 * CHECK_INTERVAL)

        assert ended == [] and clock.getDelayedCalls() == []


# At the door.


def test_few_but_long_lines_are_slowed_and_not_lost(house):
    ann, bob = house.join("ann"), house.join("bob")
    for _ in range(20):
        ann.sends(LINE)
    assert len(bob.talk) == 17 and ann.wire.producerState == "paused"

    house.advance((20 * len(LINE) - BURST) / RATE + 1)
    assert len(bob.talk) == 20 and ann.wire.producerState == "producing"


def test_a_line_without_end_is_slowed_too(house):
    ann = house.join("ann")
    for _ in range(7):
        ann.sends(b"x" * 10_000)

    assert ann.wire.producerState == "paused"


def test_programs_have_the_same_budget(house):
    program = house.join("program", JsonPerson)
    for _ in range(17):
        program.asks("say", text="x" * 4000)

    assert program.wire.producerState == "paused"


def floods(house, person, seconds):
    """Send more than may be sent for so long."""
    for _ in range(int(seconds * 10)):
        person.sends(b"again\n" * 2)
        house.clock.advance(0.1)


def test_who_never_stops_is_let_go_if_that_is_wished():
    house = House(flood_kick=20, paste=1)
    ann, bob = house.join("ann"), house.join("bob")
    floods(house, ann, 20)
    assert not ann.gone

    floods(house, ann, 20)
    assert ann.gone and ann.lines[-1] == "-- You sent too much for too long. Goodbye."
    assert bob.lines[-1] == "-- ann left #lobby (sent too much)"
    assert [call for call in house.clock.getDelayedCalls() if call.active()] == []


def test_who_is_not_to_be_let_go_may_go_on_for_ever(house):
    ann = house.join("ann")
    floods(house, ann, 120)

    assert not ann.gone


class Reset:
    """A socket whose other end is gone, which nothing but looking tells."""

    def __init__(self) -> None:
        self._ours, theirs = socketpair()
        theirs.close()

    def fileno(self) -> int:
        return self._ours.fileno()


def test_who_is_gone_while_made_to_rest_is_not_waited_for(house):
    """Their pending lines used to run, holding their places, for as long as that took."""
    ann, bob = house.join("ann"), house.join("bob")
    ann.sends(LINE * 40)
    ann.wire.socket = Reset()
    assert not ann.gone

    house.advance(6)
    assert ann.gone and bob.heard_of("-- ann left")


def test_who_stops_now_and_then_is_not_let_go():
    house = House(flood_kick=20)
    ann = house.join("ann")
    for _ in range(6):
        ann.sends(b"/time\n" * 100)
        house.advance(25)

    assert not ann.gone


def test_whoever_vanishes_in_the_middle_of_a_flood_leaves_no_timer_behind(house):
    ann = house.join("ann")
    for _ in range(20):
        ann.sends(LINE)

    ann.leaves()

    assert [call for call in house.clock.getDelayedCalls() if call.active()] == []
