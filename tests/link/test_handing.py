"""Handing over: text connections go on at another door, and nobody notices."""

from __future__ import annotations

from tests.house import LinePerson
from tests.link.handing_house import HandingHouse


def test_a_connection_goes_on_at_the_new_door() -> None:
    """What is said before and after is shown once, in order, in both directions."""
    house = HandingHouse()
    ann, bob = house.join("ann", LinePerson), house.join("bob", LinePerson)
    ann.types("one")

    house.hand_over()

    assert not house.at.house.sessions and len(house.new.house.sessions) == 2
    ann.types("two")
    bob.types("three")
    assert bob.talk == ["<ann> one", "<ann> two"]
    assert ann.talk == ["<bob> three"]
    assert not ann.gone
