"""Followers: scripts are shown every event once, in order."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.accounts import LogOut
from chatroom.chat.commands.moderation import Deop, Kick, Op
from chatroom.chat.commands.room_settings import Lock, Private
from chatroom.chat.commands.rooms import Join, Leave, ListPeople
from chatroom.chat.commands.server import Quit
from chatroom.chat.events import Said
from chatroom.chat.ports import JournalError, RetentionLimit
from chatroom.chat.replies import Gap, Who

from .bare import BareHouse
from .scripted import Scripted


def test_a_follower_is_shown_what_it_missed_then_everything_live(house: BareHouse):
    ann = house.join("ann2")
    ann.says("one", "two")
    script = Scripted(house)
    all_of_it, new, rest = script.follows(after=0), script.follows(), script.follows(after=2)
    ann.says("three")

    assert (all_of_it.seqs, new.seqs, rest.seqs) == ([1, 2, 3, 4], [4], [3, 4])
    assert house.core.delivered["api"] == 7


def test_who_does_not_read_is_shown_the_rest_later(house: BareHouse):
    ann, script = house.join("ann2"), Scripted(house)
    stream = script.follows()
    stream.outlet.full = True
    ann.says("one", "two", "three")
    assert stream.seqs == [2]

    stream.outlet.drain()
    house.settle()
    assert stream.seqs == [2, 3, 4]
    ann.says("four")
    assert stream.seqs == [2, 3, 4, 5]


def test_a_long_history_is_shown_page_by_page_even_to_who_keeps_stopping():
    house = BareHouse(rate=0)
    script = Scripted(house)
    for n in range(700):
        script.posts(str(n))
    stream = script.follows(after=0)
    stream.outlet.full = True
    for _ in range(20):
        house.advance(1)
        stream.outlet.drain()
        stream.outlet.full = True
    house.advance(1)

    assert stream.seqs == list(range(1, 701))


def test_what_retention_has_removed_is_a_gap():
    house = BareHouse(rate=0)
    script = Scripted(house)
    for n in range(300):
        script.posts(str(n))
    house.journal.trim("lobby", RetentionLimit(events=10))
    script.done(house.hub.rooms.trimmed("lobby"))
    stream = script.follows(after=5)
    house.advance(1)

    assert [one for one in stream.outlet.everything if type(one) is Gap] == [Gap("lobby", 6, 290)]
    assert stream.seqs == list(range(291, 301))


def test_a_journal_that_cannot_be_read_is_tried_again():
    house = BareHouse(rate=0)
    script = Scripted(house)
    for n in range(300):
        script.posts(str(n))
    reads, house.hub.rooms.pages._journal = house.hub.rooms.pages._journal, _Broken()
    stream = script.follows(after=0)
    assert stream.seqs == []
    house.hub.rooms.pages._journal = reads
    house.advance(2)

    assert stream.seqs == list(range(1, 301))


class _Broken:
    async def after(self, *_):
        raise JournalError("the disk is gone")


def test_who_does_not_want_to_go_on_ends_with_what_is_there(house: BareHouse):
    script = Scripted(house)
    script.posts("one")
    stream = script.follows(after=0, on=False)
    house.settle()

    assert stream.seqs == [1] and stream.ended and house.hub.rooms.get("lobby") is None


def test_a_client_that_sends_no_more_gets_what_has_happened(house: BareHouse):
    ann, script = house.join("ann2"), Scripted(house)
    stream = script.follows()
    ann.says("one")
    stream.follower.finish()
    house.settle()
    ann.says("two")

    assert stream.seqs == [2] and stream.ended


def test_followers_stand_in_who_as_bots_once_each(house: BareHouse):
    ann, script = house.join("ann2"), Scripted(house)
    streams = [script.follows(), script.follows()]
    rows = ann.answer(ListPeople(), Who).people
    assert [(row.nick, row.role) for row in rows] == [("ann2", "guest"), ("build", "bot")]
    assert ann.answer(ListPeople(page=2), Who).people == ()

    for stream in streams:
        stream.follower.end()
    assert [row.nick for row in ann.answer(ListPeople(), Who).people] == ["ann2"]


def test_a_room_with_followers_only_can_be_listed(house: BareHouse):
    ann = house.join("ann2")
    Scripted(house).follows("ops")

    assert [row.nick for row in ann.answer(ListPeople("ops"), Who).people] == ["build"]


def test_a_kick_ends_the_streams(house: BareHouse):
    boss, script = house.join("boss", "ops"), Scripted(house)
    stream = script.follows("ops")
    boss.asks(Kick("build"))

    assert stream.ended and boss.refusal(Kick("build")) == "not_here"


def test_a_room_that_becomes_private_is_followed_no_longer(house: BareHouse):
    boss, script = house.join("boss", "ops"), Scripted(house)
    stream = script.follows("ops")
    boss.asks(Private())
    house.settle()

    assert stream.ended


def test_a_logout_of_the_owner_changes_nothing(house: BareHouse):
    ann, script = house.owner("ann"), Scripted(house)
    stream = script.follows()
    ann.asks(LogOut())

    assert not stream.ended


@pytest.mark.parametrize("goes", [Leave("ops"), LogOut(), Quit()])
def test_a_closed_room_is_followed_only_while_the_owner_is_inside(house: BareHouse, goes):
    boss, ann = house.join("boss", "ops"), house.owner("ann")
    boss.asks(Lock())
    boss.asks(Op("ann"))
    ann.asks(Join("ops"))
    boss.asks(Deop("ann"))
    script = Scripted(house)
    inside, elsewhere = script.follows("ops"), script.follows()
    boss.says("one", room="ops")
    ann.asks(goes)
    house.advance(1)
    boss.says("two", room="ops")

    assert inside.ended and [type(event) for _, event in inside.outlet.events][:1] == [Said]
    assert "two" not in [event.text for _, event in inside.outlet.events if type(event) is Said]
    assert not elsewhere.ended


def test_a_server_that_stops_ends_all_streams(house: BareHouse):
    script = Scripted(house)
    streams = [script.follows(), script.follows("ops")]
    script.done(house.hub.close("it was asked to stop"))

    assert all(stream.ended for stream in streams) and house.hub.rooms.get("ops") is None
