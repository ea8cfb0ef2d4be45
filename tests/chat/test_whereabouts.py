"""Which room a line goes to, after a change that the person didn't ask for."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.messages import Act, Answer, Say, Whisper
from chatroom.chat.commands.moderation import Ban, Kick, ListBans
from chatroom.chat.commands.room_settings import Lock
from chatroom.chat.commands.rooms import History, Join, Leave, ListPeople, SetTopic
from chatroom.chat.events import Acted, Said, Whispered
from chatroom.chat.refusals import NotHere
from chatroom.chat.replies import Notice, Refused

NO_ROOM = "You have no current room: /join one to go on. You are still in #lobby."


def words(house, room):
    return [event.text for event in house.stored(room) if isinstance(event, Said | Acted)]


@pytest.fixture
def ann(house):
    """The operator of #dev."""
    return house.join("ann", "dev")


@pytest.fixture
def bob(house, ann):
    """Somebody in the lobby and, at the moment, in #dev."""
    return house.join("bob", "lobby", "dev", resumes=True)


@pytest.mark.parametrize("removal", [Kick("bob"), Ban("bob"), Ban("bob", "1h", "spam")])
def test_after_a_removal_nothing_goes_to_another_room(house, ann, bob, removal):
    ann.asks(removal)
    assert bob.shown(Notice)[-1].text.endswith(NO_ROOM)

    for command in (
        Say("half a line"),
        Act("waves"),
        ListPeople(),
        SetTopic(),
        SetTopic("tea"),
        History(),
        ListBans(),
    ):
        [refused] = bob.asks(command)
        assert isinstance(refused, Refused) and refused.text == f"Nothing was sent. {NO_ROOM}"
    assert words(house, "lobby") == words(house, "dev") == []


def test_joining_any_room_or_leaving_one_ends_that(house, ann, bob):
    for command, where in ((Join("lobby"), "lobby"), (Join("tea"), "tea"), (Leave("lobby"), "tea")):
        ann.asks(Kick("bob"))
        bob.asks(command)
        bob.asks(Say("here"))
        assert words(house, where)[-1] == "here"
        bob.asks(Join("dev"))


def test_a_room_that_is_named_and_private_messages_go_on(house, ann, bob):
    ann.asks(Whisper("bob", "sorry"))
    ann.asks(Kick("bob"))
    bob.asks(Say("goodbye", "lobby"))
    bob.asks(Answer("why?"))
    assert words(house, "lobby") == ["goodbye"] and ann.shown(Whispered)[-1].text == "why?"


def test_a_removal_from_another_room_leaves_the_current_one(house, ann, bob):
    bob.asks(Join("lobby"))
    ann.asks(Kick("bob"))
    assert bob.shown(Notice)[-1].text.endswith("You are in #lobby now.")
    bob.asks(Say("still here"))
    assert words(house, "lobby") == ["still here"]


def test_a_removal_from_the_only_room_is_said_as_before(house, ann):
    bob = house.join("bob", "dev")
    ann.asks(Kick("bob"))
    assert bob.shown(Notice)[-1].text.endswith("You are not in any room now.")
    [refused] = bob.asks(Say("anybody?"))
    assert refused.text == "You are not in a room; /join one first."


def test_leaving_by_oneself_goes_to_the_next_room_as_before(house, ann, bob):
    bob.asks(Leave())
    assert bob.shown(Notice)[-1].text == "You left #dev. You are in #lobby now."
    bob.asks(Say("back here"))
    assert words(house, "lobby") == ["back here"]


def test_it_holds_for_who_carries_on_elsewhere(house, ann, bob):
    ann.asks(Kick("bob"))
    again = bob.returns()
    assert again.refusal(Say("half a line")) == NotHere.code


def test_a_removal_while_the_connection_is_broken_counts_as_well(house, ann, bob):
    bob.breaks()
    ann.asks(Kick("bob"))
    again = bob.returns()
    assert again.refusal(Say("half a line")) == NotHere.code and words(house, "lobby") == []


def test_who_is_not_let_into_the_last_room_that_they_ask_for_has_none(house, ann):
    ann.asks(Lock())
    carl = house.connect()
    carl.asks(Hello("carl", ["lobby", "dev"]))
    assert carl.refusal(Say("hello, dev")) == NotHere.code
    dora = house.connect()
    dora.asks(Hello("dora", ["dev", "lobby"]))
    dora.asks(Say("hello, lobby"))
    assert words(house, "lobby") == ["hello, lobby"]


def test_many_rooms_are_named_in_short(house, ann):
    rooms = [f"room{n}" for n in range(8)]
    bob = house.join("bob", *rooms, "dev")
    ann.asks(Kick("bob"))
    assert bob.shown(Notice)[-1].text.endswith("You are still in #room0, #room1, #room2, #room3, #room4, ….")
