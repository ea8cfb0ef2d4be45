"""The directory: people by identity, nick and account."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.identity import Rename
from chatroom.chat.people import directory
from chatroom.chat.refusals import NotHere
from chatroom.chat.replies import Notice


@pytest.fixture
def people(house):
    return house.core.people


def test_people_are_named_by_their_nick_in_any_case(house, people):
    ann = house.join("ann")
    assert people.named("ANN") is ann.person and people.meant("Ann") is ann.person
    assert people[ann.person.identity] is ann.person


@pytest.mark.parametrize("nick", ["bob", "", "a b"])
def test_who_is_not_here_is_not_found(house, people, nick):
    house.join("ann")
    with pytest.raises(NotHere):
        people.named(nick)
    assert people.meant(nick) is None


def test_who_is_only_getting_a_nick_is_not_here_yet(house, people):
    newcomer = house.connect().person
    house.core.nicks.claim(newcomer, "ann")
    with pytest.raises(NotHere):
        people.named("ann")
    assert people.meant("ann") is None


def test_meant_is_the_owner_even_while_a_stranger_has_the_nick(house, people):
    house.account("ann")
    stranger = house.join("ann")
    assert people.named("ann") is stranger.person and people.meant("ann") is None
    owner = house.owner("ann")
    assert people.meant("ann") is owner.person


def test_meant_is_the_owner_under_any_nick(house, people):
    first, second = house.owner("ann"), house.owner("ann")
    first.asks(Rename("anna"))
    assert second.nick == "anna" and people.meant("ann") is people.meant("anna") is first.person
    first.breaks()
    assert people.meant("ann") is second.person


def test_an_account_and_who_is_here_are_somebody(house, people):
    account, ann = house.account("bob"), house.join("ann")
    assert people.is_somebody(account.id) and people.is_somebody(ann.person.party)
    party = ann.person.party
    ann.breaks()
    assert not people.is_somebody(party) and not people.is_somebody("bob")


def test_who_is_logged_in_is_listed_with_their_account_until_they_are_not(house, people):
    account = house.account("ann")
    first, second = house.owner("ann"), house.owner("ann")
    guest = house.join("bob")
    assert people.owner(account) is first.person is second.person and people.with_accounts() == [first.person]
    people.log_out(first.person)
    assert (first.person.account, first.session.login, second.session.login) == (None, "", "")
    assert people.owner(account) is None and people.with_accounts() == []
    first.breaks()
    assert not second.person.gone
    second.breaks()
    assert second.person.gone and not guest.person.gone


def test_they_may_be_logged_out_while_they_are_listed(house, people):
    everyone = [house.owner(nick).person for nick in ("ann", "bob", "carl")]
    for person in people.with_accounts():
        people.log_out(person)
    assert all(person.account is None for person in everyone)


def test_everyone_is_looked_at_a_slice_in_each_turn(monkeypatch, house, people):
    monkeypatch.setattr(directory, "_SLICE", 2)
    crowd = [house.join(f"p{number}") for number in range(5)]
    seen = []
    house.runtime.spawn(people.everyone(lambda person: seen.append(person.nick)))
    assert seen == ["p0", "p1"]
    crowd[3].breaks()
    house.settle()
    assert seen == ["p0", "p1", "p2", "p4"], "who has gone meanwhile is not"


def test_everyone_is_told_and_for_one_it_is_the_answer(house, people):
    ann, bob = house.join("ann"), house.join("bob")
    ann.session.ref = bob.session.ref = "r"
    people.announce(Notice("tea"), ann.session)
    assert ann.shown(Notice) == bob.shown(Notice) == [Notice("tea")]
    assert (ann.outlet.refs[-1], bob.outlet.refs[-1]) == ("r", None)
    people.announce(Notice("more"))
    assert ann.outlet.refs[-1] is None
