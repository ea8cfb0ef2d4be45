"""The door's end of the link: houses that come and go, what is for all, and what is charged."""

from __future__ import annotations

from dataclasses import replace

import pytest
from twisted.internet.task import Clock

from chatroom.chat.limits import Limits
from chatroom.doors.factory import NAME_TIMEOUT
from chatroom.link.codec import pack
from chatroom.link.session import AWAY
from tests.house import START, failures
from tests.link.test_forged import SID, TOLD, ForgedHouse, Forger
from tests.linked_house import DoorProcess, linked
from tests.wires import HERE, Wire


@pytest.fixture
def house():
    with failures() as broken:
        yield ForgedHouse()
    assert not broken, broken[0]


def another(house, **told):
    """A second house that the door connects to."""
    new = Forger(house.clock, ["welcome", {**TOLD, **told}])
    linked(house.clock, new.link, house.door.house.build())
    house.clock.advance(0)
    return new


def test_the_doors_begin_once_there_is_a_house():
    clock = Clock()
    clock.rightNow = START
    door = DoorProcess(clock, 7, None, False, clock.seconds)
    assert not hasattr(door, "front") and not door.house.linked and not door.house.send(["gone", SID, ""])
    forger = Forger(clock, ["welcome", TOLD])
    linked(clock, forger.link, door.house.build())
    clock.advance(0)
    assert door.front and door.house.linked and door.house.core.server == "here"
    assert forger.link.greeting == ["door 7"]


def test_limits_are_those_of_the_house(house):
    house.sends(["policy", pack(replace(Limits(), line=77))])
    assert house.door.house.core.limits.line == 77
    another(house, limits=pack(replace(Limits(), line=78)))
    assert house.door.house.core.limits.line == 78


def test_a_house_that_closes_says_so_until_there_is_a_new_one(house):
    house.sends(["closing"])
    assert house.door.house.closing
    another(house)
    assert not house.door.house.closing


def test_a_newer_house_is_gone_on_with(house):
    new = another(house, epoch=3)
    assert house.dropped and not new.dropped
    assert [frame[:2] for frame in new.frames][:2] == [["open", house.sid], ["ask", house.sid]]
    house.clock.advance(1)
    assert house.door.house.linked and house.door.house.epoch == 3


def test_a_house_that_has_been_succeeded_is_not(house):
    another(house, epoch=3)
    old = another(house, epoch=2)
    assert old.dropped and house.door.house.linked and house.door.house.epoch == 3


def test_frames_of_a_former_house_are_for_nobody(house):
    another(house)
    house.door.house.frame(house.link, ["close", house.sid])
    house.door.house.data(house.link, 1, b"late")
    assert house.door.house.sessions and not house.wire.cut


def test_frames_for_sessions_that_are_gone_are_passed_over(house):
    house.sends(["close", "nobody"], ["live", "nobody", "lobby", 1])
    assert not house.dropped and not house.door.house.rooms.positions(next(iter(house.door.house.sessions.values())))


def test_what_one_turn_costs_goes_in_one_frame(house):
    house.sends(["viewer", SID, "eve", ""], ["ready", SID, 1, 0.0])
    house.frames.clear()
    house.wire.carry(b"one\ntwo\nthree\n")
    house.clock.advance(0)
    kinds = [frame[0] for frame in house.frames]
    assert kinds.count("ask") >= 1 and kinds.count("spend") <= kinds.count("ask")
    assert kinds[-1] == "spend"


def test_who_goes_is_told_once_with_the_reason(house):
    house.frames.clear()
    house.wire.vanish()
    house.clock.advance(1)
    assert [frame for frame in house.frames if frame[0] == "gone"] == [["gone", house.sid, "connection lost"]]
    assert not house.door.house.sessions


def test_who_comes_while_there_is_no_house_is_held(house):
    house.link.drop("over")
    house.clock.advance(0)
    wire = Wire(house.clock, HERE)
    wire.protocol = house.door.front.buildProtocol(HERE)
    wire.protocol.makeConnection(wire)
    house.clock.advance(1)
    wire.carry(b"zoe\n")
    house.clock.advance(0)
    assert len(house.door.house.sessions) == 2
    new = another(house)
    asked = [frame[3] for frame in new.frames if frame[0] == "ask"]
    assert ["/hello", "eve"] in asked and ["/hello", "zoe"] in asked


def come(house) -> Wire:
    """Have somebody connect to the door."""
    wire = Wire(house.clock, HERE)
    wire.protocol = house.door.front.buildProtocol(HERE)
    wire.protocol.makeConnection(wire)
    house.clock.advance(1)
    return wire


def test_who_comes_while_there_is_no_house_is_told_so_once(house):
    house.link.drop("over")
    house.clock.pump([1.0] * 10)
    wire = come(house)
    wire.carry(b"zoe\n")
    house.clock.pump([1.0] * 10)
    assert wire.received.count(AWAY.encode()) == 1


def test_who_has_given_a_nick_waits_for_the_house_for_however_long(house):
    house.link.drop("over")
    house.clock.advance(0)
    silent, named = come(house), come(house)
    named.carry(b"zoe\n")
    house.clock.pump([1.0] * int(3 * NAME_TIMEOUT))
    assert b"You gave no nick" in silent.received and silent.cut
    assert b"You gave no nick" not in named.received and not named.cut
