"""Tests of the colours."""

from __future__ import annotations

import re

import pytest

from chatroom.chat.syntax.mentions import mentions
from chatroom.dialects.text.colours import NICK_COLOURS, colour
from chatroom.terminal.colours import QUIET, WARNING, colour_line, has_colours

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
    assert len({colour(f"nick{n}") for n in range(200)}) == len(NICK_COLOURS)


def test_every_colour_can_be_read_on_black_and_on_white():
    """The contrast of WCAG 2, section 1.4.3, is at least 3 to 1 on both, as large text needs; here 3.5."""
    for number in (*NICK_COLOURS, QUIET, WARNING):
        light = luminance(number)
        assert (light + 0.05) / 0.05 >= 3.5, number
        assert 1.05 / (light + 0.05) >= 3.5, number


def luminance(number: int) -> float:
    """Compute the relative luminance of a colour in the table of 256: a cube of colours, then a ramp of greys."""
    assert 16 <= number < 256, "terminals disagree about the first sixteen"
    if number < 232:
        steps = (0, 95, 135, 175, 215, 255)
        levels = [steps[(number - 16) // 36], steps[(number - 16) // 6 % 6], steps[(number - 16) % 6]]
    else:
        levels = [8 + 10 * (number - 232)] * 3
    red, green, blue = (
        level / 255 / 12.92 if level / 255 <= 0.03928 else ((level / 255 + 0.055) / 1.055) ** 2.4 for level in levels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_nothing_is_painted_in_a_colour_of_the_terminals_own():
    """Those are yellow on white here, and blue on black there; nor is anything only dim."""
    lines = ["12:34 <bob> hi ann", "!! no", "-- a notice", "      | further", "12:34 #lobby * bob waves"]
    styles = {style for line in lines for style in _STYLE.findall(colour_line(line, "ann"))}
    plain = {style for style in styles if "38;5;" not in style}
    assert plain == {"0", "1;7"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "linux"}, True),
        ({"TERM": "screen"}, True),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, False),
        ({"TERM": "xterm-256color", "NO_COLOR": "0"}, False),
        ({"TERM": "dumb"}, False),
        ({"TERM": "vt100"}, False),
        ({"TERM": "vt220"}, False),
        ({"TERM": "xterm-mono"}, False),
        ({"TERM": ""}, False),
        ({}, False),
    ],
)
def test_colours_are_for_terminals_that_have_them(environment: dict[str, str], expected: bool):
    """And for people who want them."""
    assert has_colours(environment) is expected


def test_lines_without_times_are_painted_as_well():
    """The time may be hidden."""
    assert colour_line("<bob> hi ann", "ann") == colour_line("12:34 <bob> hi ann", "ann").split("m", 2)[2]


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
