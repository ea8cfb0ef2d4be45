"""Delayed shutdown: the notices and their times."""

from __future__ import annotations

import pytest

from chatroom.chat.commands.server_admin import ShutDown
from chatroom.chat.refusals import NotNow
from chatroom.chat.replies import Notice


@pytest.fixture
def admin(house):
    return house.owner("root1", admin=True)


@pytest.fixture
def ann(house, admin):
    return house.join("ann")


def told(person):
    return len(person.shown(Notice))


def test_everyone_is_told_at_once_and_at_certain_times_before_the_end(house, admin, ann):
    admin.asks(ShutDown("1m"))
    assert told(ann) == told(admin) == 1
    times = []
    for second in range(1, 60):
        house.advance(1)
        if told(ann) > len(times) + 1:
            times.append(60 - second)
    assert times == [30, 10, 5] and house.runtime.stopped == []


def test_the_server_stops_at_the_end_and_not_before(house, admin):
    admin.asks(ShutDown("7s", "new version"))
    house.advance(6.5)
    assert house.runtime.stopped == []
    house.advance(0.5)
    assert house.runtime.stopped == ["new version"]
    house.advance(100)
    assert house.runtime.stopped == ["new version"], "and once"


def test_a_time_at_which_people_are_told_is_told_once(house, admin, ann):
    admin.asks(ShutDown("30s"))
    house.advance(19)
    assert told(ann) == 1
    house.advance(1)
    assert told(ann) == 2


def test_without_a_delay_it_stops_now_and_who_asked_is_answered(house, admin, ann):
    [answer] = admin.asks(ShutDown(), ref="r")
    assert isinstance(answer, Notice) and admin.outlet.refs[-1] == "r"
    assert len(house.runtime.stopped) == 1 and told(ann) == 0
    assert house.runtime.stopped[0], "a reason is always told"


def test_who_asks_is_answered_as_everyone_is_told_and_with_their_mark(house, admin, ann):
    admin.asks(ShutDown("1m"), ref="r")
    assert admin.outlet.refs[-1] == "r" and ann.outlet.refs[-1] is None
    assert admin.shown(Notice) == ann.shown(Notice)


def test_there_is_one_at_a_time(house, admin, ann):
    admin.asks(ShutDown("1m"))
    assert admin.refusal(ShutDown("1h")) == NotNow.code
    house.advance(60)
    assert len(house.runtime.stopped) == 1


def test_who_cancels_it_is_answered_and_nothing_stops(house, admin, ann):
    admin.asks(ShutDown("1m"))
    admin.asks(ShutDown(reason="cancel"), ref="r")
    assert told(ann) == told(admin) == 2 and admin.outlet.refs[-1] == "r"
    house.advance(120)
    assert house.runtime.stopped == [] and told(ann) == 2
    assert admin.refusal(ShutDown(reason="cancel")) == NotNow.code


def test_after_that_another_can_be_begun(house, admin):
    admin.asks(ShutDown("1m"))
    admin.asks(ShutDown(reason="cancel"))
    admin.asks(ShutDown("5s"))
    house.advance(5)
    assert len(house.runtime.stopped) == 1


def test_one_that_is_only_cancelled_within_tells_nobody(house, ann):
    house.hub.shutdown.cancel()
    assert told(ann) == 0
