"""Tests of the colours."""

from __future__ import annotations

import re

import pytest

from chatroom.client.ui.colours import colour_line
from chatroom.dialects.mentions import mentions
from chatroom.dialects.text.colours import colour

_STYLE = re.compile(r"\x1b\[([0-9;]*)m")


@pytest.mark.parametrize(
    "line",
    [
        "12:34 <bob> hello",
        "12:34 #lobby <bob> hello ann",
        "12:34 * bob waves",
        "12:34 [bob -> you] psst",
        "12:34 [you -> bob] psst",
        "12:34 -- bob joined #lobby",
        "      | a further line",
        "-- a notice",
        "!! a refusal",
        "anything else",
        "",
    ],
)
def test_colours_change_nothing_but_colours(line: str):
    """Whatever is painted still says the same, and ends in no colour."""
    painted = colour_line(line, "ann")
    assert _STYLE.sub("", painted) == line
    styles = _STYLE.findall(painted)
    assert styles[1::2] == ["0"] * (len(styles) // 2)


def test_a_nick_has_one_colour_everywhere():
    """In any case, in any kind of line."""
    assert colour("Bob") == colour("bob")
    for line in ("12:34 <bob> x", "12:34 * bob x", "12:34 [bob -> you] x", "12:34 [you -> bob] x"):
        assert f"\x1b[1;{colour('bob')}mbob\x1b[0m" in colour_line(line, "ann")
    assert len({colour(f"nick{n}") for n in range(100)}) == 12


def test_a_nick_may_hold_brackets():
    """They are allowed in names."""
    for line in ("12:34 <b[o]> x", "12:34 * b[o] x", "12:34 [b[o] -> you] x", "12:34 [you -> b[o]] x"):
        assert "mb[o" in colour_line(line, "ann")


def test_ones_own_name_stands_out_in_what_others_say():
    """And nowhere else."""
    assert "\x1b[1;7mAnn\x1b[0m" in colour_line("12:34 <bob> Ann, look", "ann")
    assert "\x1b[1;7m" not in colour_line("12:34 <bob> annual", "ann")
    assert "\x1b[1;7m" not in colour_line("12:34 <ann> I am ann", "ann")
    assert "\x1b[1;7m" not in colour_line("12:34 <bob> hi", "")


def test_a_name_of_marks_is_found_as_it_is():
    """Nothing in it is a pattern."""
    assert mentions("a.b", "hi a.b!")
    assert not mentions("a.b", "hi axb!")
