"""Tests of long lines on a screen."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import strip_sequences, width, wrap

from chatroom.terminal.colours import colour_line
from chatroom.terminal.wrap import wrap_line
from tests.processor_time import ProcessorTime

LINK = "https://example.com/a/very/long/link/that/has/no/room/in/any/row"
FAMILY = "👨‍👩‍👧‍👦"
"""One picture of two columns, made of four and what joins them."""


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        (
            "12:34 <bob> one two three four five six seven eight",
            ["12:34 <bob> one two three four five six", "            seven eight"],
        ),
        (
            "12:34 #lobby <bob> one two three four five six",
            ["12:34 #lobby <bob> one two three four", "                   five six"],
        ),
        (
            "12:34 * bob waves and waves and waves and waves",
            ["12:34 * bob waves and waves and waves", "            and waves"],
        ),
        (
            "12:34 [bob -> you] one two three four five six",
            ["12:34 [bob -> you] one two three four", "                   five six"],
        ),
        (
            "12:34 -- ann, bob, carol and dan joined #lobby",
            ["12:34 -- ann, bob, carol and dan joined", "         #lobby"],
        ),
        (
            "      |     indented code that is long enough",
            ["      |     indented code that is long", "        enough"],
        ),
        (
            "-- /go N    go to the room with the number N",
            ["-- /go N    go to the room with the", "            number N"],
        ),
        (
            "!! A refusal that needs some more room than",
            ["!! A refusal that needs some more room", "   than"],
        ),
        (
            "12:34 <王小明> 我家在上海东边你在哪里我们明天去公园玩吧好不好",
            ["12:34 <王小明> 我家在上海东边你在哪里我", "               们明天去公园玩吧好不好"],
        ),
        (
            "12:34 <bob> " + FAMILY * 14 + " x",
            ["12:34 <bob> " + FAMILY * 14, "            x"],
        ),
        (
            "12:34 <bob> " + "e\u0301" * 28 + " x",
            ["12:34 <bob> " + "e\u0301" * 28, "            x"],
        ),
        (
            f"12:34 <bob> see {LINK} and tell me",
            ["12:34 <bob> see", f"            {LINK}", "            and tell me"],
        ),
        (
            "12:34 <bob> " + "x" * 30,
            ["12:34 <bob> " + "x" * 28, "            xx"],
        ),
        ("short", ["short"]),
        ("x" * 40, ["x" * 40]),
    ],
)
def test_long_lines_break_between_words_and_go_on_below_their_text(line: str, rows: list[str]):
    """On forty columns; wide characters take two, and marks none."""
    assert wrap_line(line, 40) == rows


def test_a_narrow_screen_has_no_indent():
    """There would be no room for the text; and a few columns have no room for words."""
    assert wrap_line("12:34 <bob> one two three four", 20) == ["12:34 <bob> one two", "three four"]
    assert wrap_line("12:34 <bob> 日本", 5) == ["12:34", " <bob", "> 日", "本"]
    assert wrap_line("12:34 <bob> 日", 1) == [*"12:34 <bob> ?"]
    assert wrap_line("12:34 <bob> one", 0) == ["12:34 <bob> one"]


def test_colours_go_on_in_the_next_row():
    """Each row ends in no colour."""
    rows = wrap_line(colour_line("12:34 -- " + "and " * 20, "ann"), 40)
    assert len(rows) == 3
    assert all(row.startswith("\x1b[38;5;") and row.endswith("\x1b[0m") for row in rows)


WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=60)


@given(st.lists(st.one_of(WORDS, st.just(LINK), st.just("ann")), min_size=1, max_size=12), st.integers(10, 100))
def test_nothing_is_lost_and_no_row_is_too_long(words: list[str], columns: int):
    """Links aside, which the terminal breaks."""
    line = f"12:34 <bob> {' '.join(words)}"
    for painted in (line, colour_line(line, "ann")):
        rows = wrap_line(painted, columns)
        shown = [strip_sequences(row) for row in rows]
        assert re.sub(r"\s", "", "".join(shown)) == re.sub(r"\s", "", line)
        assert all(width(row) <= columns or "https://" in row for row in shown)


@given(st.text(st.sampled_from("ab   漢é\N{THUMBS UP SIGN}"), min_size=1, max_size=80), st.integers(20, 40))
def test_words_stand_where_the_library_puts_them(text: str, columns: int):
    line = f"x{text}x"
    if width(line) > columns:
        assert wrap_line(line, columns) == wrap(line, columns, break_on_hyphens=False)


LONG = 4000
"""Characters of the longest message."""


@pytest.mark.parametrize("columns", [5, 20, 240])
@pytest.mark.parametrize(
    "part",
    [
        "x",
        "漢",
        "é",
        FAMILY,
        "\N{REGIONAL INDICATOR SYMBOL LETTER D}",
        "\u0301",
        " ",
        "a ",
        "-- ",
        "* ",
        "http://x ",
        "@ann ",
    ],
)
def test_the_longest_message_takes_no_turn_of_the_reactor(part: str, columns: int):
    """4,000 Chinese characters once took 0.4 s on 20 columns, and as many flags 30 ms, for each terminal."""
    line = "12:34 <bob> " + (part * LONG)[:LONG]
    with ProcessorTime() as taken:
        rows = wrap_line(colour_line(line, "ann"), columns)
    assert taken.seconds < 0.05
    assert len(rows) == 1 or all(width(row) <= columns for row in rows)
