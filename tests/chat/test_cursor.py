"""Cursors: positions of sessions in rooms, live and behind, and departures."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.rooms import Leave
from chatroom.chat.events import Batch, Left, Said

from .bare import Bare, BareHouse


@pytest.fixture
def house() -> BareHouse:
    return BareHouse()


@pytest.fixture
def ann(house: BareHouse) -> Bare:
    return house.join("ann")


@pytest.fixture
def bob(house: BareHouse) -> Bare:
    return house.join("bob")


def test_a_live_cursor_is_where_the_room_is(house: BareHouse, ann: Bare, bob: Bare):
    [cursor] = ann.person.seats["lobby"].cursors
    assert cursor.live and cursor.position == house.room().shown

    bob.says("one")
    assert cursor.position == house.room().shown


def test_a_cursor_that_falls_behind_stays_where_it_was(house: BareHouse, ann: Bare, bob: Bare):
    [cursor] = ann.person.seats["lobby"].cursors
    before = cursor.position
    ann.session.catch_up.fall_behind()
    bob.says("one")

    assert not cursor.live and cursor.position == before < house.room().shown
    assert ann.person.identity not in house.room().subscribers


@pytest.mark.parametrize("at_once", [True, False])
def test_a_live_cursor_is_shown_the_departure_and_nothing_after_it(house: BareHouse, ann: Bare, at_once: bool):
    [cursor] = ann.person.seats["lobby"].cursors
    before = cursor.position
    said = Said("lobby", 0.0, "somebody", "bob", "one")
    left = Left("lobby", 0.0, ann.person.identity, "ann", "")

    cursor.see_off(Batch("lobby", before + 1, [said, left, said]), before + 2, at_once=at_once)
    assert not cursor.live and cursor.upto == before + 2
    assert cursor.position == (before + 2 if at_once else before)
    assert ann.texts() == (["one"] if at_once else []) and ann.shown(Left) == ([left] if at_once else [])


def test_who_resumes_while_they_leave_is_shown_the_departure_and_nothing_after_it(house: BareHouse):
    ann, bob = house.join("ann", "den"), house.join("bob", "lobby", "den", resumes=True)
    seen = house.room("den").shown
    bob.outlet.full = True
    ann.says("before", room="den")
    bob.asks(Leave("den"))
    ann.says("after", room="den")
    assert bob.is_in("den") and bob.texts("den") == ["before"]

    again = bob.returns(seen={"den": seen})
    assert again.texts("den") == ["before"] and [left.nick for left in again.shown(Left)] == ["bob"]
    assert not again.is_in("den")
