"""Durations: parsing and formatting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.refusals import BadInput
from chatroom.chat.syntax.durations import LONGEST, parse, split, spoken


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
        ("3 days", 259_200),
        ("10min", 600),
        ("1 week", 604_800),
        ("1h 30m", 5_400),
        ("1 hour and 30 minutes", 5_400),
        ("2 days, 3 hrs", 183_600),
        ("for 3 days", 259_200),
        ("in 10 minutes", 600),
        ("a week", 604_800),
        ("an hour", 3_600),
        ("twelve hours", 43_200),
        ("1 month", 2_592_000),
        ("1 year", 31_536_000),
    ],
)
def test_durations_are_numbers_with_units(text, seconds):
    assert parse(text) == seconds
    assert split(text) == (text, "") and split(f"{text} spam  and more") == (text, "spam  and more")


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
        ("1h  30m", "not a duration"),
        ("1h 1h", "not a duration"),
        ("10ms", "not a duration"),
        ("1y", "not a duration"),
        ("1 day spam", "not a duration"),
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
        assert 0 < parse(text) <= LONGEST and split(text) == (text, "")
    except BadInput as refusal:
        assert "\n" not in str(refusal)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "-1h",
            "+5m",
            "−5m",
            "99999999d",
            "10",
            "1x",
            "٣m",
            "５m",
            "½h",
            "(1h)",
            "1.5h",
            "18:00",
            "3-day",
            "4chan",
            "0s",
        ),
        *(
            "10m.",
            "for 3",
            "until 18:00",
            "3days!",
            "half an hour",
            "a few days",
            "a couple of weeks",
            "for twenty days",
        ),
    ],
)
def test_what_looks_like_a_duration_and_is_none_is_never_a_reason(text):
    for words in (text, f"{text} spam"):
        found, rest = split(words)
        assert found == text and rest == words[len(text) + 1 :]
        with pytest.raises(BadInput):
            parse(found)


@pytest.mark.parametrize(
    "text",
    [
        *("", "spam", "-", "-spam", "h1", "3rd warning", "21ST time", "for the 3rd time", "for 3rd parties", "by 3"),
        *(
            "until friday",
            "a weekday",
            "a second time",
            "one more time",
            "some day",
            "spam 3 days",
            "for spam",
            "in vain",
        ),
    ],
)
def test_other_words_are_a_reason(text):
    assert split(text) == ("", text)


@given(st.text(st.sampled_from("0123456789 dhmsw.,-forinan")) | st.text())
def test_splitting_loses_nothing_but_space(text):
    found, rest = split(text)
    assert text.startswith(found) and text[len(found) :].lstrip() == rest.lstrip()


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
