"""Message commands: the room or person that each goes to."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.messages import Act, Answer, Say, Whisper
from chatroom.chat.commands.rooms import Join
from chatroom.chat.events import Acted, Said, Whispered
from chatroom.chat.refusals import NotHere


@pytest.fixture
def ann(house):
    return house.join("ann", "dev", "tea")


@pytest.mark.parametrize(("make", "kind"), [(Say, Said), (Act, Acted)])
def test_what_is_said_goes_to_the_current_room_or_the_named_one(ann, make, kind):
    for room, where in ((None, "tea"), ("dev", "dev"), ("#DEV", "dev"), ("tea", "tea")):
        [event] = ann.asks(make("hi", room))
        assert type(event) is kind and event.room == where
    assert ann.session.current == "tea"


@pytest.mark.parametrize("make", [Say, Act])
def test_in_rooms_of_others_nothing_is_said(house, ann, make):
    house.join("bob", "den")
    assert ann.refusal(make("hi", "den")) == NotHere.code
    assert len(house.stored("den")) == 1


def test_what_is_only_appended_is_its_own_answer(house, ann):
    ann.begins(Say("hi"), "r")
    assert ann.session.ref is None and not ann.session.busy
    house.settle()
    assert ann.shown(Said)[-1].ref == "r"


def test_private_messages_and_answers(house, ann):
    bob = house.join("bob")
    assert [type(one) for one in ann.asks(Whisper("bob", "psst"))] == [Whispered]
    bob.asks(Join("dev"))
    assert [one.to for one in bob.asks(Answer("what?")) if isinstance(one, Whispered)] == ["ann"]
    assert ann.refusal(Whisper("carl", "psst")) == NotHere.code
    assert house.join("carl").refusal(Answer("what?")) == NotHere.code
