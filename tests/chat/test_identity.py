"""Commands about who one is and who others are."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.accounts import Register
from chatroom.chat.commands.identity import Hello, Rename, ShowPerson, ShowSeen
from chatroom.chat.commands.messages import Whisper
from chatroom.chat.commands.room_settings import Private
from chatroom.chat.commands.rooms import Join
from chatroom.chat.refusals import NotHere
from chatroom.chat.replies import NickChanged, Seen, Welcome, Whois

from .bare import PASSWORD


@pytest.fixture
def ann(house):
    return house.join("Ann", "dev", address="192.0.2.7")


def test_hello_and_another_nick(house):
    ann = house.connect()
    assert ann.answer(Hello("ann"), Welcome).nick == "ann"
    assert ann.answer(Rename("zoe"), NickChanged) == NickChanged("zoe")


def test_a_password_is_in_no_representation():
    assert PASSWORD not in repr(Hello("ann", password=PASSWORD))


def test_what_may_be_known_of_a_person(house, ann):
    house.advance(60)
    found = house.join("bob").answer(ShowPerson("ANN"), Whois)
    assert (found.person.nick, found.person.idle, found.person.role, found.person.connected) == (
        "Ann",
        60,
        "guest",
        True,
    )
    assert found.rooms == ("dev",) and found.since == house.clock.seconds() - 60
    assert (found.account, found.address) == ("", ""), "where one is from is for admins"


def test_admins_know_where_one_is_from(house, ann):
    assert house.owner("root1", admin=True).answer(ShowPerson("ann"), Whois).address == "192.0.2.7"


def test_the_account_and_the_role_on_the_server_are_told(house, ann):
    ann.asks(Register(PASSWORD))
    found = house.join("bob").answer(ShowPerson("ann"), Whois)
    assert (found.account, found.person.role) == ("Ann", "account"), "an operator of some room is none of the server"


def test_rooms_are_named_that_who_asks_may_know_of(house, ann):
    bob = house.join("bob")
    ann.asks(Join("tea"))
    ann.asks(Private())
    ann.asks(Whisper("bob", "psst"))
    assert bob.answer(ShowPerson("ann"), Whois).rooms == ("dev",)
    assert ann.answer(ShowPerson("ann"), Whois).rooms == ("dev", "tea")


def test_who_is_not_here_is_nobody_to_tell_of(ann):
    assert ann.refusal(ShowPerson("bob")) == NotHere.code


def seen(person, nick):
    return person.answer(ShowSeen(nick), Seen)


def test_who_is_here_was_last_here_when_they_last_asked_for_something(house, ann):
    bob = house.join("bob")
    at = house.clock.seconds()
    house.advance(30)
    assert seen(bob, "ANN") == Seen("Ann", here=True, at=at)


def test_who_has_left_was_here_then(house, ann):
    bob = house.join("bob")
    house.advance(30)
    ann.breaks()
    at = house.clock.seconds()
    house.advance(30)
    assert seen(bob, "ann") == Seen("Ann", here=False, at=at)


def test_an_account_that_was_never_used_was_never_here_until_it_is(house):
    bob = house.join("bob")
    house.account("boss")
    assert seen(bob, "boss") == Seen("boss", here=False, at=None)

    house.owner("boss").breaks()
    assert seen(bob, "boss").at == house.clock.seconds()


def test_who_registers_has_been_here(house):
    ann = house.join("ann")
    ann.asks(Register(PASSWORD))

    identity = ann.person.account.id
    [stored] = house.journal.find("seen", identity).result
    assert stored.value == {"at": house.clock.seconds()}


def test_an_account_is_known_for_good_and_before_a_stranger_of_its_nick(house):
    boss, bob = house.owner("boss"), house.join("bob")
    house.advance(30)
    boss.breaks()
    at = house.clock.seconds()
    house.advance(5)
    house.join("boss").breaks()
    assert seen(bob, "boss") == Seen("boss", here=False, at=at)


def test_who_was_never_here_is_not_known_and_a_long_name_is_cut(house, ann):
    assert seen(ann, "bob") == Seen("bob", here=False, at=None)
    longest = house.limits.nick
    assert seen(ann, "x" * (longest + 1)) == Seen("x" * longest, here=False, at=None)
