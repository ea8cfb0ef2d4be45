"""The service of a door process: how it ends."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from twisted.internet.defer import succeed
from twisted.internet.task import Clock

from chatroom.doors.door import UPGRADED
from chatroom.doors.factory import CannotOpen
from chatroom.server.door_service import (
    FLUSH_TIMEOUT,
    HOUSE_TIMEOUT,
    RESUME_WINDOW,
    RETIRED_TIMEOUT,
    DoorService,
)
from chatroom.server.errors import CannotStart
from tests.house import House, JsonPerson, LinePerson


class Running:
    """A door with everyone of a house in memory behind it, whose ends are noted."""

    def __init__(self):
        self.house = House()
        self.clock = self.house.clock
        self.events, self.others, self.linked = [], 0, True
        self.service = self.build(self.house.text, self.house.json)
        self.service.start()

    def build(self, *doors):
        port = SimpleNamespace(stopListening=lambda: succeed(self.events.append("stop listening")))
        here = SimpleNamespace(open=lambda front: self.events.append("listen") or port)
        skipped = SimpleNamespace(open=lambda front: None)
        return DoorService(
            self.clock,
            [here, skipped],
            self.house.front,
            doors,
            lambda: self.others,
            lambda: self.linked,
            self.end,
            lambda: self.events.append("over"),
            lambda least, most: most / 2,
        )

    def end(self, text):
        self.events.append(f"end: {text}")
        for session in self.house.hub.sessions:
            session.hang_up(text, "")

    def joined(self, kind, nick):
        """Let somebody come in."""
        person = kind(self.house)
        person.joins(nick)
        return person

    def lose_house(self):
        self.linked = False
        self.service.house_lost()


@pytest.fixture
def running():
    return Running()


GOODBYE = "end: The server is shutting down: a new disk. You have been disconnected."


def test_it_listens_where_it_can(running):
    assert running.events == ["listen"]


def test_a_door_that_cannot_open_is_told_in_one_line(running):
    def fail():
        raise CannotOpen("no key")

    with pytest.raises(CannotStart, match="no key"):
        running.build(SimpleNamespace(open=fail)).start()


def test_at_the_end_the_house_says_goodbye_and_who_is_left_is_told_here(running):
    ann = running.joined(LinePerson, "ann")
    running.service.stop("a new disk")
    running.service.stop("again")
    running.clock.advance(1)
    assert running.events == ["listen", "stop listening"]

    running.lose_house()
    running.clock.advance(1)

    assert running.events[2:] == [GOODBYE, "over"]
    assert ann.everything[-2].startswith("-- The server is shutting down: a new disk.")


def test_without_a_house_everyone_is_told_at_once(running):
    running.linked = False
    running.service.stop("a new disk")

    assert running.events[1:] == ["stop listening", GOODBYE, "over"]


def test_a_house_that_never_ends_is_not_waited_for_for_ever(running):
    running.service.stop("a new disk")
    running.clock.advance(HOUSE_TIMEOUT)

    assert running.events[2:] == [GOODBYE, "over"]


def test_nor_are_those_who_do_not_read(running):
    ann = running.joined(LinePerson, "ann")
    running.end = lambda text: None
    running.lose_house()
    running.service._end = running.end
    running.service.stop("a new disk")
    running.clock.advance(FLUSH_TIMEOUT - 1)
    assert "over" not in running.events

    running.clock.advance(1)

    assert running.events[-1] == "over" and ann.wire.connected


def test_a_house_that_is_lost_while_all_is_well_is_waited_for(running):
    running.lose_house()
    running.clock.advance(60)

    assert running.events == ["listen"]


def test_a_successor_gets_those_who_can_resume_within_a_while(running):
    ann, bob = running.joined(LinePerson, "ann"), running.joined(JsonPerson, "bob")
    running.service.retire()
    assert running.events == ["listen", "stop listening"]
    running.clock.advance(RESUME_WINDOW / 2 - 1)
    assert bob.wire.connected

    running.clock.advance(2)

    assert not bob.wire.connected and ann.wire.connected and "over" not in running.events
    assert bob.objects[-1] == {"type": "goodbye", "text": UPGRADED, "again": True}


def test_who_was_just_coming_in_can_resume_too(running):
    """A door can be replaced between the first bytes of a connection and what follows the TLS handshake."""
    running.others = 1
    running.service.retire()
    running.clock.advance(RESUME_WINDOW)
    assert "over" not in running.events

    bob = running.joined(JsonPerson, "bob")
    running.others = 0
    for _ in range(int(RESUME_WINDOW / 2) + 1):
        running.clock.advance(1)

    assert bob.objects[-1] == {"type": "goodbye", "text": UPGRADED, "again": True}
    assert running.events[2:] == ["over"]


def test_who_has_nothing_to_resume_yet_is_left_alone(running):
    """They may be typing a password; our client would give up."""
    bob = JsonPerson(running.house)
    bob.sends_object({"type": "ping"})
    running.service.retire()
    running.clock.advance(RESUME_WINDOW)
    assert bob.objects == [{"type": "pong"}] and bob.wire.connected

    bob.joins("bob")
    for _ in range(int(RESUME_WINDOW / 2) + 1):
        running.clock.advance(1)

    assert bob.objects[-1]["type"] == "goodbye" and running.events[2:] == ["over"]


def test_when_everyone_has_gone_it_ends(running):
    ann = running.joined(LinePerson, "ann")
    running.others = 1
    running.service.retire()
    ann.wire.vanish()
    running.clock.advance(5)
    assert "over" not in running.events, "there are those that the house speaks with"

    running.others = 0
    running.clock.advance(1)

    assert running.events[2:] == ["over"]


def test_a_connection_that_comes_back_is_waited_for(running):
    ann = running.joined(LinePerson, "ann")
    running.service.retire()
    running.others = 1
    ann.wire.vanish()
    running.clock.advance(1)
    bob = running.joined(LinePerson, "bob")
    running.others = 0
    running.clock.advance(1)
    assert "over" not in running.events

    bob.wire.vanish()
    running.clock.advance(1)

    assert running.events[2:] == ["over"]


@pytest.mark.parametrize("others", [0, 1])
def test_it_stays_for_an_hour_at_most(running, others):
    running.joined(LinePerson, "ann")
    running.others = others
    running.service.retire()
    running.clock.advance(RETIRED_TIMEOUT - 1)
    assert "over" not in running.events

    running.clock.advance(1)
    running.clock.advance(FLUSH_TIMEOUT)

    assert running.events[2:] == [f"end: {UPGRADED}", "over"]


def test_a_door_that_was_replaced_can_be_stopped(running):
    running.joined(LinePerson, "ann")
    running.service.retire()
    running.service.stop("a new disk")
    running.lose_house()
    running.clock.advance(RETIRED_TIMEOUT)

    assert running.events[2:] == [GOODBYE, "over"], "once"


def test_a_bug_at_the_end_is_logged_and_ends_it(running):
    running.service._linked = lambda: 1 / 0
    clock = Clock()
    running.service._clock = clock
    running.service.stop("a new disk")

    assert running.events[-1] == "over"
