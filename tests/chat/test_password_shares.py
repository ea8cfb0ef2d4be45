"""Shares of password hashing: each place its own."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatroom.chat.access.password_shares import WAITING, Shares
from chatroom.chat.ports import Busy

from .bare import LoudRuntime


@pytest.fixture
def shares():
    return Shares(LoudRuntime(Clock()), 2)


def begin(shares, place="there", times=1):
    return Deferred.fromCoroutine(shares.begin(place, times))


def test_a_place_has_its_share_and_the_next_waits_for_its_turn(shares):
    assert [begin(shares).called for _ in range(3)] == [True, True, False] and len(shares) == 3
    assert begin(shares, "elsewhere").called


def test_who_waits_goes_on_in_order_when_one_is_done(shares):
    first, second = [begin(shares) for _ in range(4)][2:]
    shares.end("there")
    assert first.called and not second.called
    shares.end("there")
    assert second.called and len(shares) == 2


def test_a_place_that_waits_no_more_has_its_whole_share_again(shares):
    for _ in range(3):
        begin(shares)
    for _ in range(3):
        shares.end("there")
    assert len(shares) == 0 and not shares._under_way and not shares._waiting, "and takes no memory"
    assert [begin(shares).called for _ in range(3)] == [True, True, False]


def test_a_place_may_have_several_shares(shares):
    assert [begin(shares, times=3).called for _ in range(7)] == [True] * 6 + [False]


@pytest.mark.parametrize("times", [1, 3])
def test_as_many_as_the_bound_may_wait_and_no_more(shares, times):
    for _ in range(2 * times + WAITING * times):
        begin(shares, times=times)
    assert len(shares) == (2 + WAITING) * times
    failed = []
    begin(shares, times=times).addErrback(failed.append)
    assert failed[0].check(Busy) and len(shares) == (2 + WAITING) * times
    assert begin(shares, "elsewhere").called


def test_one_that_is_done_makes_room_for_one(shares):
    for _ in range(2):
        begin(shares)
    shares.end("there")
    assert [begin(shares).called for _ in range(2)] == [True, False]
