"""Replacing processes by those of newer code."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from chatroom.server.child import ChildEnded
from chatroom.server.keeper import Keeper
from chatroom.server.replacement import HAND_OVER_TIMEOUT, replace_door, replace_house

from .processes import Started


class Replacing:
    """A kept process that runs, and its replacement under way."""

    def __init__(self, house):
        self.clock, self.started, self.outcome = Clock(), Started(), []
        self.keeper = Keeper(self.clock, "it", lambda ended: self.started.start("it", ended))
        self.keeper.start()
        self.old.say("ready")
        self.house = house

    def begin(self):
        work = replace_house(self.clock, self.keeper) if self.house else replace_door(self.keeper)
        Deferred.fromCoroutine(work).addBoth(self.outcome.append)

    @property
    def old(self):
        return self.started.processes[0]

    @property
    def new(self):
        return self.started.processes[1]


@pytest.fixture
def house():
    house = Replacing(house=True)
    house.begin()
    return house


@pytest.fixture
def door():
    door = Replacing(house=False)
    door.begin()
    return door


def test_the_old_house_closes_its_journal_when_the_new_one_is_loaded_which_begins_then(house):
    assert house.old.heard == [["go"]] and house.new.heard == []
    house.new.say("loaded")
    assert house.old.heard[1:] == [["hand over"]] and house.new.heard == []

    house.old.say("closed")
    assert house.new.heard == [["go"]] and not house.outcome
    house.old.end()
    house.new.say("ready")

    assert house.outcome == [None] and house.keeper.current is house.started.children[1]
    assert not house.clock.getDelayedCalls()


def test_an_old_house_that_dies_meanwhile_is_followed_at_once(house):
    house.new.say("loaded")
    house.old.end(-9)

    assert house.new.heard == [["go"]]


def test_an_old_house_that_does_not_end_is_killed(house):
    house.new.say("loaded")
    house.clock.advance(HAND_OVER_TIMEOUT)

    assert house.old.killed and house.new.heard == []
    house.old.die()
    assert house.new.heard == [["go"]]


def test_a_new_house_that_cannot_be_loaded_leaves_the_old_one_alone(house):
    house.new.say("failed", "there is a mistake in it")
    house.new.end(1)

    [failure] = house.outcome
    assert failure.check(ChildEnded) and "mistake" in str(failure.value)
    assert house.old.heard == [["go"]] and house.keeper.current is house.started.children[0]


def test_a_new_house_that_ends_while_the_old_one_closes_is_started_again_and_not_before(house):
    house.new.say("loaded")
    house.new.end(-9)
    house.clock.advance(1)
    assert len(house.started.processes) == 2

    house.old.end()

    assert house.started.processes[2].heard == [["go"]]


def test_an_old_house_that_has_ended_by_itself_is_not_started_again(house):
    house.old.end(-9)
    house.new.say("loaded")
    house.clock.advance(60)

    assert house.new.heard == [["go"]] and len(house.started.processes) == 2


def test_after_a_stop_no_house_begins(house):
    house.new.say("loaded")
    house.keeper.stop()
    house.old.end()

    assert house.new.heard == [] and len(house.started.processes) == 2


def test_an_old_door_retires_when_the_new_one_listens(door):
    assert door.new.heard == [["go"]]
    door.new.say("loaded")
    assert door.old.heard == [["go"]]

    door.new.say("ready")

    assert door.old.heard == [["go"], ["retire"]] and door.outcome == [None]
    assert door.keeper.current is door.started.children[1] and len(door.keeper.children) == 2
    door.old.end()
    door.clock.advance(60)
    assert len(door.started.processes) == 2


def test_a_new_door_that_does_not_work_leaves_the_old_one_alone(door):
    door.new.end(1)

    assert door.outcome[0].check(ChildEnded)
    assert door.old.heard == [["go"]] and door.keeper.current is door.started.children[0]
