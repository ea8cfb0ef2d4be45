"""Commands about accounts: how their arguments are taken, and who may use them."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.accounts import ChangePassword, LogIn, LogOut, Register, ShowAccount
from chatroom.chat.refusals import BadInput, NotAllowed, WrongPassword
from chatroom.chat.replies import LoggedIn, LoggedOut, Notice, PasswordWanted

from .bare import PASSWORD


@pytest.fixture
def boss(house):
    return house.owner("boss")


def test_one_registers_logs_out_and_in_again(house):
    ann = house.join("ann")
    assert ann.answer(Register(PASSWORD), LoggedIn)
    assert ann.answer(LogOut(), LoggedOut)
    assert ann.answer(LogIn("ann", PASSWORD), LoggedIn)


def test_what_is_nobodys_nick_is_the_password_for_ones_own_or_begins_it(house, boss):
    boss.asks(LogOut())
    assert boss.answer(LogIn("correct", "horse"), LoggedIn).account == "boss"
    boss.asks(LogOut())
    assert boss.refusal(LogIn("correct")) == WrongPassword.code
    assert boss.asks(LogIn("BOSS")) == [PasswordWanted("login", "BOSS")]


@pytest.mark.parametrize("asked", [ChangePassword("a", "b"), LogOut(), ShowAccount(), ShowAccount("delete", PASSWORD)])
def test_a_guest_has_no_account(house, asked):
    assert house.join("ann").refusal(asked) == NotAllowed.code


def test_an_account_is_shown_with_other_connections(house, boss):
    [alone] = boss.asks(ShowAccount())
    house.owner("boss")
    [with_one] = boss.asks(ShowAccount())
    house.owner("boss")
    [with_two] = boss.asks(ShowAccount())
    texts = [alone.text, with_one.text, with_two.text]
    assert all(isinstance(one, Notice) for one in (alone, with_one, with_two))
    assert len(set(texts)) == 3 and "1" in texts[1] and "2" in texts[2]


def test_an_admin_is_said_to_be_one(house, boss):
    [told], [admin] = boss.asks(ShowAccount()), house.owner("root1", admin=True).asks(ShowAccount())
    assert admin.text.replace("root1", "boss") != told.text


def test_deleting_takes_the_word_or_only_the_password_and_nothing_else(house, boss):
    assert boss.refusal(ShowAccount("show")) == boss.refusal(ShowAccount("show", PASSWORD)) == BadInput.code
    assert boss.asks(ShowAccount("delete")) == [PasswordWanted("account", "boss")]
    boss.asks(ShowAccount(None, PASSWORD))
    assert boss.shown(LoggedOut) and len(house.core.accounts) == 0
