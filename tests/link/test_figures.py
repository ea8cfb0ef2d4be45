"""Figures of doors in other processes: what the metrics show is what a single process would show."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock

from chatroom.doors.figures import Figures
from chatroom.link.codec import unpack
from chatroom.link.figures import INTERVAL, AllReported, Reported, Reports
from tests.house import JsonPerson
from tests.linked_house import LinkedHouse

SHOWN = ("chatroom_lines_total", "chatroom_refusals_total", "chatroom_sessions")


@pytest.fixture
def house():
    return LinkedHouse(doors=2)


def shown(house: LinkedHouse) -> dict[Any, float]:
    """Return the metrics by name and labels, once all doors have reported."""
    house.advance(INTERVAL)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in house.metrics.collect()
        for sample in family.samples
    }


def test_sums_are_those_of_all_doors(house):
    ann, bob, cara = house.join("ann"), house.join("bob", JsonPerson), house.join("cara")
    ann.types("hello", "/nope")
    cara.types("hi")
    bob.types("ho")

    found = shown(house)
    assert [found[name, "line"] for name in SHOWN] == [5, 1, 2]
    assert [found[name, "json"] for name in SHOWN] == [2, 0, 1]
    assert found["chatroom_deliveries_total", "line"] > 4 and found["chatroom_people",] == 3


def test_what_was_counted_stays_and_is_counted_once(house):
    ann, bob = house.join("ann"), house.join("bob", JsonPerson)
    ann.types("hello")
    bob.types("hi")
    before = shown(house)
    for process in house.processes:
        process.end.break_off()
        house.settle()
    lost = shown(house)
    assert lost["chatroom_lines_total", "line"] == before["chatroom_lines_total", "line"] == 2
    assert (lost["chatroom_links",], lost["chatroom_sessions", "line"]) == (0, 0)

    for process in house.processes:
        process.link(house.links)
    house.settle()
    assert shown(house)["chatroom_lines_total", "line"] == 2
    ann.types("again")
    after = shown(house)
    assert after["chatroom_lines_total", "line"] == 3
    assert (after["chatroom_links",], after["chatroom_sessions", "line"]) == (2, 1)


def test_every_process_has_figures_of_its_own(house):
    house.join("ann")
    house.join("bob")
    house.join("cara", JsonPerson)

    found = shown(house)
    for name in ("cpu_seconds_total", "resident_bytes"):
        of = [("house", "house"), ("door 0", "door"), ("door 1", "door")]
        assert all(found[f"chatroom_process_{name}", *labels] > 0 for labels in of)
    assert sorted(found["chatroom_process_connections", f"door {n}"] for n in (0, 1)) == [1, 2]
    assert found["chatroom_link_waiting_bytes", "door 1", "house"] == 0
    assert found["chatroom_link_waiting_bytes", "door 1", "door"] == 0


class Nowhere:
    """A house whose answers come when the test says so."""

    connections, waiting, linked = 3, 17, True
    noted: Any = None

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send(self, frame: list[Any]) -> bool:
        if self.linked:
            self.sent.append(frame)
        return self.linked


def test_a_report_has_what_is_new_and_the_time_that_the_last_one_took():
    clock, house, counted = Clock(), Nowhere(), {"lines": {"json": 1}}
    Reports(clock, house, lambda: Figures(counted, {"sessions": {"json": 2}}, 0.5, 1000)).start()
    clock.advance(0.25)
    house.noted()
    counted = {"lines": {"json": 4, "line": 1}, "refusals": {"json": 1}}
    house.linked = False
    clock.advance(INTERVAL)
    house.linked = True
    counted = {"lines": {"json": 5, "line": 1}, "refusals": {"json": 1}}
    clock.advance(INTERVAL)

    (_, first, *told), (_, second, *later) = house.sent
    assert unpack(first) == Figures({"lines": {"json": 1}}, {"sessions": {"json": 2}}, 0.5, 1000)
    assert unpack(second).counted == {"lines": {"json": 4, "line": 1}, "refusals": {"json": 1}}
    assert (told, later) == ([3, 17, 0.0], [3, 17, 0.25])


def test_a_door_that_was_replaced_has_a_name_of_its_own():
    doors = AllReported()
    for _ in range(2):
        for name in ("door 1", "door 2"):
            door = Reported(int)
            door.name = name
            doors.add(door)

    assert [name for name, _ in doors] == ["door 2", "door 1", "door 2, replaced 1", "door 1, replaced 1"]
    assert len({id(door) for _, door in doors}) == 4
    assert next(door for name, door in doors if name == "door 1") is [*doors][1][1]
