"""Password checks: who pays, who waits, and what guessing costs."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.access.password_checks import PASSWORD_WORK
from chatroom.chat.access.password_shares import AT_ONCE
from chatroom.chat.access.throttle import FREE
from chatroom.chat.commands.accounts import LogIn
from chatroom.chat.refusals import NotNow, TooLong, TooSoon, WrongPassword
from chatroom.chat.replies import LoggedIn, Refused

from .bare import PASSWORD

WRONG = "wrong horse"


@pytest.fixture
def ann(house):
    house.account("boss")
    return house.join("ann", address="192.0.2.7")


def test_a_check_is_paid_for(ann):
    level = ann.session.budget.level
    ann.asks(LogIn("boss", WRONG))
    assert level - ann.session.budget.level == pytest.approx(PASSWORD_WORK)


def test_a_password_that_is_too_long_is_not_even_checked(house, ann):
    verified = house.passwords.verified
    assert ann.refusal(LogIn("boss", "x" * (house.limits.password + 1))) == TooLong.code
    assert house.passwords.verified == verified
    assert ann.refusal(LogIn("boss", "x" * house.limits.password)) == WrongPassword.code


def test_so_many_wrong_ones_are_free_and_then_one_has_to_wait(house, ann):
    for _ in range(FREE):
        assert ann.refusal(LogIn("boss", WRONG)) == WrongPassword.code
    verified = house.passwords.verified
    assert ann.refusal(LogIn("boss", PASSWORD)) == TooSoon.code
    assert house.passwords.verified == verified
    house.advance(3)
    assert ann.answer(LogIn("boss", PASSWORD), LoggedIn)


def test_a_check_that_comes_to_nothing_is_no_wrong_one(house, ann):
    house.passwords.busy = True
    for _ in range(FREE + 1):
        assert ann.refusal(LogIn("boss", PASSWORD)) == NotNow.code
    house.passwords.busy = False
    assert ann.answer(LogIn("boss", PASSWORD), LoggedIn)


def test_a_password_that_is_changed_while_it_is_checked_is_wrong(house, ann):
    checking = Deferred()
    house.passwords.verify = lambda hashed, password: checking
    ann.begins(LogIn("boss", PASSWORD))
    house.change_from_outside(house.core.accounts.of("boss").kept()._replace(value=None))
    checking.callback(True)
    house.settle()
    assert ann.shown(Refused)[-1].code == WrongPassword.code and ann.person.account is None


@pytest.mark.parametrize(("address", "times"), [("192.0.2.7", 1), ("", 4)])
def test_a_place_has_its_share_of_checks_and_gives_it_back(house, address, times):
    house.account("boss")
    checking = []

    def verify(hashed, password):
        checking.append(Deferred())
        return checking[-1]

    house.passwords.verify = verify
    crowd = [house.join(f"p{number}", address=address) for number in range(AT_ONCE * times + 1)]
    for number, person in enumerate(crowd):
        person.begins(LogIn(f"nobody{number}", PASSWORD))
    assert len(checking) == AT_ONCE * times
    house.account("carl")
    other = house.join("other", address="192.0.2.8")
    other.begins(LogIn("carl", PASSWORD))
    assert len(checking) == AT_ONCE * times + 1
    checking[0].callback(False)
    house.settle()
    assert len(checking) == AT_ONCE * times + 2
    for one in checking[1:]:
        one.callback(False)
    house.settle()
    assert len(house.hub.password_checks.shares) == 0
