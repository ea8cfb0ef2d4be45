"""Posting: what bots say is stored like what people say."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.room_settings import Slow
from chatroom.chat.events import Said
from chatroom.chat.ports import JournalError
from chatroom.chat.refusals import BadInput, NotStored, TooLong, TooSoon, WrongToken
from chatroom.chat.rooms.posting import PATIENT, Post

from .bare import BareHouse
from .scripted import Scripted


def test_a_post_is_an_event_of_the_bot_under_its_nick_and_label(house: BareHouse):
    script = Scripted(house)
    script.posts("one")
    posted = script.posts("two", label="grafana", ref="r")

    one, two = house.stored()
    assert (posted.room, posted.seq, posted.again) == ("lobby", 2, False)
    assert (type(one), one.nick, one.bot) == (Said, "build", True)
    assert (two.nick, two.bot, two.ref) == ("build (grafana)", True, "r")


def test_a_person_is_no_bot(house: BareHouse):
    house.join("ann").says("hi")

    assert not any(event.bot for event in house.stored())


@pytest.mark.parametrize(
    ("post", "refusal"),
    [(Post(""), BadInput), (Post("x" * 5000), TooLong), (Post("x", ref="r" * 65), TooLong)],
)
def test_what_cannot_be_said_is_refused(house: BareHouse, post, refusal):
    script = Scripted(house)
    with pytest.raises(refusal):
        script.done(house.hub.bots.posting.post(script.bot, "lobby", post))

    assert house.stored() == [] and house.hub.rooms.get("lobby") is None


def test_what_cannot_be_stored_is_not_said_and_may_come_again(house: BareHouse):
    script = Scripted(house)
    bot = script.bot
    house.settle()
    house.journal.broken = JournalError("the disk is full")
    for _ in range(2):
        with pytest.raises(NotStored):
            script.done(house.hub.bots.posting.post(bot, "lobby", Post("x", ref="1")))
    house.journal.broken = None

    assert not script.posts("x", ref="1").again and script.posts("x", ref="1").again


def test_slow_mode_refuses_or_is_waited_for(house: BareHouse):
    house.join("boss", "ops").asks(Slow(30))
    script = Scripted(house)
    script.posts("one", "ops")
    with pytest.raises(TooSoon):
        script.posts("two", "ops")
    waiting = script.begins(house.hub.bots.posting.post(script.bot, "ops", Post("three", patient=True)))

    house.advance(29)
    assert not waiting.called
    house.advance(2)
    assert waiting.called and [one.text for one in house.stored("ops") if type(one) is Said] == ["one", "three"]


def test_only_so_many_wait_for_slow_mode():
    house = BareHouse(rate=0)
    house.join("boss", "ops").asks(Slow(3600))
    script = Scripted(house)
    bot, post = script.bot, house.hub.bots.posting.post
    script.posts("first", "ops")
    for n in range(PATIENT):
        script.begins(post(bot, "ops", Post(str(n), patient=True)))
    house.advance(1)
    with pytest.raises(TooSoon) as refused:
        script.done(post(bot, "ops", Post("one more", patient=True)))
    assert refused.value.wait and script.posts("elsewhere").seq == 1

    house.advance(3600)
    script.begins(post(bot, "ops", Post("again", patient=True)))
    house.advance(1)
    said = [one.text for one in house.stored("ops") if type(one) is Said]
    assert len(said) == 2 and house.hub.bots.posting._patient == {bot.party: PATIENT}


def test_a_token_that_is_revoked_while_its_post_waits_says_nothing():
    house = BareHouse(rate=1.0, burst=1)
    script = Scripted(house)
    bot, failed = script.bot, []
    for n in range(4):
        script.begins(house.hub.bots.posting.post(bot, "lobby", Post(str(n)))).addErrback(failed.append)
    script.done(house.hub.bots.access.remove(bot.account, "build"))
    house.advance(5)

    assert len(failed) + len(house.stored()) == 4 and failed and all(one.check(WrongToken) for one in failed)
