"""A room: its people, its rights, and what it shows."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.identity import Rename
from chatroom.chat.commands.messages import Say, Whisper
from chatroom.chat.commands.moderation import Ban, Mute, Op
from chatroom.chat.commands.room_settings import Invite, Lock, Private
from chatroom.chat.commands.rooms import Join, Leave, SetTopic
from chatroom.chat.events import Joined, Left, Renamed
from chatroom.chat.policy import DefaultRoom, Policy
from chatroom.chat.ports import RecordChange
from chatroom.chat.rooms import room as module

from .bare import BareHouse


@pytest.fixture
def ann(house):
    """Somebody who rules #dev."""
    return house.join("ann", "dev")


@pytest.fixture
def bob(house, ann):
    return house.join("bob", "dev")


def nicks(house, room="dev"):
    return [person.nick for person in house.room(room).people()]


def test_people_are_in_the_order_of_their_nicks_however_they_come(house, ann):
    for nick in ("Carl", "bob", "abe"):
        house.join(nick, "dev")
    assert nicks(house) == ["abe", "ann", "bob", "Carl"]


def test_they_stay_so_when_somebody_goes_or_has_another_nick(house, ann, bob):
    carl = house.join("carl", "dev")
    assert nicks(house) == ["ann", "bob", "carl"]
    bob.asks(Rename("zoe"))
    assert nicks(house) == ["ann", "carl", "zoe"]
    carl.asks(Leave())
    assert nicks(house) == ["ann", "zoe"]


def test_each_of_this_changes_the_list_of_rooms(house, ann, bob):
    version = house.core.room_list_version
    for asked in (Rename("zoe"), SetTopic("tea"), Leave()):
        (ann if isinstance(asked, SetTopic) else bob).asks(asked)
        assert house.core.room_list_version > version
        version = house.core.room_list_version
    ann.says("hi")
    assert house.core.room_list_version == version


def test_the_first_topic_is_the_configured_one_until_somebody_sets_another():
    house = BareHouse(policy=Policy(rooms=(DefaultRoom("dev", "Code"),)))
    ann = house.join("ann", "dev")
    room = house.room("dev")
    assert room.topic == "Code"
    ann.asks(SetTopic("tea"))
    assert room.topic == "tea"
    ann.asks(SetTopic("-"))
    assert room.topic == "Code"


def test_a_seat_counts_what_it_has_missed(house, ann, bob):
    seat = bob.person.seats["dev"]
    ann.says("one", "two")
    assert seat.missing({"dev": 2}) == 2 and seat.missing({"dev": 99}) == 0
    assert seat.missing({}) == 3 and seat.joined_after == 1, "since they came, their coming included"


def test_an_operator_was_made_one_or_is_configured(house, ann, bob):
    room = house.room("dev")
    assert room.is_operator(ann.person) and not room.is_operator(bob.person)
    assert room.ruled and room.operators == [ann.person.party]
    ann.asks(Op("bob"))
    assert room.is_operator(bob.person) and set(room.operators) == {ann.person.party, bob.person.party}


def test_who_is_configured_is_one_only_when_logged_in():
    house = BareHouse(policy=Policy(rooms=(DefaultRoom("dev", operators=("ann",)),)))
    house.account("ann")
    stranger = house.join("ann", "dev")
    room = house.room("dev")
    assert room.ruled and not room.is_operator(stranger.person) and room.operators == []
    assert room.is_ruled_by(house.core.accounts.of("ann")) and not room.is_ruled_by(house.account("bob"))
    assert room.is_operator(house.owner("ann", "dev").person)


def test_operators_who_are_nobody_any_more_do_not_count(house, ann, bob):
    room = house.room("dev")
    house.change_from_outside(RecordChange("dev", "operator", "ghost", {"nick": "ghost"}))
    assert room.operators == [ann.person.party]
    ann.asks(Leave())
    assert room.operators == [bob.person.party], "it went to who was there"


def test_a_banned_or_muted_operator_is_neither(house, ann, bob):
    room = house.room("dev")
    ann.asks(Op("bob"))
    value = {"target": "bob", "reason": "", "by": "x", "at": 0.0, "until": None}
    for kind in ("ban", "mute"):
        house.change_from_outside(RecordChange("dev", kind, "nick:bob", value))
    carl = house.connect().person
    carl.key, carl.identity = "bob", "other"
    assert not room.is_banned(bob.person) and not room.is_muted(bob.person)
    assert room.is_banned(carl) and room.is_muted(carl)


def knows(house, person, room="dev"):
    found = house.room(room)
    return found.may_know(person.person), found.shows_to(person.person), found.may_read(person.person)


def test_a_room_that_is_open_is_known_and_read_by_everyone_but_who_is_banned(house, ann):
    carl = house.join("carl")
    assert knows(house, carl) == (True, True, True)
    ann.asks(Ban("carl"))
    assert knows(house, carl) == (True, True, False)


def test_a_locked_room_is_known_to_everyone_and_read_by_who_is_invited(house, ann):
    carl = house.join("carl")
    ann.asks(Lock())
    assert knows(house, carl) == (True, True, False) and knows(house, ann) == (True, True, True)
    ann.asks(Invite("carl"))
    assert knows(house, carl) == (True, True, True)


def test_a_private_room_is_known_to_its_people_and_admins_only(house, ann, bob):
    ann.asks(Private())
    carl, admin = house.join("carl"), house.owner("root1", admin=True)
    assert knows(house, carl) == (False, False, False)
    assert knows(house, bob) == knows(house, admin) == (True, True, True)


def test_a_conversation_is_shown_to_nobody_and_read_by_its_two(house, ann, bob):
    ann.asks(Whisper("bob", "psst"))
    [name] = [name for name in ann.person.seats if name.startswith("@")]
    carl = house.join("carl")
    assert knows(house, carl, name)[1:] == (False, False) and knows(house, ann, name)[1:] == (False, True)


def test_what_the_configuration_has_opened_is_open(house, ann):
    ann.asks(Private())
    ann.asks(Lock("sesame"))
    room = house.room("dev")
    assert room.closed and room.private
    house.core.set_policy(Policy(rooms=(DefaultRoom("dev"),)))
    assert not room.closed and not room.private


def test_who_leaves_is_shown_their_own_leaving_and_nothing_after(house, ann, bob):
    bob.begins(Leave())
    ann.begins(SetTopic("tea"))
    house.settle()
    assert [event.nick for event in bob.shown(Left)] == ["bob"]
    seqs = bob.seqs("dev")
    assert seqs[-1] == house.kinds("dev").index(Left) + 1


def test_those_who_leave_late_in_a_large_batch_read_on_up_to_there(monkeypatch, house, ann, bob):
    monkeypatch.setattr(module, "_SEEN_OFF_AT_ONCE", 3)
    carl = house.join("carl", "dev")
    for leaver, before in ((bob, 2), (carl, 3)):
        for number in range(before):
            ann.begins(Say(f"{leaver.nick} {number}"))
        leaver.begins(Leave())
        ann.begins(Say("after"))
        house.settle()
        assert leaver.texts("dev")[-before:] == [f"{leaver.nick} {number}" for number in range(before)]
        assert not leaver.is_in("dev") and type(leaver.outlet.events[-1][1]) is Left


def test_coming_going_and_renaming_carry_the_mark_of_who_asked(house, ann):
    bob = house.join("bob")
    bob.asks(Join("dev"), ref="r1")
    bob.asks(Rename("zoe"), ref="r2")
    bob.asks(Leave(), ref="r3")
    assert [ann.shown(kind)[-1].ref for kind in (Joined, Renamed, Left)] == ["r1", "r2", "r3"]
    assert (ann.shown(Renamed)[-1].nick, ann.shown(Renamed)[-1].new) == ("bob", "zoe")


def test_who_goes_while_they_get_another_nick_leaves_under_the_new_one(house, ann, bob):
    bob.begins(Rename("zoe"))
    bob.breaks()
    assert [(event.nick, event.new) for event in ann.shown(Renamed)] == [("bob", "zoe")]
    assert [event.nick for event in ann.shown(Left)] == ["zoe"]


def test_a_muted_person_is_muted_until_it_is_lifted(house, ann, bob):
    room = house.room("dev")
    ann.asks(Mute("bob", "10s"))
    assert room.is_muted(bob.person)
    house.advance(10)
    assert not room.is_muted(bob.person)
