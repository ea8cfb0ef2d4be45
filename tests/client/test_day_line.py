"""Tests of the line with the date after midnight."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from twisted.internet.task import Clock

from chatroom.client.conversation import Conversation
from chatroom.client.day_line import DayLine

from .scripted import Ear, Server, entered, said, welcome

EVENING = datetime(2026, 11, 28, 23, 50, tzinfo=UTC).timestamp()
"""Ten minutes before midnight, on a Saturday; the tests' time zone is UTC."""
SUNDAY = "-- Sunday, 2026-11-29"


class Night:
    """Ann, who sits here past midnight."""

    def __init__(self, *, plain: bool = False) -> None:
        self.clock = Clock()
        self.asleep = 0.0
        self.ear = Ear()
        self.ann = Conversation(self.ear, "ann", plain=plain, days=DayLine(self.clock, self.now))
        self.server = Server(self.ann)

    def now(self) -> float:
        return EVENING + self.clock.seconds() + self.asleep

    def hears(self, text: str, seq: int, ago: float = 0.0) -> None:
        at = datetime.fromtimestamp(self.now() - ago, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.server.says({**said(seq, "bob", text), "at": at})

    def passes(self, seconds: float) -> None:
        """Let time pass in small steps, as it does."""
        for _ in range(int(seconds)):
            self.clock.advance(1)


@pytest.fixture
def night() -> Night:
    """Ann is in the lobby."""
    night = Night()
    night.server.lets_in()
    night.ear.take()
    return night


def test_midnight_shows_the_date_once_while_nothing_happens(night: Night):
    """At once, and every night."""
    night.passes(599)
    assert night.ear.take() == []
    night.passes(2)
    assert night.ear.take() == [SUNDAY]
    night.passes(86_400)
    assert night.ear.take() == ["-- Monday, 2026-11-30"]


def test_the_date_is_between_the_lines_of_two_days(night: Night):
    """And not repeated by what comes after, or by a server's clock that is a little behind."""
    night.hears("before", 11)
    night.passes(600)
    night.hears("late", 12, ago=30)
    night.hears("after", 13)
    assert night.ear.take() == ["23:50 <bob> before", SUNDAY, "23:59 <bob> late", "00:00 <bob> after"]


def test_a_machine_that_slept_shows_the_date_before_the_next_line(night: Night):
    """Its timers stood still."""
    night.asleep = 3 * 86_400
    night.hears("morning", 11)
    assert night.ear.take() == ["-- Tuesday, 2026-12-01", "23:50 <bob> morning"]
    night.passes(60)
    assert night.ear.take() == []


def test_a_machine_that_slept_shows_the_date_within_a_minute(night: Night):
    """If nobody says anything."""
    night.asleep = 86_400
    night.passes(60)
    assert night.ear.take() == [SUNDAY]


def test_what_was_missed_has_the_date_of_its_own_day(night: Night):
    """Then comes today's again."""
    night.server.breaks()
    night.passes(3600)
    assert night.ear.take() == [SUNDAY]
    night.server.connects()
    night.server.says(welcome(resumed=True), entered(seq=10))
    night.hears("missed", 11, ago=3500)
    night.hears("as well", 12, ago=600)
    assert night.ear.take() == ["-- Saturday, 2026-11-28", "23:51 <bob> missed", SUNDAY, "00:40 <bob> as well"]


def test_history_of_another_day_is_told_from_today(night: Night):
    """It has its date above it; what follows is of today."""
    night.server.breaks()
    night.server.connects()
    past = {key: value for key, value in said(9, "bob", "old").items() if key != "at"}
    recent = [{**past, "at": "2026-11-20T12:00:00.000Z"}]
    night.server.says(welcome(), entered(seq=10, recent=recent), {"type": "live"})
    night.ear.take()
    night.hears("new", 11)
    assert night.ear.take() == ["-- Saturday, 2026-11-28", "23:50 <bob> new"]


def test_a_screen_reader_says_the_date():
    """In words."""
    night = Night(plain=True)
    night.server.lets_in()
    night.ear.take()
    night.passes(601)
    assert night.ear.take() == ["Date: Sunday, 2026-11-29"]


def test_midnight_is_that_of_the_time_zone(monkeypatch: pytest.MonkeyPatch):
    """Where the person is."""
    monkeypatch.setenv("TZ", "CET-1")
    time.tzset()
    try:
        night = Night()
        night.passes(86_400 - 3600)
        assert night.ear.take() == []
        night.passes(700)
        assert night.ear.take() == ["-- Monday, 2026-11-30"]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_end_stops_the_clock(night: Night):
    """Nothing is shown any more."""
    night.ann.end()
    assert not night.clock.getDelayedCalls()


def test_a_line_of_any_time_is_shown(night: Night):
    """A server may be wrong by years."""
    values: dict[str, Any] = said(11, "bob", "hi")
    night.server.says(
        {**values, "at": "9999-12-31T23:59:59.000Z"}, {**values, "seq": 12, "at": "1970-01-01T00:00:00Z"}
    )
    assert len(night.ear.take()) == 4
