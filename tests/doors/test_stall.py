"""Stalls: clients that read nothing are disconnected after a time; slow ones are not."""

from __future__ import annotations

import pytest
from twisted.logger import globalLogPublisher

from tests.house import House, JsonPerson, LinePerson, Person, over_tls
from tests.web_person import WebPerson

STALL = 100.0
FILLING = ["x" * 1000] * 80


@pytest.fixture
def logged():
    lines: list[str] = []

    def observe(event):
        if event.get("log_namespace") == "chatroom" and event["log_format"] != "{name} is connected.":
            lines.append(event["log_format"].format(**event))

    globalLogPublisher.addObserver(observe)
    yield lines
    globalLogPublisher.removeObserver(observe)


@pytest.fixture(params=[LinePerson, JsonPerson], ids=["line", "json"])
def door(request) -> type[Person]:
    return request.param


def stalled(houses: type[House], door: type[Person], **limits: float) -> tuple[House, Person, Person]:
    """A house in which ann talks, and bob has stopped reading some time ago."""
    house = houses(rate=0, **limits)
    ann, bob = house.join("ann", JsonPerson), house.join("bob", door)
    bob.wire.stall()
    ann.types(*FILLING)
    return house, ann, bob


def test_who_takes_nothing_for_too_long_is_hung_up_on_and_the_log_says_why(houses, door, logged):
    house, _, bob = stalled(houses, door, stall=STALL)
    house.advance(STALL - 1)
    assert not bob.gone
    house.advance(2)
    assert bob.gone
    name = "line" if door is LinePerson else "json"
    assert logged == [f"Disconnected a client (door: {name}) that read nothing for 100 seconds."]


def test_who_reads_again_in_time_stays_and_has_missed_nothing(houses, door, logged):
    house, _, bob = stalled(houses, door, stall=STALL)
    house.advance(STALL - 1)
    bob.wire.drain()
    house.advance(STALL)
    assert not bob.gone
    assert bob.talk == [f"<ann> {line}" for line in FILLING]
    assert logged == []


def test_without_a_limit_nobody_is_hung_up_on(houses, door):
    house, _, bob = stalled(houses, door, stall=0)
    house.advance(10 * STALL)
    assert not bob.gone


def test_a_json_reader_who_was_hung_up_on_gets_the_rest_when_they_return(houses):
    house, _, bob = stalled(houses, JsonPerson, stall=STALL)
    house.advance(STALL + 1)
    again = bob.returns()
    assert sorted({*bob.seqs(), *again.seqs()}) == list(range(2, len(FILLING) + 3))


@pytest.mark.parametrize("door", [LinePerson, JsonPerson, WebPerson, over_tls(LinePerson), over_tls(WebPerson)])
def test_who_reads_slowly_but_steadily_is_not_hung_up_on(houses, door, logged):
    house, _, bob = stalled(houses, door, stall=STALL)
    began = len(bob.wire.held)
    for _ in range(15):
        house.advance(STALL - 1)
        assert not bob.gone
        bob.wire.take(1000)
    assert 0 < len(bob.wire.held) <= began - 10_000

    bob.wire.drain()
    house.advance(1)
    assert bob.talk == [f"<ann> {line}" for line in FILLING]
    assert logged == []


@pytest.mark.parametrize("door", [LinePerson, WebPerson, over_tls(LinePerson)])
def test_who_has_read_slowly_and_then_stops_is_hung_up_on(houses, door, logged):
    house, _, bob = stalled(houses, door, stall=STALL)
    for _ in range(5):
        house.advance(STALL - 1)
        bob.wire.take(1000)
    house.advance(STALL * 5 / 4 + 1)

    assert bob.gone and len(logged) == 1


def test_what_is_written_meanwhile_does_not_hide_that_somebody_reads(houses):
    """Replies to what had been asked before still come."""
    house, _, bob = stalled(houses, JsonPerson, stall=STALL)
    bob.wire.take(10)
    bob.wire.held += b" " * 100
    for _ in range(5):
        house.advance(STALL / 2)
        bob.wire.take(10)

    assert not bob.gone
