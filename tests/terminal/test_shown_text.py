"""Tests of text that is shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import strip_sequences

from chatroom.terminal.graphemes import columns as columns_of
from chatroom.terminal.shown_text import harmless, one_row

ANY = st.lists(
    st.one_of(st.characters(), st.sampled_from(["\x1b", "[", "31m", "\x1b[1;31m", "\x9b", "\x1b[0m", "\x1b]0;x\x07"]))
).map("".join)
COLOUR = re.compile("\x1b\\[[0-9;:]*m")


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred", "\x1b[31mred\x1b[0m"),
        ("\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m"),
        ("a\x1b[2Jb", "ab"),
        ("a\tb", "a b"),
        ("a\x1b]0;title\x07b", "ab"),
        ("a\rb\x9b1mc", "abc"),
        ("\x1b[" + "1;" * 40 + "1mx", "x"),
    ],
)
def test_colours_pass_and_nothing_else(line: str, shown: str):
    assert harmless(line) == shown


@given(ANY)
def test_a_terminal_obeys_nothing_but_colours(line: str):
    """Which end with the line."""
    shown = harmless(line)
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029]", COLOUR.sub("", shown))
    assert not COLOUR.search(shown) or shown.endswith("\x1b[0m")


@given(ANY, st.integers(0, 10))
def test_a_row_is_cut_off(line: str, columns: int):
    row = one_row(line, columns)
    assert columns_of(strip_sequences(row)) <= columns
    assert strip_sequences(harmless(line)).startswith(strip_sequences(row).rstrip(" "))
