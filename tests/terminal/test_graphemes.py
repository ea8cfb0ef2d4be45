"""Tests of what people take for one character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from chatroom.terminal.graphemes import (
    after,
    before,
    boundary,
    certain,
    columns,
    common_length,
    drawn,
    last_boundary,
    most_columns,
)

FAMILY = "👨‍👩‍👧‍👦"
CLUSTERS = ["a", "e\u0301", "\u0301", "漢", FAMILY, "🇩🇪", "👍🏽", "\u200d", " "]
ANY = st.lists(st.one_of(st.sampled_from(CLUSTERS), st.characters())).map("".join)


def ends(text: str) -> list[int]:
    """Where clusters begin and end."""
    places = [0]
    for cluster in iter_graphemes(text):
        places.append(places[-1] + len(cluster))
    return places


@given(ANY)
def test_the_cursor_goes_from_cluster_to_cluster(text: str):
    """In both directions, and stays at the ends."""
    places = ends(text)
    assert [after(text, place) for place in places] == [*places[1:], len(text)]
    assert [before(text, place) for place in places] == [0, *places[:-1]]


@given(ANY)
def test_no_place_is_within_a_cluster(text: str):
    places = ends(text)
    for place in range(len(text) + 1):
        assert boundary(text, place) == min(one for one in places if one >= place)
        assert last_boundary(text, place) == max(one for one in places if one <= place)


def test_places_outside_of_a_text_are_its_ends():
    assert last_boundary("ab", 3) == 2


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("漢字", 4), ("e\u0301", 1), (FAMILY, 2), ("", 0), ("\u200d", 0), ("a\u00adb", 3)],
)
def test_columns(text: str, width: int):
    assert columns(text) == width


@pytest.mark.parametrize(
    ("text", "sure", "most"),
    [("abc漢", 4, 5), ("", 0, 0), (f"a{FAMILY}", 1, 9), ("漢👍🏽x", 1, 7), ("❤\ufe0f", 0, 2), ("1\ufe0f\u20e3", 0, 2)],
)
def test_terminals_disagree_about_what_is_made_of_several_characters(text: str, sure: int, most: int):
    assert certain(text) == sure
    assert most_columns(text) == most


@given(ANY, ANY, ANY)
def test_what_two_texts_begin_with(both: str, one: str, other: str):
    length = common_length(both + one, both + other)
    assert length >= len(both)
    assert (both + one)[:length] == (both + other)[:length]
    assert (both + one)[length : length + 1] != (both + other)[length : length + 1] or both + one == both + other


@given(ANY)
def test_what_is_drawn_has_room_on_every_terminal(text: str):
    for _, shown, width, most in drawn(text, 5):
        assert width <= most <= 5 and most_columns(shown) <= most


@pytest.mark.parametrize(
    ("text", "wide", "as_drawn"),
    [
        ("ab", 10, [("a", "a", 1, 1), ("b", "b", 1, 1)]),
        ("漢", 10, [("漢", "漢", 2, 2)]),
        ("漢", 1, [("漢", "?", 1, 1)]),
        ("👍🏽", 10, [("👍🏽", "👍🏽", 2, 4)]),
        ("👍🏽", 3, [("👍🏽", "?", 1, 1)]),
        ("\u0301", 10, [("\u0301", "◌\u0301", 1, 1)]),
        ("\u0301\u200d🏽", 10, [("\u0301\u200d🏽", "◌\u0301\u200d🏽", 1, 3)]),
        ("\u200b", 10, [("\u200b", "", 0, 0)]),
        ("\n", 10, [("\n", "", 0, 0)]),
    ],
)
def test_what_is_drawn(text: str, wide: int, as_drawn: list[tuple[str, str, int, int]]):
    """What has no width of its own stands on something, or isn't drawn."""
    assert list(drawn(text, wide)) == as_drawn
