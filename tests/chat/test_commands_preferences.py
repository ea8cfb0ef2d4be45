"""Commands about how one wants things: what each switch does, and what it answers."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.identity import ShowPerson
from chatroom.chat.commands.preferences import Color, GoAway, Ignore, Notify, Plain, Unignore
from chatroom.chat.refusals import BadInput, TooLong
from chatroom.chat.replies import Notice, Preferences, Whois


@pytest.fixture
def ann(house):
    return house.join("ann")


def test_each_change_is_answered_with_what_is_so_now(ann):
    assert ann.asks(Ignore("bob")) == [Preferences(("bob",), changed=("ignore",))]
    assert ann.asks(Ignore()) == [Preferences(("bob",), asked=("ignore",))]
    assert ann.asks(Unignore("bob")) == [Preferences(changed=("ignore",))]


@pytest.mark.parametrize("when", ["all", "mentions", "none"])
def test_when_to_be_called(ann, when):
    assert ann.asks(Notify(when)) == [Preferences(notify=when, changed=("notify",))]
    assert ann.outlet.preferences.notify == when


def test_when_one_is_called_is_told_and_nothing_else_is_possible(ann):
    [told] = ann.asks(Notify())
    assert isinstance(told, Notice) and "none" in told.text
    ann.asks(Notify("mentions"))
    [told] = ann.asks(Notify())
    assert isinstance(told, Notice) and "mentions" in told.text
    assert ann.refusal(Notify("ALL")) == BadInput.code and ann.outlet.preferences.notify == "mentions"


@pytest.mark.parametrize(("make", "name"), [(Color, "color"), (Plain, "plain")])
def test_a_switch_is_set_or_turned(ann, make, name):
    for asked, on in (("on", True), ("on", True), (None, False), (None, True), ("off", False)):
        assert ann.asks(make(asked)) == [Preferences(**{name: on}, changed=(name,))]
        assert getattr(ann.outlet.preferences, name) is on
    assert ann.refusal(make("maybe")) == BadInput.code


def away(ann):
    return ann.answer(ShowPerson("ann"), Whois).person.away


def test_who_says_so_is_away_until_they_say_it_again(ann):
    assert away(ann) is None
    for text, then in (("lunch", "lunch"), ("tea", "tea"), ("", None), ("", ""), ("", None)):
        [told] = ann.asks(GoAway(text))
        assert isinstance(told, Notice) and away(ann) == then == ann.person.preferences.away


def test_what_is_said_when_going_away_is_as_long_as_a_topic_and_no_longer(house, ann):
    assert ann.refusal(GoAway("x" * (house.limits.topic + 1))) == TooLong.code and away(ann) is None
    ann.asks(GoAway("x" * house.limits.topic))
    assert away(ann) == "x" * house.limits.topic
