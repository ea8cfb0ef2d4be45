"""When rooms began."""

import pytest
from twisted.internet.defer import Deferred

from chatroom.doors.irc.creation import Creations
from tests.doors.irc.raw import Irc


@pytest.fixture
def creations(house, ann):
    return Creations(house.journal)


def began(house, creations, name="tea"):
    found = []
    Deferred.fromCoroutine(creations.of(house.hub.rooms.get(name))).addCallback(found.append)
    house.settle()
    return found[0]


def test_it_is_the_time_of_the_first_event_and_read_once(house, ann, creations):
    room = house.hub.rooms.get("tea")
    first = house.stored("tea")[0][1].at
    assert not creations.known(room)
    house.advance(100)
    ann.says("PRIVMSG #tea :late")
    assert began(house, creations) == first and creations.known(room)
    creations._journal = None
    assert began(house, creations) == first


def test_a_room_that_is_opened_anew_begins_then(house, creations):
    room = house.hub.rooms.get("tea")
    assert began(house, creations)
    room.history.seal(room.shown)
    assert not creations.known(room) and began(house, creations) == 0.0
    house.advance(100)
    Irc(house, "bob").says("JOIN #tea")
    assert began(house, creations) == house.stored("tea")[-1][1].at
