"""Days and times as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.refusals import BadInput
from chatroom.chat.syntax.datetimes import minute, parse

NOW = datetime(2026, 3, 1, 14, 30, 15, 250_000, UTC).timestamp()


def at(*parts):
    return datetime(*parts, tzinfo=UTC).timestamp()


def test_a_minute_is_written_as_it_can_be_read():
    assert minute(NOW) == "2026-03-01 14:30" and parse(minute(NOW), NOW) == at(2026, 3, 1, 14, 30)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23", at(2026, 11, 23)),
        ("2026-1-2", at(2026, 1, 2)),
        ("today", at(2026, 3, 1)),
        ("yesterday", at(2026, 2, 28)),
        ("Yesterday", at(2026, 2, 28)),
        ("TODAY 9:05", at(2026, 3, 1, 9, 5)),
        ("9:05", at(2026, 3, 1, 9, 5)),
        ("23:59:58", at(2026, 3, 1, 23, 59, 58)),
        ("2026-11-23 14:30", at(2026, 11, 23, 14, 30)),
        ("14:30 2026-11-23", at(2026, 11, 23, 14, 30)),
        ("2026-11-23T14:30:59", at(2026, 11, 23, 14, 30, 59)),
        ("yesterday 0:00", at(2026, 2, 28)),
        ("  today   12:00  ", at(2026, 3, 1, 12)),
    ],
)
def test_a_moment_is_read(text, moment):
    assert parse(text, NOW) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "tomorrow",
        "2026-13-01",
        "2026-02-29",
        "2026-1-32",
        "0000-01-01",
        "24:00",
        "12:60",
        "12:00:60",
        "12",
        "1:2",
        "today 12:00 13:00",
        "２０２６-01-01",
        "9999-12-31x",
    ],
)
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(BadInput):
        parse(text, NOW)


def test_only_the_beginning_of_a_long_text_is_looked_at():
    assert parse("today" + " " * 35 + "tomorrow", NOW) == at(2026, 3, 1)
    with pytest.raises(BadInput):
        parse("today" + " " * 34 + "tomorrow", NOW)


@given(st.datetimes(datetime(1971, 1, 1), datetime(9998, 12, 31)))
def test_every_second_can_be_written(moment):
    moment = moment.replace(microsecond=0)
    assert parse(f"{moment:%Y-%m-%d %H:%M:%S}", NOW) == moment.replace(tzinfo=UTC).timestamp()


@given(st.text(max_size=50))
def test_any_text_is_a_moment_or_refused(text):
    with suppress(BadInput):
        assert isinstance(parse(text, NOW), float)
