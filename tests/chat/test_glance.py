"""Glances: what somebody at a terminal is shown of the rooms that are not the current one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.moderation import Deop, Mute, Op, Unmute
from chatroom.chat.commands.preferences import Ignore, ShowOthers
from chatroom.chat.commands.rooms import Join, SetTopic
from chatroom.chat.commands.server import Quit
from chatroom.chat.events import Event, Left, Muted, RoleChanged, Unmuted
from chatroom.chat.replies import Notice, Unread

from .bare import PASSWORD, Bare, BareHouse


@pytest.fixture
def ann(house: BareHouse) -> Bare:
    ann = house.connect()
    ann.outlet.asks = True
    ann.outlet.log = None
    ann.asks(Hello("ann", ("dev", "lobby")))
    return ann


@pytest.fixture
def bob(house: BareHouse) -> Bare:
    return house.join("bob", "dev", "lobby")


def told(ann: Bare) -> list[tuple[str, int]]:
    return [(row.room, row.unread) for one in ann.shown(Unread) for row in one.rooms]


def test_the_current_room_is_shown_and_of_others_how_much_is_new(house, ann, bob):
    bob.says("here", room="lobby")
    bob.says("there", "and there", room="dev")
    assert ann.texts() == ["here"] and ann.texts("dev") == [] and told(ann) == [("dev", 1)]
    house.advance(60)
    bob.says("later", room="dev")
    assert told(ann) == [("dev", 1), ("dev", 2)], "not more than once a minute"


def test_what_mentions_them_is_shown(ann, bob):
    bob.says("ann, look", room="dev")
    assert ann.texts("dev") == ["ann, look"] and told(ann) == []


def test_what_changes_their_rights_there_is_shown_and_what_changes_others_is_not(house, ann, bob):
    house.room("dev").state.operators = {bob.person.party: "bob"}
    for change in (Op("ann"), Deop("ann"), Mute("ann"), Unmute("ann"), Mute("eve"), SetTopic("new")):
        bob.asks(replace(change, room="dev"))
    events = [one for one in ann.outlet.everything if isinstance(one, Event) and one.room == "dev"]
    assert [type(one) for one in events] == [RoleChanged, RoleChanged, Muted, Unmuted]


def test_whom_they_ignore_is_neither_shown_nor_counted(ann, bob):
    ann.asks(Ignore("bob"))
    bob.says("ann, look", "there", room="dev")
    assert ann.texts("dev") == [] and told(ann) == []


def test_the_other_room_is_shown_once_they_go_there(ann, bob):
    ann.asks(Join("dev"))
    bob.says("there", room="dev")
    bob.says("here", room="lobby")
    assert ann.texts("dev") == ["there"] and ann.texts() == []


def test_all_rooms_are_shown_if_they_want_that(ann, bob):
    ann.asks(ShowOthers("on"))
    bob.says("there", room="dev")
    ann.asks(ShowOthers("off"))
    bob.says("and there", room="dev")
    assert ann.texts("dev") == ["there"] and told(ann) == [("dev", 1)]


def test_behind_backpressure_it_is_the_same(house, ann, bob):
    ann.outlet.full = True
    bob.says("here", "more", room="lobby")
    bob.says("there", "ann, look", room="dev")
    ann.outlet.drain()
    house.settle()
    assert ann.texts() == ["here", "more"] and ann.texts("dev") == ["ann, look"] and told(ann) == [("dev", 1)]


def test_who_is_shown_every_room_is_told_of_no_other(house):
    dora = house.owner("dora", "dev", "lobby")
    dora.asks(ShowOthers("on"))
    dora.asks(Quit())
    again = house.connect()
    again.outlet.asks = True
    again.outlet.log = None
    again.asks(Hello("dora", password=PASSWORD))
    assert not [one for one in again.shown(Notice) if "/join shows" in one.text]
    assert again.is_in("dev") and again.is_in("lobby")


def test_what_mentions_them_in_several_rooms_is_shown_when_somebody_leaves_these(house, ann, bob):
    cat = house.join("cat", "dev", "lobby")
    cat.asks(Quit("bye"))
    assert [one.nick for one in ann.shown(Left)] == ["cat"], "the current room, and nothing of the other"
