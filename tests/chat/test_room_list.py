"""The list of rooms: its contents for each person, and its age."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.commands.identity import Rename
from chatroom.chat.commands.messages import Whisper
from chatroom.chat.commands.room_settings import Private
from chatroom.chat.commands.rooms import Join, Leave, ListRooms, SetTopic
from chatroom.chat.policy import DefaultRoom
from chatroom.chat.replies import RoomLine, Rooms
from chatroom.chat.rooms import room_list


def rows(person):
    return [(row.room, row.people) for row in person.answer(ListRooms(), Rooms).rooms]


def test_the_fullest_come_first_and_then_by_name(house):
    ann = house.join("ann", "tea")
    house.join("bob", "lobby", "dev")
    house.join("carl", "dev")
    assert rows(ann) == [("dev", 2), ("lobby", 1), ("tea", 1)]


def test_a_row_has_the_topic(house):
    ann = house.join("ann", "tea")
    ann.asks(SetTopic("green"))
    assert ann.answer(ListRooms(), Rooms).rooms == (RoomLine("tea", 1, "green"),)


def test_configured_rooms_are_listed_even_when_empty_and_conversations_never(house):
    house.core.set_policy(replace(house.policy, rooms=(DefaultRoom("help", "ask here"),)))
    house.join("bob", "dev")
    ann = house.join("ann", "help")
    ann.asks(Whisper("bob", "hi"))
    assert rows(ann) == [("dev", 1), ("help", 1)]
    ann.asks(Leave())
    assert ann.answer(ListRooms(), Rooms).rooms == (RoomLine("dev", 1, ""), RoomLine("help", 0, "ask here"))


def test_private_rooms_are_listed_for_those_who_may_know_of_them(house):
    ann, bob = house.join("ann", "den"), house.join("bob", "tea")
    admin = house.owner("root1", "tea", admin=True)
    ann.asks(Private())
    assert rows(ann) == rows(admin) == [("tea", 2), ("den", 1)] and rows(bob) == [("tea", 2)]


def test_a_list_of_few_is_always_as_of_now(house):
    ann, bob = house.join("ann", "dev"), house.join("bob", "dev")
    assert rows(ann) == [("dev", 2)]
    bob.asks(Join("tea"))
    assert rows(ann) == [("dev", 2), ("tea", 1)]
    bob.asks(Leave("dev"))
    assert rows(ann) == [("dev", 1), ("tea", 1)]


def test_it_is_not_made_anew_if_nothing_has_changed(monkeypatch, house):
    ann = house.join("ann", "dev")
    rows(ann)
    made = house.hub.room_list._make
    calls = []
    monkeypatch.setattr(house.hub.room_list, "_make", lambda work: calls.append(1) or made(work))
    rows(ann)
    assert calls == []
    ann.asks(Rename("zoe"))
    rows(ann)
    assert calls == [1]


@pytest.mark.parametrize(("few", "listed"), [(2, 1), (1, 2)])
def test_a_list_of_many_lasts_for_a_second(monkeypatch, house, few, listed):
    monkeypatch.setattr(room_list, "_FEW", few)
    ann, bob = house.join("ann", "dev"), house.join("bob", "tea")
    rows(ann)
    bob.asks(Leave())
    assert len(rows(ann)) == listed
    house.advance(0.9)
    assert len(rows(ann)) == listed
    house.advance(0.1)
    assert rows(ann) == [("dev", 1)]


def test_many_rooms_are_looked_at_in_turns_which_are_paid_for(monkeypatch, house):
    monkeypatch.setattr(room_list, "_SLICE", 2)
    ann = house.join("ann", "r0", "r1", "r2", "r3", "r4")
    bob = house.join("bob", "r0", "r1", "r2", "r3", "r4")
    level = ann.session.budget.level
    ann.begins(ListRooms())
    bob.begins(ListRooms())
    assert not ann.shown(Rooms) and not bob.shown(Rooms)
    house.settle()
    assert len(ann.shown(Rooms)[0].rooms) == 5 and ann.shown(Rooms) == bob.shown(Rooms)
    assert level - ann.session.budget.level >= 2 * room_list._WORK


def test_private_rooms_likewise(monkeypatch, house):
    monkeypatch.setattr(room_list, "_SLICE", 2)
    names = [f"r{number}" for number in range(5)]
    ann = house.join("ann", *names)
    for name in names:
        ann.asks(Private(room=name))
    assert [name for name, _ in rows(ann)] == names and rows(house.join("bob", "tea")) == [("tea", 1)]


def test_rows_of_many_private_rooms_are_paid_for(monkeypatch, house):
    monkeypatch.setattr(room_list, "_SLICE", 2)
    ann = house.join("ann", "r0", "r1", "r2", "r3", "r4")
    for number in range(5):
        ann.asks(Private(room=f"r{number}"))
    rows(ann)
    level = ann.session.budget.level
    rows(ann)

    assert level - ann.session.budget.level >= 2 * room_list._WORK
