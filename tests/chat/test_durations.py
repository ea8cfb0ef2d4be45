"""Durations: parsing and formatting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.refusals import BadInput
from chatroom.chat.syntax.durations import LONGEST, looks_like, parse, spoken


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("10m", 600),
        ("2h", 7_200),
        ("1d", 86_400),
        ("1w", 604_800),
        ("1h30m", 5_400),
        ("1w2d3h4m5s", 788_645),
        ("1H30M", 5_400),
        ("3650d", LONGEST),
    ],
)
def test_durations_are_numbers_with_units(text, seconds):
    assert parse(text) == seconds and looks_like(text)


@pytest.mark.parametrize(
    ("text", "because"),
    [
        ("", "not a duration"),
        ("10", "not a duration"),
        ("-1h", "not a duration"),
        ("+1h", "not a duration"),
        ("1x", "not a duration"),
        ("m", "not a duration"),
        ("1.5h", "not a duration"),
        ("30m1h", "not a duration"),
        ("1h 30m", "not a duration"),
        ("1h\n", "not a duration"),
        ("١٠m", "not a duration"),
        ("５m", "not a duration"),
        ("10ſ", "not a duration"),
        ("9" * 1_000_000 + "d", "not a duration"),
        ("0s", "cannot be zero"),
        ("0h0m", "cannot be zero"),
        ("99999999d", "at most 3,650 days"),
        ("3650d1s", "at most 3,650 days"),
        ("999999999w999999999d", "at most 3,650 days"),
    ],
)
def test_what_is_no_duration_is_refused_with_examples(text, because):
    with pytest.raises(BadInput, match=because) as refused:
        parse(text)
    assert "1h30m" in str(refused.value) and len(str(refused.value)) < 120


@given(st.text(max_size=20) | st.text("0123456789smhdw+- ", max_size=20))
def test_any_text_is_a_possible_duration_or_refused_in_one_line(text):
    try:
        assert 0 < parse(text) <= LONGEST and looks_like(text)
    except BadInput as refusal:
        assert "\n" not in str(refusal)


@pytest.mark.parametrize("text", ["-1h", "+5m", "−5m", "99999999d", "10", "1x", "3rd", "٣m"])
def test_what_begins_like_a_number_is_meant_as_a_duration(text):
    assert looks_like(text)


@pytest.mark.parametrize("text", ["", "spam", "-", "-spam", "h1", "(1h)", "½h"])
def test_other_words_are_not_meant_as_a_duration(text):
    assert not looks_like(text)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (-5, "0 seconds"),
        (0.1, "1 second"),
        (59.01, "1 minute"),
        (90, "1 minute and 30 seconds"),
        (3_600, "1 hour"),
        (5_400, "1 hour and 30 minutes"),
        (5_401, "1 hour and 31 minutes"),
        (172_800, "2 days"),
        (604_799, "1 week"),
        (86_400 + 30, "1 day and 1 hour"),
        (LONGEST, "521 weeks and 3 days"),
    ],
)
def test_durations_are_said_in_two_units(seconds, said):
    assert spoken(seconds) == said


@given(st.floats(0, LONGEST))
def test_whoever_waits_as_long_as_they_are_told_has_waited_enough(seconds):
    said = spoken(seconds)
    written = "".join(part.split()[0].replace(",", "") + part.split()[1][0] for part in said.split(" and "))

    assert said == "0 seconds" or seconds <= parse(written) <= seconds * 2 + 1
