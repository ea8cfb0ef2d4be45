"""Accounts through the doors: registration, login, changes and deletion."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address

from chatroom.chat.policy import Policy
from tests.house import House, JsonPerson, LinePerson

PASSWORD = "correct horse"
FAR = IPv4Address("TCP", "192.0.2.7", 50_000)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def ann(house: House) -> LinePerson:
    """A person with an account."""
    ann = house.join("ann")
    ann.types(f"/register {PASSWORD}")
    return ann


def test_who_registers_is_logged_in(house: House, ann: LinePerson):
    assert ann.heard_of("Logged in as ann")
    ann.types("/account")
    assert ann.heard_of("Logged in as ann")


def test_a_password_is_not_stored_as_it_is(house: House, ann: LinePerson):
    [record] = [one for one in house.journal.standing() if one.kind == "account"]
    assert record.key == "ann" and PASSWORD not in str(house.stored("&audit"))
    assert record.value["hash"] == f"plain:{PASSWORD}", "the stand-in's hash, and nothing else of it"


def test_a_stranger_with_a_registered_nick_is_renamed_in_time(house: House, ann: LinePerson):
    ann.types("exit")
    other = house.join("ann", JsonPerson)
    assert other.heard_of("is registered") and other.of_type("password_wanted")
    house.advance(house.limits.login_within - 1)
    assert not other.heard_of("you are ann2 now")
    house.advance(1)
    assert other.heard("-- You are now known as ann2.")
    assert [event.new for _, event in house.stored() if event.type == "renamed"] == ["ann2"]


def test_who_logs_in_in_time_keeps_the_nick(house: House, ann: LinePerson):
    ann.types("exit")
    again = house.join("ann", JsonPerson)
    again.types(f"/login {PASSWORD}")
    house.advance(house.limits.login_within + 1)
    assert again.heard_of("Logged in as ann") and not again.heard_of("ann2")


def test_the_owner_takes_the_nick_from_a_stranger_at_once(house: House, ann: LinePerson):
    ann.types("exit")
    other = house.join("ann", JsonPerson)
    owner = house.join("dora")
    owner.types(f"/login ann {PASSWORD}")
    assert owner.heard("-- You are now known as ann.") and other.heard("-- You are now known as ann2.")


def test_a_registered_nick_is_not_to_be_had_by_renaming(house: House, ann: LinePerson):
    ann.types("exit")
    bob = house.join("bob")
    bob.types("/nick ann")
    assert bob.heard_of("!! The nick ann is registered.")


def test_a_wrong_password_says_nothing_of_which_is_wrong(house: House, ann: LinePerson):
    bob = house.join("bob")
    bob.types("/login ann wrong password", "/login nobody wrong password")
    assert [line for line in bob.lines if line.startswith("!!")] == 2 * ["!! Wrong nick or password."]


def test_guessing_is_slowed(house: House, ann: LinePerson):
    bob = house.join("bob")
    bob.types(*["/login ann wrong password"] * 12)
    assert bob.heard_of("wait") and house.passwords.verified < 12


def test_who_has_registered_can_come_back_whatever_others_guess():
    house = House(policy=Policy(plain_login=True))
    ann = house.join("ann")
    ann.types(f"/register {PASSWORD}", "/logout")
    ann.forget()
    for number in range(2):
        far = LinePerson(house, FAR)
        far.joins(f"guesser{number}")
        far.types(*["/login ann wrong password"] * 6)
    assert far.heard_of("!! Too many wrong passwords.")
    ann.types(f"/login ann {PASSWORD}")
    assert ann.heard_of("Logged in as ann")


def test_passwords_are_not_taken_where_others_can_read_along():
    house = House()
    far = LinePerson(house, FAR)
    far.joins("ann")
    far.types(f"/register {PASSWORD}")
    assert far.heard_of("!! Passwords are not accepted over this connection")


def test_unless_that_is_allowed():
    house = House(policy=Policy(plain_login=True))
    far = LinePerson(house, FAR)
    far.joins("ann")
    far.types(f"/register {PASSWORD}")
    assert far.heard_of("Logged in as ann")


@pytest.mark.parametrize("password", ["short", "x" * 1025])
def test_a_password_that_is_none_is_refused(house: House, password: str):
    bob = house.join("bob")
    bob.types(f"/register {password}")
    assert bob.heard_of("!! A password has at")


def test_an_account_may_be_logged_in_twice(house: House, ann: LinePerson):
    phone = house.join("phone")
    phone.types(f"/login ann {PASSWORD}", "/account")
    assert phone.heard_of("Logged in as ann, and from 1 other connection.")
    phone.types("/whois phone")
    assert phone.heard_of("ann")


def test_deleting_an_account_logs_everyone_out(house: House, ann: LinePerson):
    phone = house.join("phone")
    phone.types(f"/login ann {PASSWORD}")
    ann.types(f"/account delete {PASSWORD}")
    assert phone.heard_of("The account ann is deleted.") and ann.heard_of("The account ann is deleted.")
    bob = house.join("bob")
    bob.types(f"/login ann {PASSWORD}")
    assert bob.heard_of("!! Wrong nick or password")
    assert not [one for one in house.journal.standing() if one.kind == "account"]


def test_a_new_password_ends_other_logins(house: House, ann: LinePerson):
    phone = JsonPerson(house)
    phone.joins("phone")
    phone.asks("login", nick="ann", password=PASSWORD)
    phone.asks("password", old="wrong wrong", new="another one")
    assert phone.heard_of("!! Wrong nick or password") and not ann.heard_of("log in again")
    phone.asks("password", old=PASSWORD, new="another one")
    assert ann.heard_of("Your password was changed") and ann.gone and not phone.gone
    phone.asks("account")
    assert phone.heard_of("Logged in as ann")


def test_a_login_outlives_a_restart_with_the_resume_token(house: House, ann: LinePerson):
    ann.types("exit")
    program = JsonPerson(house)
    program.joins("ann", password=PASSWORD)
    [logged_in] = [one for one in program.objects if one["type"] == "logged_in"]
    house.closes("a new version")
    later = house.restarted()
    again = JsonPerson(later)
    again.joins("ann", resume=logged_in["resume"])
    later.advance(later.limits.login_within + 1)
    again.asks("account")
    assert again.heard_of("Logged in as ann") and not again.heard_of("ann2")


def test_a_token_from_before_a_change_of_password_proves_nothing(house: House, ann: LinePerson):
    program = JsonPerson(house)
    program.joins("bot")
    program.asks("login", nick="ann", password=PASSWORD)
    [logged_in] = program.of_type("logged_in")
    program.leaves()
    other = JsonPerson(house)
    other.joins("other", password=None)
    other.asks("login", nick="ann", password=PASSWORD)
    other.asks("password", old=PASSWORD, new="another one")
    house.advance(house.limits.grace + 1)
    again = JsonPerson(house)
    again.joins("bot", resume=logged_in["resume"])
    assert again.heard_of("!! The login behind this token has ended. Say hello without it.")


def test_too_many_at_once_are_told_so(house: House, ann: LinePerson):
    house.passwords.busy = True
    bob = house.join("bob")
    bob.types(f"/login ann {PASSWORD}")
    assert bob.heard_of("!! Too many people are logging in just now.")


@pytest.mark.parametrize("nick", ["bo\N{LATIN SMALL LETTER ALPHA}t", "\N{CYRILLIC SMALL LETTER VE}oat", "b0at"])
def test_a_nick_that_looks_like_a_registered_one_is_refused(house: House, nick: str):
    owner = house.join("boat")
    owner.types(f"/register {PASSWORD}", "exit")
    bob = house.join("bob")
    bob.types(f"/nick {nick}")
    assert bob.lines[-1].startswith("!! ") and nick not in house.hub.core.nicks


def test_what_was_said_to_somebody_away_comes_with_the_login(house: House, ann: LinePerson):
    ann.types("exit")
    bob = house.join("bob")
    bob.types("/msg ann are you there?", "/msg ann it is urgent")
    assert bob.heard_of("ann is offline")
    later = house.restarted()
    later.settle()
    again = later.join("ann")
    assert not again.heard_of("urgent")
    again.types(PASSWORD)
    assert again.heard("[bob -> you] are you there?") and again.heard("[bob -> you] it is urgent")
    again.forget()
    again.types("/logout", f"/login ann {PASSWORD}")
    assert not again.heard_of("urgent"), "each is given once"


def test_who_logs_in_while_coming_in_is_given_what_was_said_and_comes_in(house: House, ann: LinePerson):
    ann.types("exit")
    house.join("bob").types("/msg ann are you there?")
    again = JsonPerson(house)
    again.joins("ann", password=PASSWORD)
    [past] = again.of_type("history")
    assert [event["text"] for event in past["events"]] == ["are you there?"]
    assert again.objects[-1]["type"] == "live"


def test_the_owner_comes_in_while_a_stranger_has_the_nick(house: House, ann: LinePerson):
    ann.types("exit")
    stranger = house.join("ann", JsonPerson)
    owner = JsonPerson(house)
    owner.joins("ann", password=PASSWORD)
    assert stranger.heard("-- You are now known as ann3.") and owner.heard_of("You are now known as ann.")
    assert sorted(house.hub.core.nicks) == ["ann", "ann3"]


def test_a_second_session_of_an_account_is_the_same_person(house: House, ann: LinePerson):
    second = JsonPerson(house)
    second.joins("ann", password=PASSWORD)
    assert sorted(house.hub.core.nicks) == ["ann"] and second.heard_of("Logged in as ann.")
