"""Speech: messages are checked, and stored as they were said."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.messages import Act, Say, Whisper
from chatroom.chat.commands.moderation import Mute
from chatroom.chat.commands.room_settings import Slow
from chatroom.chat.commands.rooms import Leave, SetTopic
from chatroom.chat.events import Acted, Said, TopicChanged, Whispered
from chatroom.chat.refusals import BadInput, MutedHere, TooLong, TooSoon

from .bare import BareHouse


@pytest.fixture
def ann(house):
    """Somebody who rules #dev."""
    return house.join("ann", "dev")


@pytest.fixture
def bob(house, ann):
    return house.join("bob", "dev")


def test_what_is_said_is_who_said_what_where_and_when(house, ann, bob):
    house.advance(5)
    ann.asks(Say("hi"), ref="r")
    now, identity = house.clock.seconds(), ann.person.identity
    assert bob.shown(Said) == [Said("dev", now, identity, "ann", "hi", ref="r")]
    ann.asks(Act("waves"), ref="r2")
    assert bob.shown(Acted) == [Acted("dev", now, identity, "ann", "waves", ref="r2")]
    ann.asks(Whisper("bob", "psst"), ref="r3")
    [told] = bob.shown(Whispered)
    assert (told.text, told.to, told.nick, told.by, told.at, told.ref) == ("psst", "bob", "ann", identity, now, "r3")
    ann.asks(SetTopic("tea"), ref="r4")
    assert bob.shown(TopicChanged) == [TopicChanged("dev", now, identity, "ann", "tea", ref="r4")]


@pytest.mark.parametrize("make", [Say, Act, lambda text: Whisper("bob", text)])
@pytest.mark.parametrize("text", ["", " ", "\t \n"])
def test_nothing_is_nothing_to_say(ann, bob, make, text):
    assert ann.refusal(make(text)) == BadInput.code


@pytest.mark.parametrize("make", [Say, Act, lambda text: Whisper("bob", text)])
@pytest.mark.parametrize("letter", ["x", "é", "茶", "𝛼"])
def test_a_line_has_so_many_bytes_and_no_more(make, letter):
    house = BareHouse(line=48)
    ann, bob = house.join("ann"), house.join("bob")
    fits = letter * (48 // len(letter.encode()))
    assert ann.refusal(make(fits + "x")) == TooLong.code
    ann.asks(make(fits))
    assert fits in bob.texts() + [event.text for event in bob.shown(Whispered)]


def test_a_paste_has_so_many_lines_and_no_more(house, ann, bob):
    most = house.limits.paste
    fits = "\n".join(["x"] * most)
    assert ann.refusal(Say(fits + "\nx")) == TooLong.code
    ann.says(fits)
    assert bob.texts("dev") == [fits]


def test_a_topic_has_so_many_characters_and_no_more_and_may_be_removed(house, ann, bob):
    longest = house.limits.topic
    assert ann.refusal(SetTopic("é" * (longest + 1))) == TooLong.code
    ann.asks(SetTopic("é" * longest))
    assert house.room("dev").topic == "é" * longest
    ann.asks(SetTopic("-"))
    assert house.room("dev").topic == "" and bob.shown(TopicChanged)[-1].topic == ""


@pytest.mark.parametrize("asked", [Say("hi"), Act("waves")])
def test_who_is_muted_says_nothing_and_may_leave(ann, bob, asked):
    ann.asks(Mute("bob"))
    assert bob.refusal(asked) == MutedHere.code
    bob.asks(Leave())
    assert not bob.is_in("dev")


@pytest.mark.parametrize("asked", [Say("hi"), Act("waves")])
def test_in_a_slow_room_all_wait_but_operators(house, ann, bob, asked):
    ann.asks(Slow(10))
    bob.asks(asked)
    assert bob.refusal(asked) == TooSoon.code
    house.advance(10)
    assert len(bob.asks(asked)) == 1
    ann.says("one", "two")
    assert ann.texts("dev")[-2:] == ["one", "two"]


def test_a_topic_counts_as_speech(house):
    ann, admin = house.join("ann"), house.owner("root1", admin=True)
    ann.asks(SetTopic("tea"))
    admin.asks(Mute("ann"))
    assert ann.refusal(SetTopic("coffee")) == MutedHere.code and house.room().topic == "tea"
