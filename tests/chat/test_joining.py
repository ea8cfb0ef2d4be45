"""Joining: people come into rooms, one or many, whatever happens while that is recorded."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.accounts import LogIn
from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.messages import Say, Whisper
from chatroom.chat.commands.moderation import Ban, Kick, Op
from chatroom.chat.commands.room_settings import Lock, Slow
from chatroom.chat.commands.rooms import Join, Leave, SetTopic
from chatroom.chat.events import Banned, Joined, Left
from chatroom.chat.fair_queue import PER_TURN
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import BadName, BannedHere, NotNow, NotStored, RoomLocked, TooMany
from chatroom.chat.replies import CaughtUp, Refused, RoomEntered
from chatroom.chat.rooms.joining import JoinRequest, Outcome, turns

from .bare import PASSWORD, BareHouse


@pytest.fixture
def ann(house):
    """Somebody who rules #dev."""
    return house.join("ann", "dev")


@pytest.fixture
def bob(house, ann):
    return house.join("bob", "dev")


def entered(person, room):
    return person.answer(Join(room), RoomEntered)


def test_who_comes_in_is_told_what_is_there(house, ann):
    ann.asks(SetTopic("tea"))
    ann.asks(Slow(5))
    ann.says("one", "two")
    bob = house.join("bob")
    found = entered(bob, "#DEV")
    assert (found.room, found.topic, found.people, found.role) == ("dev", "tea", ("ann", "bob"), "guest")
    assert found.settings == {"slow": "5"} and bob.session.current == "dev"
    assert [event.text for _, event in found.recent] == ["one", "two"]
    joined = [(seq, event) for seq, event in bob.outlet.events if event.room == "dev"]
    assert [(seq, type(event)) for seq, event in joined] == [(found.seq + 1, Joined)]


def test_who_comes_in_is_shown_so_many_lines_of_before(ann):
    house = BareHouse(greeting=2)
    house.join("ann").says("one", "two", "three")
    assert [event.text for _, event in house.join("bob").shown(RoomEntered)[0].recent] == ["two", "three"]


def test_who_says_what_they_have_seen_is_shown_the_rest_as_events(house, ann):
    ann.says("one", "two", "three")
    bob = house.connect()
    bob.asks(Hello("bob", seen={"dev": 3}))
    found = bob.shown(RoomEntered)[0]
    assert (found.seq, found.recent) == (3, ()) and bob.texts("dev") == ["three"]


def test_coming_again_only_makes_it_the_current_room(house, ann, bob):
    bob.asks(Join("den"))
    kinds = house.kinds("dev")
    found = entered(bob, "dev")
    assert bob.session.current == "dev" and house.kinds("dev") == kinds
    assert found.recent == () and found.people == ("ann", "bob")


def test_one_may_be_in_so_many_rooms_and_conversations_do_not_count():
    house = BareHouse(rooms_per_session=2)
    ann = house.join("ann")
    house.join("bob")
    ann.asks(Whisper("bob", "hi"))
    ann.asks(Join("dev"))
    assert ann.refusal(Join("den")) == TooMany.code
    ann.asks(Join("lobby"))
    ann.asks(Leave("dev"))
    ann.asks(Join("den"))
    assert ann.is_in("den") and ann.session.current == "den"


def test_a_name_that_is_none_is_refused(ann):
    assert ann.refusal(Join("a b")) == BadName.code


def test_who_goes_while_their_coming_is_recorded_has_come_and_left(house, ann):
    bob = house.join("bob")
    bob.begins(Join("dev"))
    house.hub.end(bob.session, "gone")
    house.settle()
    assert house.kinds("dev") == [Joined, Joined, Left] and "bob" not in str(house.room("dev").people())
    assert len(house.room("dev").seats) == 1


def test_who_is_banned_while_their_coming_is_recorded_has_left(house, ann):
    bob = house.join("bob")
    bob.begins(Join("dev"))
    ann.begins(Ban("bob"))
    house.settle()
    assert not bob.is_in("dev") and bob.shown(Refused)[-1].code == BannedHere.code
    assert house.kinds("dev").count(Joined) == 2 and house.kinds("dev").count(Left) == 1


def test_coming_in_twice_at_once_is_coming_once(house, ann):
    bob = house.join("bob", resumes=True)
    bob.begins(Join("dev"))
    again = bob.house.connect(resumes=True)
    again.begins(Hello("bob", ("dev",), resume=bob.token))
    house.settle()
    assert house.kinds("dev").count(Joined) == 2 and again.is_in("dev") and again.session.current == "dev"
    assert not again.session.busy and again.shown(CaughtUp), "and both have been waited for"


def test_a_locked_room_keeps_out_and_lets_back_in_who_was_there(house, ann, bob):
    ann.asks(Lock("sesame"))
    carl = house.join("carl")
    assert carl.refusal(Join("dev")) == carl.refusal(Join("dev", "wrong")) == RoomLocked.code
    carl.asks(Join("dev", "sesame"))
    assert carl.is_in("dev")
    for person in (bob, carl):
        person.asks(Leave("dev"))
        person.asks(Join("dev"))
        assert person.is_in("dev"), "without the key"


def test_nobody_comes_in_when_everyone_is_sent_home(house, ann):
    house.core.closing = True
    assert ann.refusal(Join("den")) == NotNow.code


def test_who_comes_into_a_large_room_pays_for_the_names(house, ann):
    bob = house.join("bob")
    level = bob.session.budget.level
    bob.asks(Join("dev"))
    assert bob.session.budget.level < level


def test_an_operator_who_is_made_one_is_told_so_when_they_come(house, ann, bob):
    ann.asks(Op("bob"))
    assert entered(bob, "dev").role == "operator"
    bob.begins(Say("hi"))
    house.settle()
    assert ann.texts("dev") == ["hi"]


def test_who_is_put_out_while_they_wait_to_be_told_of_the_room_is_not_told(house, ann, bob):
    bob.asks(Join("den"))
    before = len(bob.shown(RoomEntered))
    bob.begins(Join("dev"))
    ann.begins(Kick("bob"))
    house.settle()
    assert len(bob.shown(RoomEntered)) == before and bob.shown(Refused)[-1].code == NotNow.code
    assert not bob.is_in("dev") and bob.session.current == "den"


ROOMS = tuple(f"room{number}" for number in range(5))


def test_many_rooms_are_entered_with_one_commit_and_shown_in_the_order_they_were_asked_for(house):
    ann = house.connect()
    before = house.journal.times.counts[-1]
    ann.asks(Hello("ann", ROOMS))
    assert house.journal.times.counts[-1] == before + 1
    assert [found.room for found in ann.shown(RoomEntered)] == list(ROOMS) and ann.session.current == ROOMS[-1]
    assert all(ann.seqs(room) == [1] for room in ROOMS) and ann.shown(CaughtUp)


def test_a_room_that_is_refused_does_not_stop_the_others(house, ann):
    ann.asks(Lock())
    bob = house.join("bob", "den", "dev", "pub")
    shown = [one for one in bob.outlet.everything if type(one) in (RoomEntered, Refused)]
    assert [getattr(one, "room", None) or one.code for one in shown] == ["den", RoomLocked.code, "pub"]
    assert bob.session.current == "pub"


def test_if_the_last_room_is_refused_there_is_no_current_one(house, ann):
    ann.asks(Lock())
    bob = house.join("bob", "den", "dev")
    assert bob.is_in("den") and bob.session.current == ""


def test_if_it_cannot_be_recorded_no_room_is_entered(house, ann):
    house.journal.broken = JournalError("the disk is full")
    bob = house.join("bob", *ROOMS)
    assert not bob.person.seats and bob.shown(Refused)[-1].code == NotStored.code
    assert [room.name for room in house.hub.rooms] == ["dev"]


def test_who_is_banned_from_one_of_many_rooms_meanwhile_enters_the_others(house, ann):
    bob = house.connect()
    bob.begins(Hello("bob", ("dev", "den")))
    ann.begins(Ban("bob"))
    house.settle()
    assert not bob.is_in("dev") and bob.is_in("den") and bob.shown(Refused)[-1].code == BannedHere.code
    assert house.kinds("dev") == [Joined, Joined, Banned, Left]


def test_two_sessions_that_enter_rooms_at_once_stay_within_the_limit():
    house = BareHouse(rooms_per_session=2)
    house.account("ann")
    first, second = (house.owner("ann", "lobby") for _ in range(2))
    first.begins(Join("dev"))
    second.begins(Join("den"))
    house.settle()
    assert sorted(first.person.seats) == ["dev", "lobby"] and second.shown(Refused)[-1].code == TooMany.code
    assert house.kinds("den") == [Joined, Left]


def test_guests_who_become_one_person_stay_within_the_limit():
    house = BareHouse(rooms_per_session=2)
    owner = house.owner("ann", "lobby", "dev")
    guest = house.join("guest", "lobby", "den")
    guest.asks(LogIn("ann", PASSWORD))
    assert guest.person is owner.person and sorted(owner.person.seats) == ["dev", "lobby"]
    assert guest.shown(Refused)[-1].code == TooMany.code


def test_two_sessions_that_ask_for_the_same_rooms_in_any_order_enter_them_once(house):
    house.account("ann")
    first, second = (house.owner("ann", "lobby") for _ in range(2))
    first.begins(Join("dev"))
    second.begins(Join("dev"))
    house.settle()
    assert house.kinds("dev") == [Joined] and not first.session.busy and not second.session.busy


def test_the_answers_of_a_turn_are_shown_at_once_and_then_what_was_missed_of_all_rooms(house):
    house.account("ann")
    rooms = [f"room{number}" for number in range(10)]
    ann = house.owner("ann", *rooms)
    house.settle()
    live = ann.outlet.everything.index(CaughtUp())
    assert len(ann.shown(RoomEntered)) == len(ann.outlet.events) == 10
    assert ann.outlet.together_counts.count(10) == 1, "the answers"
    assert ann.outlet.together_counts.count(11) == 1 and live == len(ann.outlet.everything) - 1


def test_rooms_are_answered_in_turns_of_so_much_work(house, ann):
    outcomes = [Outcome(JoinRequest("dev"), house.room("dev"), None)] * 40
    found = list(turns(outcomes))
    assert len(found) > 1 and [one for turn, _ in found for one in turn] == outcomes
    assert all(sum(one.work for one in turn) == pytest.approx(work) and work <= PER_TURN for turn, work in found)
    assert [len(turn) for turn, _ in turns([one._replace(refusal=NotNow("")) for one in outcomes])] == [40]
