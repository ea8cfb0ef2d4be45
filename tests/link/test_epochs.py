"""A door is never linked to a house that another one has succeeded."""

from __future__ import annotations

import pytest

from tests.linked_house import LinkedHouse, linked


@pytest.fixture
def house():
    return LinkedHouse(doors=1)


def link(house, epoch):
    """Link the door to a house of that epoch."""
    house.journal.epoch = epoch
    end = linked(house.clock, house.processes[0].house.build(), house.links.buildProtocol(None))
    house.settle()
    return end


def test_a_house_of_a_higher_epoch_or_the_same_follows(house):
    remote = house.processes[0].house
    for epoch in (3, 3, 4):
        before = remote._link
        link(house, epoch)
        assert remote.linked and remote.epoch == epoch and remote._link is not before


def test_a_house_of_a_lower_epoch_is_left(house):
    remote = house.processes[0].house
    link(house, 3)
    before = remote._link
    end = link(house, 2)
    assert end.protocol._reason == "its epoch is 2, and that of the former house was 3"
    assert remote.linked and remote.epoch == 3 and remote._link is before


def test_a_door_that_leaves_has_no_house(house):
    remote = house.processes[0].house
    remote.leave("another house leads")
    house.settle()
    assert not remote.linked
    remote.leave("again")
