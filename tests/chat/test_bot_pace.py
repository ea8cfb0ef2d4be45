"""Bot pace: the bots of an account together are as fast as one person."""

from __future__ import annotations

from math import inf

import pytest

from chatroom.chat.refusals import TooSoon
from chatroom.chat.rooms.bot_pace import _HELD, WAITING

from .bare import BareHouse
from .scripted import Scripted


@pytest.fixture
def house() -> BareHouse:
    return BareHouse(rate=1.0, burst=2)


def begin(script: Scripted, done: list[int], number: int, lines: float = 1.0, most: float = WAITING) -> None:
    turn = script.begins(script.house.hub.bots.pace.turn(script.bot, lines, most=most))
    turn.addCallback(lambda _: done.append(number))
    turn.addErrback(lambda failure: done.append(-number) if failure.check(TooSoon) else failure)


def test_after_a_burst_each_waits_until_those_before_are_paid_for(house):
    one, other = Scripted(house, "one"), Scripted(house, "other")
    done: list[int] = []
    for number in range(6):
        begin([one, other][number % 2], done, number)
    assert done == [0, 1]

    for seconds in range(1, 5):
        house.advance(1)
        assert done == list(range(2 + seconds))


def test_a_jump_of_the_clock_changes_no_order(house):
    script, done = Scripted(house), []
    for number in range(20):
        begin(script, done, number)
    for _ in range(20):
        house.clock.advance(100)

    assert done == list(range(20))


def test_only_so_many_may_wait(house):
    script, done = Scripted(house), []
    for number in range(WAITING + 5):
        begin(script, done, number)
    # One more is next in line, and waits for its time only.
    assert done == [0, 1, -WAITING - 3, -WAITING - 4]

    begin(script, done, 1000, most=inf)
    house.advance(WAITING + 10)
    assert done[-1] == 1000


def test_work_is_paid_by_whoever_comes_next(house):
    script, done = Scripted(house), []
    pace = house.hub.bots.pace
    script.done(pace.work(script.bot, 5.0))
    begin(script, done, 1)
    assert not done
    house.advance(2)
    assert not done
    house.advance(2)
    assert done == [1]


def test_accounts_without_debts_are_forgotten(house):
    script = Scripted(house)
    pace, bot = house.hub.bots.pace, script.bot
    for number in range(_HELD + 50):
        pace.charge(_Other(bot, str(number)), 0.5)  # type: ignore[arg-type]

    assert len(pace._lanes) <= _HELD


class _Other:
    """The bot of another account."""

    def __init__(self, bot, party):
        self.address, self.party = bot.address, party
