"""Tests of the layout of what is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from chatroom.terminal.graphemes import columns as columns_of
from chatroom.terminal.graphemes import drawn
from chatroom.terminal.layout import Layout, broken, lay_out, rows_of

CLUSTERS = ["a", "b", " ", "\n", "漢", "e\u0301", "\u0301", "👨‍👩‍👧‍👦", "\u200b"]
TEXTS = st.lists(st.sampled_from(CLUSTERS), max_size=30).map("".join)
WIDTHS = st.integers(1, 12)


@pytest.mark.parametrize(
    ("prompt", "text", "cursor", "layout"),
    [
        ("> ", "", 0, Layout(["> "], 0, 2)),
        ("> ", "abc", 1, Layout(["> abc"], 0, 3)),
        # The cursor is never behind the last column.
        ("> ", "abcd", 4, Layout(["> abcd", ""], 1, 0)),
        ("> ", "abcdefgh", 7, Layout(["> abcd", "efgh"], 1, 3)),
        ("> ", "a\nbc", 2, Layout(["> a", "bc"], 1, 0)),
        ("> ", "a\n", 2, Layout(["> a", ""], 1, 0)),
        # A wide character isn't split.
        ("> ", "abc漢", 3, Layout(["> abc", "漢"], 1, 0)),
        ("> ", "漢漢", 2, Layout(["> 漢漢", ""], 1, 0)),
        ("12345678> ", "a", 1, Layout(["123456", "78> a"], 1, 5)),
    ],
)
def test_on_six_columns(prompt: str, text: str, cursor: int, layout: Layout):
    assert lay_out(prompt, text, cursor, 6) == layout


@given(TEXTS, WIDTHS)
def test_everything_is_in_the_rows_and_the_cursor_too(text: str, columns: int):
    prompt, place = "#é> ", 0
    places = []
    rows = lay_out(prompt, text, 0, columns).rows
    assert "".join(rows) == "".join(shown for _, shown, _, _ in drawn(prompt, columns)) + "".join(
        shown for _, shown, _, _ in drawn(text, columns)
    )
    assert all(columns_of(row) <= columns for row in rows)
    for cluster in [*iter_graphemes(text), ""]:
        layout = lay_out(prompt, text, place, columns)
        assert layout.rows == rows
        assert 0 <= layout.row < len(rows)
        assert 0 <= layout.column < columns
        assert layout.column <= columns_of(rows[layout.row])
        places.append((layout.row, layout.column))
        place += len(cluster)
    assert places == sorted(places)
    assert places[-1] == (len(rows) - 1, columns_of(rows[-1]))


@given(st.text("ab ", max_size=40), st.data(), WIDTHS)
def test_the_shortcut_for_plain_text_makes_no_difference(text: str, data: st.DataObject, columns: int):
    """An accent somewhere makes everything else be laid out in the same way."""
    cursor = data.draw(st.integers(0, len(text)))
    short = lay_out("> ", text, cursor, columns)
    long = lay_out("> ", f"{text}é", cursor, columns)
    assert (long.row, long.column) == (short.row, short.column)
    assert "".join(long.rows) == "".join(short.rows) + "é"


@given(TEXTS.map(lambda text: text.replace("\n", "")), WIDTHS)
def test_text_is_broken_anywhere(text: str, columns: int):
    rows = broken(text, columns)
    assert "".join(rows) == "".join(shown for _, shown, _, _ in drawn(text, columns))
    assert all(columns_of(row) <= columns for row in rows)


@pytest.mark.parametrize(
    ("widths", "rows"), [([], 1), ([1] * 6, 1), ([1] * 7, 2), ([2, 2, 2], 1), ([1, 2, 2, 2], 2), ([2] * 9, 3)]
)
def test_rows_of_a_terminal(widths: list[int], rows: int):
    assert rows_of(widths, 6) == rows
