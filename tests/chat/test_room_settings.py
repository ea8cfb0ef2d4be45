"""Commands that change a room's settings, and invitations past them."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.moderation import Mute, Unmute
from chatroom.chat.commands.preferences import Ignore
from chatroom.chat.commands.room_settings import MAX_SLOW_SECONDS, FreeTopic, Invite, Lock, Private, Slow, Unlock
from chatroom.chat.commands.rooms import Join, Leave, SetTopic
from chatroom.chat.events import AUDIT, Invited, SettingChanged
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import BadInput, MutedHere, NotAllowed, NotHere, NotStored, RoomLocked
from chatroom.chat.replies import Notice, Refused, RoomEntered


@pytest.fixture
def ann(house):
    """Somebody who rules #dev."""
    return house.join("ann", "dev")


@pytest.fixture
def bob(house, ann):
    return house.join("bob", "dev")


@pytest.mark.parametrize(
    ("asked", "setting", "value", "undone"),
    [
        (Slow(MAX_SLOW_SECONDS), "slow", str(MAX_SLOW_SECONDS), Slow()),
        (Slow(1), "slow", "1", Slow()),
        (Lock(), "lock", "invited", Unlock()),
        (Lock("sesame"), "lock", "key", Unlock()),
        (Private(), "private", "on", Private("off")),
        (FreeTopic(), "freetopic", "on", FreeTopic("off")),
    ],
)
def test_a_setting_is_changed_seen_recorded_and_undone(house, ann, bob, asked, setting, value, undone):
    [changed] = ann.asks(asked, ref="r")
    assert (changed.setting, changed.value, changed.nick, changed.ref) == (setting, value, "ann", "r")
    assert bob.shown(SettingChanged) == [changed] and house.room("dev").state.settings == {setting: value}
    act = type(asked).__name__.lower()
    assert house.audited() == [("ann", act, "dev")]

    [changed] = ann.asks(undone)
    assert (changed.setting, changed.value) == (setting, "") and house.room("dev").state.settings == {}
    assert ann.refusal(undone) == BadInput.code
    assert [entry.text for entry in house.stored(AUDIT)] == [f"set {setting} to {value}", f"set {setting} to off"]


@pytest.mark.parametrize("asked", [Slow(5), Lock(), Private()])
def test_what_is_set_already_is_not_set_again(ann, asked):
    ann.asks(asked)
    assert ann.refusal(asked) == BadInput.code


def test_a_key_may_be_set_again_for_nobody_knows_it(house, ann):
    ann.asks(Lock("sesame"))
    ann.asks(Lock("other"))
    carl = house.join("carl")
    assert carl.refusal(Join("dev", "sesame")) == RoomLocked.code
    assert carl.answer(Join("dev", "other"), RoomEntered)


def test_a_room_is_slowed_for_an_hour_at_most(ann):
    assert ann.refusal(Slow(MAX_SLOW_SECONDS + 1)) == BadInput.code


@pytest.mark.parametrize("asked", [Slow(5), Lock(), Unlock(), Private(), Private("off")])
def test_only_operators_set_anything(house, ann, bob, asked):
    assert bob.refusal(asked) == NotAllowed.code
    assert house.room("dev").state.settings == {} and house.audited() == []


@pytest.mark.parametrize("asked", [Slow(5, "tea"), Lock("", "tea"), Unlock("tea"), Private("on", "tea")])
def test_only_in_rooms_where_one_is(ann, asked):
    assert ann.refusal(asked) == NotHere.code


@pytest.mark.parametrize("asked", [Lock(), Lock("sesame"), Private(), Private("off")])
def test_what_is_always_open_stays_open_but_may_be_slow(house, asked):
    admin = house.owner("root1", admin=True)
    assert admin.refusal(asked) == NotAllowed.code
    admin.asks(Slow(5))
    assert house.room().state.settings == {"slow": "5"}


def test_a_switch_is_on_or_off(ann):
    assert ann.refusal(Private("maybe")) == BadInput.code


@pytest.mark.parametrize("asked", [Lock(), Private()])
def test_who_is_inside_may_come_back(house, ann, bob, asked):
    ann.asks(asked)
    invited = house.room("dev").state.invited
    assert invited == {ann.person.party: "ann", bob.person.party: "bob"}
    bob.asks(Leave())
    assert bob.answer(Join("dev"), RoomEntered) and house.join("carl").refusal(Join("dev")) == RoomLocked.code


def test_a_slow_room_invites_nobody(house, ann, bob):
    ann.asks(Slow(5))
    assert house.room("dev").state.invited == {}


def test_what_cannot_be_stored_does_not_hold(house, ann):
    house.journal.broken = JournalError("the disk is full")
    ann.asks(Lock())
    assert house.room("dev").state.settings == {} == house.room("dev").state.invited
    assert [one.code for one in ann.shown(Refused)] == [NotStored.code] * 2


# Invitations.


def test_who_is_invited_is_told_and_may_come_in(house, ann, bob):
    ann.asks(Lock())
    carl = house.join("carl")
    [event] = ann.asks(Invite("CARL"), ref="r")
    assert (event.target, event.nick, event.ref) == ("carl", "ann", "r") and bob.shown(Invited) == [event]
    assert isinstance(carl.outlet.everything[-1], Notice) and carl.answer(Join("dev"), RoomEntered)
    assert house.audited()[-1] == ("ann", "invite", "dev")


def test_into_an_open_room_anybody_invites_and_it_is_no_act_of_moderation(house, ann, bob):
    carl = house.join("carl")
    bob.asks(Invite("carl"))
    assert len(carl.shown(Notice)) == 1 and house.audited() == []
    ann.asks(Lock())
    assert bob.refusal(Invite("carl")) == NotAllowed.code


@pytest.mark.parametrize(("nick", "code"), [("bob", BadInput.code), ("carl", NotHere.code)])
def test_nobody_is_invited_who_is_inside_or_nowhere(ann, bob, nick, code):
    assert ann.refusal(Invite(nick)) == code


def test_who_is_muted_invites_nobody(house, ann, bob):
    house.join("carl")
    ann.asks(Mute("bob"))
    assert bob.refusal(Invite("carl")) == MutedHere.code


def test_who_is_ignored_may_invite_and_is_not_heard(house, ann, bob):
    carl = house.join("carl")
    carl.asks(Ignore("ann"))
    shown = len(carl.outlet.everything)
    ann.asks(Invite("carl"))
    assert len(carl.outlet.everything) == shown and carl.person.party in house.room("dev").state.invited


def test_everyone_sets_a_free_topic_but_those_who_may_not_speak(ann, bob):
    assert bob.refusal(SetTopic("mine")) == bob.refusal(FreeTopic()) == NotAllowed.code
    ann.asks(FreeTopic())
    [changed] = bob.asks(SetTopic("mine"))
    assert changed.topic == "mine"
    ann.asks(Mute("bob"))
    assert bob.refusal(SetTopic("ours")) == MutedHere.code
    ann.asks(Unmute("bob"))
    ann.asks(FreeTopic("off"))
    assert bob.refusal(SetTopic("ours")) == NotAllowed.code
