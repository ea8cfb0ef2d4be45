"""Password checks: who pays, who waits, and what guessing costs."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.access.password_checks import MOST_WAITING, PASSWORD_WORK
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


class Slow:
    """A check that takes long: tests say when it ends."""

    def __init__(self) -> None:
        self.begun: list[Deferred[bool]] = []

    def verify(self, hashed: str | None, password: str) -> Deferred[bool]:
        self.begun.append(Deferred())
        return self.begun[-1]

    def end(self, house, right: bool) -> None:
        """End those that have begun, and then whatever goes on."""
        while self.begun:
            self.begun.pop(0).callback(right)
            house.settle()
            house.advance(0)


@pytest.fixture
def slow(house):
    slow = Slow()
    house.account("boss")
    house.passwords.verify = slow.verify
    return slow


def test_a_persons_devices_that_all_log_in_at_once_get_in(house, slow):
    devices = [house.join(f"d{number}", address=f"192.0.2.{number}") for number in range(2 * FREE)]
    for device in devices:
        device.begins(LogIn("boss", PASSWORD))
    # No more than may be wrong.
    assert len(slow.begun) == FREE
    slow.end(house, True)
    assert all(device.shown(LoggedIn) and not device.shown(Refused) for device in devices)


def test_a_class_behind_one_address_logs_in_at_once_though_some_mistype(house, slow):
    pupils = [house.join(f"p{number}", address="192.0.2.7") for number in range(30)]
    for number, _ in enumerate(pupils):
        house.account(f"pupil{number}")
    for number, pupil in enumerate(pupils):
        pupil.begins(LogIn(f"pupil{number}", PASSWORD))
    slow.begun.pop(0).callback(False)
    slow.begun.pop(0).callback(False)
    house.settle()
    slow.end(house, True)
    assert [len(pupil.shown(Refused)) for pupil in pupils] == [1, 1] + [0] * 28
    assert all(pupil.shown(LoggedIn) for pupil in pupils[2:])


def test_who_waits_for_the_result_of_others_is_told_when_those_were_guesses(house, slow):
    devices = [house.join(f"d{number}", address=f"192.0.2.{number}") for number in range(FREE + 3)]
    for device in devices:
        device.begins(LogIn("boss", WRONG))
    slow.end(house, False)
    codes = [device.shown(Refused)[-1].code for device in devices]
    assert codes == [WrongPassword.code] * FREE + [TooSoon.code] * 3


def test_only_so_many_wait_for_the_result_of_others(house, slow):
    devices = [house.join(f"d{number}", address=f"192.0.2.{number}") for number in range(FREE + MOST_WAITING + 1)]
    for device in devices:
        device.begins(LogIn("boss", PASSWORD))
    assert [device.shown(Refused) for device in devices[:-1]] == [[]] * (FREE + MOST_WAITING)
    assert devices[-1].shown(Refused)[-1].code == NotNow.code
    slow.end(house, True)
    assert len(house.hub.password_checks.shares) == 0


def test_nobody_waits_for_a_check_that_fails(house, slow):
    devices = [house.join(f"d{number}", address=f"192.0.2.{number}") for number in range(FREE + 1)]
    for device in devices:
        device.begins(LogIn("boss", PASSWORD))
    for checking in slow.begun[:FREE]:
        checking.errback(RuntimeError("a bug"))
    del slow.begun[:FREE]
    assert len(house.runtime.bugs) == FREE
    house.runtime.bugs.clear()
    house.advance(0)
    assert len(slow.begun) == 1
    slow.end(house, True)
    assert devices[-1].shown(LoggedIn)
