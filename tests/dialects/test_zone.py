"""Times in the zone of who reads."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.dialects.text import zone
from chatroom.dialects.text.zone import InZone, local, zone_called

WINTER, SUMMER = 1_767_322_800, 1_782_960_000
"""2026-01-02 03:00 and 2026-07-02 02:40 UTC."""


@pytest.mark.parametrize(
    ("name", "winter", "summer"),
    [
        ("Europe/Berlin", "04:00 CET +0100", "04:40 CEST +0200"),
        (":Asia/Kathmandu", "08:45 +0545 +0545", "08:25 +0545 +0545"),
        ("UTC", "03:00 UTC +0000", "02:40 UTC +0000"),
    ],
)
def test_times_are_those_of_the_zone(name, winter, summer):
    with InZone(zone_called(name)):
        assert [time.strftime("%H:%M %Z %z", local(at)) for at in (WINTER, SUMMER)] == [winter, summer]
        assert local()[:5] == local(time.time())[:5]


NONE = [
    "",
    ":",
    "Nowhere/Here",
    "CET-1CEST,M3.5.0",
    "../../etc/passwd",
    "/etc/localtime",
    "Europe",
    "x" * 1000,
    "\0",
    "é",
]


@pytest.mark.parametrize("name", NONE)
def test_what_is_no_zone_is_none(name):
    assert zone_called(name) is None


@given(st.text(max_size=80))
def test_any_name_will_do(name):
    zone_called(name)


def test_the_zone_before_comes_back_whatever_happens():
    berlin, tokyo = zone_called("Europe/Berlin"), zone_called("Asia/Tokyo")
    with InZone(berlin):
        with pytest.raises(KeyError), InZone(tokyo):
            {}[zone.current]
        assert zone.current is berlin
    assert zone.current is None and local(WINTER) == time.localtime(WINTER)
