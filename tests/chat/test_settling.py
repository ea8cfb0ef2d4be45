"""Settling: which commands the journal has events of, and how somebody came into a room or left it."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from chatroom.chat.commands.rooms import Join, Leave
from chatroom.chat.events import Joined, Left, Said
from chatroom.chat.rooms import settling
from chatroom.chat.rooms.settling import Sought

from .bare import BareHouse


def found(reading: Any) -> Any:
    return Deferred.fromCoroutine(reading).result


@pytest.fixture
def long_house(house: BareHouse) -> BareHouse:
    """A house in which 300 lines were said, one a second, each by a command of its own."""
    ann = house.join("ann", "lobby", "den")
    for number in range(300):
        house.clock.advance(1)
        event = Said("lobby", house.clock.seconds(), ann.person.identity, "ann", "hi", ask=f"sid.{number}")
        house.room().append(ann.session, event)
        house.settle()
    return house


def pages_of(house: BareHouse) -> list[int | None]:
    """Note in a list which pages are read from now on, each by the seq before which it ends."""
    pages: list[int | None] = []
    before = house.journal.before
    house.journal.before = lambda room, seq, limit: pages.append(seq) or before(room, seq, limit)  # type: ignore
    return pages


def test_commands_are_found_in_any_of_the_rooms_and_others_are_not(long_house: BareHouse) -> None:
    asked = ["sid.10", "sid.299", "sid.300", "other.1"]
    rooms = dict.fromkeys(["den", "nowhere", "lobby"], Sought())
    settled = found(settling.settled(long_house.journal, rooms, asked, 0.0))
    assert settled == {"sid.10": "lobby", "sid.299": "lobby"}
    assert found(settling.settled(long_house.journal, {"den": Sought()}, asked, 0.0)) == {}
    assert found(settling.settled(long_house.journal, {"lobby": Sought()}, [], 0.0)) == {}


def test_no_more_is_read_than_since_they_were_asked(long_house: BareHouse) -> None:
    pages, rooms = pages_of(long_house), {"lobby": Sought(long_house.room().shown)}
    now = long_house.clock.seconds()
    assert found(settling.settled(long_house.journal, rooms, ["sid.1"], now - 20)) == {}
    assert len(pages) == 1
    assert found(settling.settled(long_house.journal, rooms, ["sid.150"], now - 149)) == {"sid.150": "lobby"}


def test_all_that_was_not_shown_yet_is_read_though_the_clock_was_set_back_since(long_house: BareHouse) -> None:
    pages, late = pages_of(long_house), long_house.clock.seconds() + 1000
    shown = long_house.room().shown - 250
    rooms = {"lobby": Sought(shown)}
    assert found(settling.settled(long_house.journal, rooms, ["sid.60"], late)) == {"sid.60": "lobby"}
    assert len(pages) == 3
    # As far as that is wanted.
    rooms = {"lobby": Sought(shown, 200)}
    assert found(settling.settled(long_house.journal, rooms, ["sid.60"], late)) == {}
    assert len(pages) == 5


def test_how_somebody_came_and_left(long_house: BareHouse) -> None:
    house, bob = long_house, long_house.join("bob", "den")
    room, identity = house.room("den"), bob.person.identity
    came = house.kinds("den").index(Joined, 1) + 1
    assert found(settling.came(room, identity)) == came and found(settling.came(room, "nobody")) is None
    bob.asks(Leave("den"))
    bob.asks(Join("den"))
    bob.asks(Leave("den"))
    first, last = [seq for seq, kind in enumerate(house.kinds("den"), 1) if kind is Left]
    assert found(settling.departed(room, identity, came)) == last
    assert found(settling.departed(room, identity, first)) is None
    assert found(settling.departed(room, identity, last)) is None
    assert found(settling.departed(room, "nobody", 0)) is None
