"""Attaching: after a restart of the house, everybody goes on whose door has kept them."""

from __future__ import annotations

from chatroom.chat.events import Joined, Said

from .bare import BareHouse


def test_who_is_attached_sees_what_was_missed_once_and_nothing_else(house: BareHouse) -> None:
    ann, bob = house.join("ann"), house.join("bob")
    bob.says("one")
    seen = ann.seen
    bob.says("two")
    later = house.replaced()
    again = ann.attaches(later, seen=seen)
    assert [event.text for event in again.outlet.everything] == ["two"]
    bob = bob.attaches(later)
    assert bob.outlet.everything == []
    bob.says("three")
    assert again.texts() == ["two", "three"] and bob.texts() == ["three"]
    assert later.kinds() == [Joined, Joined, Said, Said, Said]
