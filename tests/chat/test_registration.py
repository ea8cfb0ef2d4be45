"""Registration: accounts are made, given other passwords and deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.commands.accounts import ChangePassword, LogIn, LogOut, Register, ShowAccount
from chatroom.chat.commands.identity import Hello
from chatroom.chat.people.budgets import LOCAL_TIMES
from chatroom.chat.policy import DefaultRoom, Policy
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import (
    BadInput,
    Insecure,
    NickTaken,
    NotAllowed,
    NotNow,
    NotStored,
    TooLong,
    TooMany,
    TooSoon,
    WrongPassword,
)
from chatroom.chat.replies import Goodbye, LoggedIn, LoggedOut, PasswordWanted, Refused

from .bare import PASSWORD, BareHouse

OTHER = "another horse"


@pytest.fixture
def ann(house):
    return house.join("ann", resumes=True)


def holds(house, kind="account"):
    return {record.key: record.value for record in house.journal.standing() if record.kind == kind}


# Registering.


def test_who_registers_has_an_account_and_is_logged_in_to_it(house, ann):
    house.advance(5)
    [told] = ann.asks(Register(PASSWORD), ref="r")
    assert isinstance(told, LoggedIn) and (told.account, told.role) == ("ann", "account")
    assert told.resume and ann.outlet.refs[-1] == "r"
    [value] = holds(house).values()
    assert (value["nick"], value["admin"], value["since"]) == ("ann", False, house.clock.seconds())
    assert PASSWORD not in repr(house.journal._rooms)
    assert house.audited() == [("ann", "register", "")]


def test_without_a_password_it_is_asked_for(house, ann):
    assert ann.asks(Register()) == [PasswordWanted("register", "")]
    assert ann.asks(LogIn()) == [PasswordWanted("login", "ann")]
    house.account("boss")
    assert ann.asks(LogIn("boss")) == [PasswordWanted("login", "boss")]


def test_a_change_of_password_asks_for_what_is_missing(house):
    boss = house.owner("boss")
    wants = ("old", "new")
    assert boss.asks(ChangePassword()) == [PasswordWanted("password", "boss", wants)]
    [wanted] = boss.asks(ChangePassword(PASSWORD))
    assert wanted == PasswordWanted("password", "boss", wants, {"old": PASSWORD}) and PASSWORD not in repr(wanted)
    [wanted] = boss.asks(ChangePassword(new=OTHER))
    assert wanted == PasswordWanted("password", "boss", wants, {"new": OTHER})
    assert boss.session.person.account.hash == f"plain:{PASSWORD}"


@pytest.mark.parametrize(
    ("password", "code"),
    [("x" * 7, BadInput.code), ("x" * 8, None), ("é" * 512, None), ("é" * 512 + "x", TooLong.code)],
)
def test_a_password_is_neither_short_nor_endless(house, ann, password, code):
    shown = ann.asks(Register(password))
    assert [getattr(one, "code", None) for one in shown] == [code] and bool(holds(house)) is (code is None)


def test_passwords_are_not_taken_where_others_read_along_unless_the_policy_says_so(house):
    ann = house.join("ann", secure=False)
    house.account("boss")
    for asked in (Register(PASSWORD), LogIn("boss", PASSWORD), Register()):
        assert ann.refusal(asked) == Insecure.code
    house.core.set_policy(replace(house.policy, plain_login=True))
    ann.asks(Register(PASSWORD))
    assert ann.person.account is not None
    house.core.set_policy(house.policy)
    for asked in (ChangePassword(PASSWORD, OTHER), ShowAccount("delete", PASSWORD)):
        assert ann.refusal(asked) == Insecure.code


def test_a_registered_nick_cannot_be_registered_again(house, ann):
    ann.asks(Register(PASSWORD))
    assert ann.refusal(Register(PASSWORD)) == NotNow.code
    house.account("bob")
    assert house.join("bob").refusal(Register(PASSWORD)) in (NotNow.code, NickTaken.code)


def test_a_nick_that_makes_an_operator_is_registered_by_admins_only():
    house = BareHouse(policy=Policy(rooms=(DefaultRoom("dev", operators=("Ann",)),)))
    assert house.join("ann").refusal(Register(PASSWORD)) == NotAllowed.code


def test_so_many_accounts_and_no_more():
    house = BareHouse(accounts=1)
    bob = house.join("bob")
    house.join("ann").asks(Register(PASSWORD))
    assert bob.refusal(Register(PASSWORD)) == TooMany.code and len(house.core.accounts) == 1


@pytest.mark.parametrize(("address", "times"), [("192.0.2.7", 1), ("", LOCAL_TIMES)])
def test_so_many_from_one_place_in_an_hour(address, times):
    house = BareHouse(registrations=2)
    for number in range(2 * times):
        person = house.join(f"p{number}", address=address)
        person.asks(Register(PASSWORD))
        assert person.person.account is not None
    assert house.join("late", address=address).refusal(Register(PASSWORD)) == TooSoon.code
    assert len(house.core.accounts) == 2 * times
    other = house.join("other", address="192.0.2.8")
    other.asks(Register(PASSWORD))
    assert other.person.account is not None


def test_one_that_comes_to_nothing_because_all_are_busy_does_not_count():
    house = BareHouse(registrations=1)
    ann = house.join("ann", address="192.0.2.7")
    house.passwords.busy = True
    assert ann.refusal(Register(PASSWORD)) == NotNow.code
    house.passwords.busy = False
    ann.asks(Register(PASSWORD))
    assert ann.person.account is not None


def test_what_cannot_be_stored_makes_no_account(house, ann):
    house.journal.broken = JournalError("the disk is full")
    assert ann.refusal(Register(PASSWORD)) == NotStored.code
    house.journal.broken = None
    assert "nothing can be stored" in ann.shown(Refused)[-1].text
    assert ann.person.account is None and len(house.core.accounts) == 0 and house.audited() == []


def test_who_is_another_by_the_time_the_password_is_hashed_registers_nothing(house, ann):
    hashing = Deferred()
    house.passwords.hash = lambda password: hashing
    ann.begins(Register(PASSWORD))
    house.account("ann")
    hashing.callback("plain:x")
    house.settle()
    assert ann.shown(Refused)[-1].code == NickTaken.code and ann.person.account is None


# Changing.


def test_a_new_password_is_the_one_from_then_on(house, ann):
    ann.asks(Register(PASSWORD))
    assert ann.refusal(ChangePassword("wrong horse", OTHER)) == WrongPassword.code
    assert ann.refusal(ChangePassword(PASSWORD, "short")) == BadInput.code
    told = ann.answer(ChangePassword(PASSWORD, OTHER), LoggedIn)
    assert told.resume and told.new_password and house.audited()[-1] == ("ann", "password", "")
    bob = house.join("bob")
    assert bob.refusal(LogIn("ann", PASSWORD)) == WrongPassword.code
    assert not bob.answer(LogIn("ann", OTHER), LoggedIn).new_password


def test_a_new_password_that_cannot_be_stored_leaves_the_old_one(house):
    boss = house.owner("boss")
    house.journal.broken = JournalError("the disk is full")
    boss.asks(ChangePassword(PASSWORD, OTHER))
    house.journal.broken = None
    house.advance(10)

    assert boss.shown(Refused)[-1].code == NotStored.code and boss.person.account is not None
    assert house.join("ann").answer(LogIn("boss", PASSWORD), LoggedIn)


def test_it_ends_all_other_logins_and_tokens(house):
    first, second = house.owner("boss", resumes=True), house.owner("boss", resumes=True)
    token = second.shown(LoggedIn)[-1].resume
    first.asks(ChangePassword(PASSWORD, OTHER))
    assert first.person.account is not None and second.session.gone and second.shown(Goodbye)[-1].ended
    assert house.connect().refusal(Hello("x", resume=token)) == "cannot_resume"
    assert holds(house, "proof")["boss-id"]["epoch"] == 1


def test_the_token_from_after_it_carries_on(house):
    boss = house.owner("boss", resumes=True)
    token = boss.answer(ChangePassword(PASSWORD, OTHER), LoggedIn).resume
    again = house.connect(resumes=True)
    again.asks(Hello("boss", resume=token))
    assert again.person.account is not None


# Deleting.


def test_an_account_is_deleted_with_everything_and_everyone_is_logged_out(house):
    first, second = house.owner("boss"), house.owner("boss")
    assert first.asks(ShowAccount("delete")) == [PasswordWanted("account", "boss")]
    assert first.refusal(ShowAccount("delete", "wrong horse")) == WrongPassword.code
    first.asks(ShowAccount("delete", PASSWORD))
    assert len(first.shown(LoggedOut)) == len(second.shown(LoggedOut)) == 1
    assert holds(house) == holds(house, "seen") == holds(house, "proof") == {} and len(house.core.accounts) == 0
    assert house.audited()[-1] == ("boss", "account", "")
    assert first.person.unproven is None, "the nick is anybody's now"


@pytest.mark.parametrize("asked", [LogOut(), ChangePassword("a", "b"), ShowAccount("delete")])
def test_a_guest_has_nothing_to_change(ann, asked):
    assert ann.refusal(asked) == NotAllowed.code


def test_a_password_that_is_changed_elsewhere_meanwhile_stays_that(house):
    boss = house.join("carl")
    account = house.account("boss")
    boss.asks(LogIn("boss", PASSWORD))
    hashing = Deferred()
    house.passwords.hash = lambda password: hashing
    boss.begins(ChangePassword(PASSWORD, OTHER))
    house.change_from_outside(replace(account, hash="plain:elsewhere").kept())
    hashing.callback("plain:mine")
    house.settle()
    assert boss.shown(Refused)[-1].code == NotNow.code
    assert house.core.accounts.of("boss").hash == "plain:elsewhere"


def test_a_login_that_has_ended_stays_so_if_its_account_cannot_be_deleted(house):
    boss = house.owner("boss", resumes=True)
    former = boss.token
    boss.asks(LogOut())
    again = house.owner("boss")
    house.journal.broken = JournalError("the disk is full")
    assert again.refusal(ShowAccount("delete", PASSWORD)) == "not_stored"
    house.journal.broken = None
    assert house.connect().refusal(Hello("x", resume=former)) == "cannot_resume"
