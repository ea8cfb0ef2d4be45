"""Asks: the commands of one session behind a link, in order, paid for, and answered."""

from __future__ import annotations

import inspect

import pytest

from chatroom.chat.commands import TABLE
from chatroom.chat.ports import JournalError
from chatroom.link.asks import _MAX_WAITING
from chatroom.link.codec import BadFrame
from tests.house import failures
from tests.link.test_forged import HELLO, SID, TRAITS, Forger
from tests.linked_house import LinkedHouse, linked

SAY = ["/say", "hi"]


class Door(Forger):
    """A door with one session; what it sends and is sent is looked at frame by frame."""

    def __init__(self, **limits: float) -> None:
        self.house = LinkedHouse(doors=1, tls=False, **limits)
        super().__init__(self.house.clock, ["hello", "door"])
        linked(self.house.clock, self.link, self.house.links.buildProtocol(None))
        self.sends(["open", SID, TRAITS])
        self.asks = next(door.sessions[SID] for door in self.house.links.links if door.sessions)

    def sends(self, *frames: list) -> list[list]:
        """Send *frames*, and return those that come back."""
        self.frames.clear()
        for frame in frames:
            self.link.send(frame)
        self.house.settle()
        return [frame for frame in self.frames if frame[1] == SID]

    def enters(self) -> None:
        self.sends(["ask", SID, 1, HELLO, None, 0.0, 0])
        while self.asks.outlet._pages:
            self.sends(["taken", SID])


@pytest.fixture
def door():
    with failures() as broken:
        door = Door(rate=0)
        door.enters()
        yield door
    assert not broken, broken[0]


def kinds(frames):
    return [frame[0] for frame in frames]


@pytest.mark.parametrize("spec", {spec.name: spec for spec in TABLE.values()}.values(), ids=lambda spec: spec.name)
def test_every_command_that_is_waited_for_is_answered(spec):
    """One that runs at once and is not known to append would never be."""
    assert spec.appends or inspect.iscoroutinefunction(spec.make.run)


def test_a_command_is_answered_with_its_number_when_it_has_run(door):
    frames = door.sends(["ask", SID, 2, ["/time"], "ref", 0.0, 0])
    assert kinds(frames) == ["reply", "ready"]
    assert frames[0][3] == "ref" and frames[1] == ["ready", SID, 2, 0.0]


def test_what_is_said_is_done_once_it_is_stored(door):
    assert ["done", SID, 3] in door.sends(["ask", SID, 2, SAY, None, 0.0, 0], ["ask", SID, 3, SAY, None, 0.0, 0])
    assert [event.ask for _, event in door.house.stored()] == [f"{SID}.{n}" for n in (1, 2, 3)]


def test_no_door_has_a_refusal_and_would_send_again_what_was_refused(door):
    """Even if nothing else comes of this house: the next command may take long."""
    door.house.journal.broken = JournalError("the disk is full")
    frames = door.sends(["ask", SID, 2, SAY, "ref", 0.0, 0], ["ask", SID, 3, ["/time"], None, 0.0, 0])
    [together] = [frame[2] for frame in frames if frame[0] == "together"]
    kind, _, refused, ref = together[0]
    assert (kind, refused[1], ref) == ("reply", "not_stored", "ref") and ["done", SID, 2] in together


def test_a_refusal_of_the_door_comes_in_order(door):
    frames = door.sends(
        ["ask", SID, 2, ["/time"], None, 0.0, 0], ["refuse", SID, 3, "too_long", "Too long.", None, 0.0, 0]
    )
    replies = [frame[2][0] for frame in frames if frame[0] == "reply"]
    assert replies == ["time", "refused"] and frames[-1] == ["ready", SID, 3, 0.0]


def test_what_a_command_costs_is_charged_before_the_next():
    door = Door(burst=2, rate=1.0)
    door.enters()
    door.house.advance(60)
    frames = door.sends(["spend", SID, 3.0, 0], ["ask", SID, 2, SAY, None, 0.0, 0])
    [[_, _, seconds]] = [frame for frame in frames if frame[0] == "rest"]
    door.house.clock.advance(seconds - 0.01)
    assert seconds >= 1.0 and door.house.words() == []
    door.house.clock.advance(0.02)
    assert door.house.words() == ["hi"]


def test_costs_that_wait_are_one(door):
    door.sends(["ask", SID, 2, ["/time"], None, 0.0, 0])
    door.asks._in_queue = True
    for _ in range(10 * _MAX_WAITING):
        door.sends(["spend", SID, 1.0, 10])
    assert list(door.asks._waiting) == [(10.0 * _MAX_WAITING, 100 * _MAX_WAITING)] and not door.dropped


def test_only_so_many_wait(door):
    door.asks._in_queue = True
    door.sends(["ask", SID, 2, ["/time"], None, 0.0, 0])
    waiting = door.asks._waiting
    while len(waiting) <= _MAX_WAITING:
        door.asks.add(waiting[-1]._replace(n=waiting[-1].n + 1))
    with pytest.raises(BadFrame):
        door.asks.add(waiting[-1]._replace(n=waiting[-1].n + 1))


def test_whoever_ends_after_a_question_is_answered(door):
    frames = door.sends(
        ["ask", SID, 2, ["/time"], None, 0.0, 0], ["ask", SID, 3, ["/who"], None, 0.0, 0], ["finish", SID]
    )
    assert [frame[2][0] for frame in frames if frame[0] == "reply"] == ["time", "who"]
    assert kinds(frames).index("close") > max(n for n, frame in enumerate(frames) if frame[0] == "reply")


def test_what_waits_when_the_connection_is_gone_is_not_done():
    door = Door(burst=1, rate=1.0)
    door.enters()
    door.house.advance(60)
    door.sends(["spend", SID, 5.0, 0], ["ask", SID, 2, SAY, None, 0.0, 0], ["gone", SID, ""])
    door.house.advance(30)
    assert door.house.words() == []
