"""Targets of bans, mutes and roles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.commands.moderation import Op
from chatroom.chat.commands.targets import (
    check_outranks,
    check_reason,
    literal_masks,
    masks_of,
    party_of,
    quoted,
    record_value,
    removals,
)
from chatroom.chat.policy import DefaultRoom
from chatroom.chat.refusals import BadInput, BadName, NotAllowed, NotHere, TooLong


@pytest.fixture
def ann(house):
    """Somebody who rules #dev."""
    return house.join("ann", "dev")


@pytest.fixture
def room(house, ann):
    return house.room("dev")


def masks(house, actor, target, room=None):
    return masks_of(house.hub, actor.session, target, room)


def test_a_nick_stands_for_itself_who_has_it_and_who_owns_it(house, ann, room):
    assert masks(house, ann, "Bob") == ["nick:bob"]
    bob = house.join("bob")
    assert masks(house, ann, "BOB") == ["nick:bob", f"party:{bob.person.party}"]
    account = house.account("bob")
    assert masks(house, ann, "bob") == ["nick:bob", f"party:{account.id}", f"party:{bob.person.party}"]
    house.owner("bob")
    assert masks(house, ann, "bob") == ["nick:bob", f"party:{account.id}"]


def test_an_account_stands_for_its_owner_only(house, ann):
    account = house.account("bob")
    assert masks(house, ann, "account:BOB") == [f"party:{account.id}"]
    with pytest.raises(NotHere):
        masks(house, ann, "account:carl")


def test_an_address_stands_for_where_somebody_is(house, ann):
    house.join("bob", address="192.0.2.7")
    house.join("carl", address="2001:db8::7")
    house.join("dan")
    assert masks(house, ann, "address:bob") == ["address:192.0.2.7/32"]
    assert masks(house, ann, "address:carl") == ["address:2001:db8::/64"]
    for nick, refusal in (("dan", BadInput), ("eve", NotHere)):
        with pytest.raises(refusal):
            masks(house, ann, f"address:{nick}")


@pytest.mark.parametrize(
    ("target", "mask"),
    [
        ("192.0.2.7", "address:192.0.2.7/32"),
        ("192.0.2.0/24", "address:192.0.2.0/24"),
        ("2001:db8::/32", "address:2001:db8::/32"),
        ("1.2.3", "nick:1.2.3"),
    ],
)
def test_what_looks_like_a_network_is_one(house, ann, target, mask):
    assert masks(house, ann, target) == [mask] == literal_masks(house.hub, target)


@pytest.mark.parametrize("target", ["300.1.1.1", "a/b", "a::x", "0.0.0.0/0"])
def test_and_must_be_one(house, ann, target):
    with pytest.raises(BadInput):
        masks(house, ann, target)


@pytest.mark.parametrize("target", ["a:b", "admin", "*"])
def test_what_is_nobodys_nick_is_mistyped(house, ann, target):
    with pytest.raises(BadName):
        masks(house, ann, target)


def test_what_is_listed_literally_may_be_nothing(house):
    assert literal_masks(house.hub, "Bob") == ["nick:bob"] and literal_masks(house.hub, "") == []


def test_nobody_acts_on_themselves_or_on_admins(house, ann, room):
    house.owner("root1", admin=True)
    for target, refusal in (("ann", BadInput), ("root1", NotAllowed), ("account:root1", NotAllowed)):
        with pytest.raises(refusal):
            masks(house, ann, target, room)


def test_nobody_acts_on_other_operators_but_admins(house, ann, room):
    bob, boss = house.join("bob", "dev"), house.owner("boss", "dev")
    admin = house.owner("root1", "dev", admin=True)
    ann.asks(Op("bob"))
    ann.asks(Op("boss"))
    boss.breaks()
    for target in ("bob", "account:boss"):
        with pytest.raises(NotAllowed):
            masks(house, ann, target, room)
        assert masks(house, admin, target, room)
        assert masks(house, ann, target, None), "elsewhere that is nothing"
    with pytest.raises(NotAllowed):
        check_outranks(ann.person, bob.person, room)
    check_outranks(admin.person, bob.person, room)
    check_outranks(ann.person, bob.person, None)


def test_who_is_appointed_is_an_operator_while_away(house, ann, room):
    house.account("boss")
    house.core.set_policy(replace(house.policy, rooms=(DefaultRoom("dev", operators=("boss",)),)))
    with pytest.raises(NotAllowed):
        masks(house, ann, "boss", room)


def test_a_role_goes_to_an_account_an_operator_or_somebody_here(house, ann, room):
    account, bob = house.account("boss"), house.join("Bob", "dev")
    house.join("carl")
    assert party_of(house.hub, "BOSS", room) == (account.id, "boss")
    assert party_of(house.hub, "bob", room) == (bob.person.party, "Bob")
    ann.asks(Op("bob"))
    party = bob.person.party
    bob.breaks()
    room.state.operators[party] = "Bob"
    assert party_of(house.hub, "bob", room) == (party, "Bob")
    for nick in ("carl", "dan", "a b"):
        with pytest.raises(NotHere):
            party_of(house.hub, nick, room)


@pytest.mark.parametrize(("seconds", "until"), [(None, None), (60.0, 60.0)])
def test_a_record_says_what_who_why_and_until_when(house, ann, seconds, until):
    now = house.clock.seconds()
    assert record_value(house.hub, ann.session, "bob", seconds, "spam") == {
        "target": "bob",
        "reason": "spam",
        "by": "ann",
        "at": now,
        "until": None if until is None else now + until,
    }


def test_a_reason_is_as_long_as_a_topic_and_no_longer(house, ann):
    longest = house.limits.topic
    check_reason(house.hub, "x" * longest)
    for check in (check_reason, lambda hub, reason: record_value(hub, ann.session, "bob", None, reason)):
        with pytest.raises(TooLong):
            check(house.hub, "x" * (longest + 1))


def test_masks_are_taken_off_a_list():
    assert removals("dev", "ban", ["a", "b"]) == [("dev", "ban", "a", None), ("dev", "ban", "b", None)]


def test_a_target_is_repeated_up_to_its_bound():
    assert quoted("x" * 64) == "x" * 64 == quoted("x" * 65)
