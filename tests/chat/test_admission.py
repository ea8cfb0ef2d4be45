"""Admission: who may enter a room, and the rules from then on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.moderation import Ban, Op
from chatroom.chat.commands.room_settings import Lock, Private, Unlock
from chatroom.chat.commands.rooms import Join, Leave, SetTopic
from chatroom.chat.events import Left, RoleChanged, TopicChanged
from chatroom.chat.policy import DefaultRoom
from chatroom.chat.refusals import BadInput, BannedHere, RoomLocked
from chatroom.chat.replies import RoomEntered
from chatroom.chat.rooms import admission

from .bare import BareHouse


@pytest.fixture
def house():
    return BareHouse(token_lasts=100.0)


@pytest.fixture
def ann(house):
    """Somebody who has opened #dev."""
    return house.join("ann", "dev", resumes=True)


def role(person, room="dev", key=""):
    return person.answer(Join(room, key), RoomEntered).role


def test_who_opens_a_room_rules_it_and_nobody_after(house, ann):
    assert role(ann) == "operator" and role(house.join("bob")) == "guest"


def test_nobody_rules_the_lobby_or_a_configured_room_for_coming_first(house):
    house.core.set_policy(replace(house.policy, rooms=(DefaultRoom("tea"),)))
    ann = house.join("ann")
    assert role(ann, "lobby") == role(ann, "tea") == "guest"


def test_a_room_whose_operator_is_an_account_is_not_ruled_by_the_next(house):
    boss = house.owner("boss", "dev")
    boss.asks(Leave())
    assert role(house.join("bob")) == "guest"


def test_a_room_that_guests_have_left_is_ruled_by_the_next(house, ann):
    ann.asks(Leave())
    assert role(house.join("bob")) == "operator"


def test_a_key_where_there_is_none_is_a_mistake(house, ann):
    bob = house.join("bob")
    assert bob.refusal(Join("dev", "sesame")) == BadInput.code
    ann.asks(Lock())
    assert bob.refusal(Join("dev", "sesame")) == BadInput.code
    ann.asks(Lock("sesame"))
    bob.asks(Join("dev", "sesame"))
    assert bob.is_in("dev")


def test_who_knew_the_key_once_comes_in_without_it(house, ann):
    ann.asks(Lock("sesame"))
    bob = house.join("bob")
    bob.asks(Join("dev", "sesame"))
    bob.asks(Leave())
    bob.asks(Join("dev"))
    assert bob.is_in("dev")
    carl = house.join("carl")
    carl.asks(Join("dev", "sesame"))
    ann.asks(Unlock())
    assert house.room("dev").state.invited.keys() >= {bob.person.party, carl.person.party}


def test_a_ban_goes_before_a_key(house, ann):
    ann.asks(Lock("sesame"))
    ann.asks(Ban("bob"))
    assert house.join("bob").refusal(Join("dev", "sesame")) == BannedHere.code


def test_a_guest_who_leaves_hands_the_room_to_who_has_been_there_longest(house, ann):
    bob, carl = house.join("bob", "dev"), house.join("carl", "dev")
    ann.asks(Leave())
    [changed] = carl.shown(RoleChanged)
    assert (changed.nick, changed.target, changed.role) == ("ann", "bob", "operator")
    assert house.room("dev").state.operators == {bob.person.party: "bob"}


def test_not_to_somebody_who_is_leaving_too(house, ann):
    bob, carl = house.join("bob", "dev"), house.join("carl", "dev")
    bob.begins(Leave())
    ann.begins(Leave())
    house.settle()
    assert list(house.room("dev").state.operators) == [carl.person.party]


def test_nor_if_there_is_another_operator(house, ann):
    bob, carl = house.join("bob", "dev"), house.join("carl", "dev")
    ann.asks(Op("carl"))
    ann.asks(Leave())
    assert list(house.room("dev").state.operators) == [carl.person.party]
    assert not [event for event in bob.shown(RoleChanged) if event.nick == "ann" and event.target == "bob"]


def test_nor_where_somebody_is_appointed(house, ann):
    house.join("bob", "dev")
    house.core.set_policy(replace(house.policy, rooms=(DefaultRoom("dev", operators=("boss",)),)))
    ann.asks(Leave())
    assert house.room("dev").state.operators == {} and RoleChanged not in house.kinds("dev")


def test_an_account_stays_operator_when_it_leaves(house):
    boss = house.owner("boss", "dev")
    house.join("bob", "dev")
    boss.asks(Leave())
    assert list(house.room("dev").state.operators) == ["boss-id"]


def test_who_breaks_off_and_does_not_come_back_hands_it_on_too(house, ann):
    bob = house.join("bob", "dev")
    ann.breaks()
    assert not bob.shown(RoleChanged)
    house.advance(house.limits.grace)
    assert [event.target for event in bob.shown(RoleChanged)] == ["bob"] and Left in house.kinds("dev")


def closed(house, ann, *closing):
    ann.asks(SetTopic("secret"))
    ann.says("hush")
    for asked in closing or (Lock(),):
        ann.asks(asked)
    ann.asks(Leave())
    house.hub.end(ann.session, "gone")
    house.settle()
    return house.join("bob")


@pytest.mark.parametrize("closing", [Lock(), Private()])
def test_a_closed_room_whose_guests_are_gone_is_opened_anew_when_their_tokens_are(house, ann, closing):
    bob = closed(house, ann, closing)
    house.advance(99)
    assert bob.refusal(Join("dev")) == RoomLocked.code
    house.advance(2)
    found = bob.answer(Join("dev"), RoomEntered)
    assert (found.role, found.topic, found.settings, found.recent) == ("operator", "", {}, ())
    room = house.room("dev")
    assert room.topic == "" and room.state.settings == {} and room.history.recent(9, 99) == ()
    assert list(room.state.operators) == [bob.person.party] and room.state.sealed >= found.seq
    assert house.audited()[-1] == ("bob", "join", "dev") and house.kinds("dev").count(TopicChanged) == 2


def test_a_room_with_a_key_or_that_is_open_is_not(house, ann):
    bob = closed(house, ann, Lock("sesame"))
    house.advance(500)
    assert bob.refusal(Join("dev")) == RoomLocked.code
    bob.asks(Join("dev", "sesame"))
    assert house.room("dev").state.sealed == 0


@pytest.mark.parametrize(("bans", "opened"), [(0, True), (1, False)])
def test_nor_one_with_so_many_records_that_to_end_them_takes_long(monkeypatch, house, ann, bans, opened):
    # An invitation of who closed it; their role went with them.
    monkeypatch.setattr(admission, "_ENDED_AT_ONCE", 1)
    if bans:
        ann.asks(Ban("carl"))
    bob = closed(house, ann)
    house.advance(500)
    assert (bob.asks(Join("dev")) and bob.is_in("dev")) is opened


def test_an_admin_comes_in_without_opening_it_anew(house, ann):
    closed(house, ann)
    house.advance(500)
    admin = house.owner("root1", admin=True)
    admin.asks(Join("dev"))
    assert admin.is_in("dev") and house.room("dev").state.sealed == 0 and house.room("dev").topic == "secret"


def test_who_left_can_come_back_while_their_token_lasts(house, ann):
    ann.asks(Lock())
    token = ann.token
    house.hub.end(ann.session, "gone")
    house.settle()
    again = house.connect(resumes=True)
    again.asks(Hello("ann", ("dev",), resume=token))
    assert again.is_in("dev") and again.person.party == ann.person.party
