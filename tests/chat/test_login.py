"""Login and logout: their effects, and the records of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.commands.accounts import LogIn, LogOut, Register
from chatroom.chat.commands.identity import Rename
from chatroom.chat.commands.rooms import Join
from chatroom.chat.events import Renamed
from chatroom.chat.ports import JournalError, RecordChange
from chatroom.chat.refusals import (
    NotNow,
    NotStored,
    WrongPassword,
)
from chatroom.chat.replies import LoggedIn, LoggedOut, NickChanged

from .bare import PASSWORD

OTHER = "another horse"


@pytest.fixture
def ann(house):
    return house.join("ann", resumes=True)


def holds(house, kind="account"):
    return {record.key: record.value for record in house.journal.standing() if record.kind == kind}


# Logging in.


def test_what_another_program_changes_while_the_owner_comes_in_holds(house, ann):
    proven = house.account("boss", admin=True)
    house.change_from_outside(replace(proven, admin=False).kept())
    Deferred.fromCoroutine(house.hub.logins.finish(ann.session, proven))
    house.settle()
    assert not house.core.accounts.of("boss").admin and not ann.session.person.account.admin


def test_nobody_comes_in_by_a_password_that_has_changed_meanwhile(house, ann):
    proven = house.account("boss")
    house.change_from_outside(replace(proven, hash=f"plain:{OTHER}").kept())
    refused = []
    Deferred.fromCoroutine(house.hub.logins.finish(ann.session, proven)).addErrback(refused.append)
    house.settle()
    assert refused[0].check(NotNow) is NotNow
    assert ann.session.person.account is None and house.core.accounts.of("boss").hash == f"plain:{OTHER}"


def test_who_logs_in_is_told_with_what_role_and_gets_the_nick(house, ann):
    house.account("boss", admin=True)
    shown = ann.asks(LogIn("boss", PASSWORD))
    assert ann.nick == "boss" and [event.new for event in ann.shown(Renamed)] == ["boss"]
    told = ann.shown(LoggedIn)[-1]
    assert (told.account, told.role) == ("boss", "admin") and NickChanged("boss") in shown
    assert ann.person.account.seen == house.clock.seconds()


def test_the_nick_of_now_is_meant_if_none_is_given(house):
    house.account("boss")
    stranger = house.join("boss")
    assert stranger.refusal(LogIn("wrong", "horse")) == WrongPassword.code
    stranger.asks(LogIn(*PASSWORD.split()))
    assert stranger.person.account is not None and stranger.person.unproven is None
    house.advance(house.limits.login_within + 1)
    assert stranger.nick == "boss"


@pytest.mark.parametrize(("nick", "password"), [("boss", "wrong horse"), ("nobody1", PASSWORD)])
def test_wrong_is_wrong_whether_there_is_an_account_or_not(house, ann, nick, password):
    house.account("boss")
    verified = house.passwords.verified
    asked = LogIn(nick, password)
    assert ann.refusal(asked) == WrongPassword.code and house.passwords.verified == verified + 1


def test_one_is_logged_in_to_one_account_at_a_time(house, ann):
    house.account("boss")
    ann.asks(Register(PASSWORD))
    assert ann.refusal(LogIn("boss", PASSWORD)) == NotNow.code
    login = ann.session.login
    assert ann.answer(LogIn("ann", PASSWORD), LoggedIn) and ann.session.login == login


def test_a_second_session_is_the_same_person(house):
    first, second = house.owner("boss"), house.owner("boss")
    assert first.nick == "boss" and second.person is first.person
    assert first.session.login != second.session.login
    assert first.session.budget.level == second.session.budget.level


def test_that_the_owner_was_here_is_kept(house):
    boss = house.owner("boss")
    house.advance(50)
    boss.breaks()
    assert holds(house, "seen")["boss-id"] == {"at": house.clock.seconds()}


# Logging out.


def test_who_logs_out_is_a_guest_whose_nick_is_to_be_proven(house):
    boss = house.owner("boss", resumes=True)
    login = boss.session.login
    boss.asks(LogOut(), ref="r")
    [told] = boss.shown(LoggedOut)
    assert told.resume and boss.person.account is None and boss.person.unproven is not None
    assert login in holds(house, "proof")["boss-id"]["ended"]
    assert holds(house, "proof")["boss-id"]["ended"][login] == house.clock.seconds() + house.limits.token_lasts
    house.advance(house.limits.login_within)
    assert boss.nick != "boss"


def test_only_that_login_has_ended(house):
    first, second = house.owner("boss"), house.owner("boss")
    first.asks(LogOut())
    assert first.person.account is None and second.person.account is not None


def test_a_logout_that_cannot_be_stored_has_not_happened(house):
    boss = house.owner("boss")
    house.journal.broken = JournalError("the disk is full")
    assert boss.refusal(LogOut()) == NotStored.code and boss.person.account is not None


# What another program changes.


def test_who_is_made_an_admin_is_one_at_once(house):
    boss = house.owner("boss")
    house.change_from_outside(replace(boss.person.account, admin=True).kept())
    assert boss.person.account.admin and not boss.shown(LoggedOut)


@pytest.mark.parametrize("deleted", [True, False])
def test_who_is_deleted_or_given_another_password_is_logged_out(house, deleted):
    boss, other = house.owner("boss"), house.owner("carl")
    account = boss.person.account
    change = RecordChange("", "account", "boss", None) if deleted else replace(account, hash="plain:x").kept()
    house.change_from_outside(change)
    assert boss.person.account is None and len(boss.shown(LoggedOut)) == 1
    assert other.person.account is not None


def test_whose_nick_is_registered_meanwhile_has_to_prove_it(house, ann):
    house.account("ann")
    assert ann.person.unproven is not None
    ann.asks(Rename("zoe"))
    assert ann.person.unproven is None


# What happens while a password is worked out.


@pytest.fixture
def working(house):
    """What becomes of the next password that is worked out: a test says it when it likes."""
    working = Deferred()
    house.passwords.verify = lambda hashed, password: working
    return working


def test_who_goes_meanwhile_is_not_logged_in(house, ann, working):
    account = house.account("boss")
    ann.begins(LogIn("boss", PASSWORD))
    house.hub.end(ann.session, "gone")
    working.callback(True)
    house.settle()
    assert house.core.people.owner(account) is None and ann.person.account is None


def test_a_nick_that_is_not_to_be_had_is_no_reason_not_to_be_logged_in(house, ann):
    account = house.account("boss")
    value = {"target": "boss", "reason": "", "by": "x", "at": 0.0, "until": None}
    ann.asks(Join("tea"))
    house.change_from_outside(RecordChange("tea", "ban", "nick:boss", value))
    ann.asks(LogIn("boss", PASSWORD))
    assert ann.person.owns(account) and ann.nick == "ann" and ann.shown(LoggedIn) and ann.is_in("tea")
