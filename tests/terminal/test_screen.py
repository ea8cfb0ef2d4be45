"""Tests of what is written to a terminal: as little as possible."""

from __future__ import annotations

import pytest

from .sitting import BACKSPACE, ENTER, LEFT, Sitting, ctrl


@pytest.mark.parametrize(
    ("before", "key", "written"),
    [
        ("hell", "o", b"o"),
        ("", "漢", "漢".encode()),
        ("hello", BACKSPACE, b"\b\x1b[K"),
        ("hello", LEFT, b"\b"),
        ("hello", ctrl("a"), b"\x1b[5D"),
        ("hello" + LEFT, "x", b"xo\b"),
        ("hello", ENTER, b"\x1b[5D\x1b[K"),
    ],
)
def test_a_key_is_a_few_bytes(before: str, key: str, written: bytes):
    ann = Sitting()
    ann.types(before)
    ann.written = b""
    ann.types(key)
    assert ann.written == written


def test_a_line_that_comes_in_does_not_have_a_long_prompt_drawn_again():
    ann = Sitting(80, 24)
    ann.types("x" * 200)
    ann.written = b""
    ann.hears("12:34 <bob> hello")
    assert b"x" not in ann.written
    assert ann.rows[0] == "12:34 <bob> hello"
    assert "".join(ann.rows[1:]) == "> " + "x" * 200


def test_a_short_prompt_is_overwritten_by_the_line():
    ann = Sitting()
    ann.written = b""
    ann.hears("12:34 <bob> hello")
    assert ann.written == b"\r12:34 <bob> hello\r\n> "
    ann.types("half")
    ann.hears("x", "y")
    assert ann.rows == ["12:34 <bob> hello", "x", "y", "> half"]


def test_the_cursor_is_where_it_should_be_behind_what_terminals_disagree_about():
    """This one draws a skin tone as a picture of its own."""
    ann = Sitting(20, 6)
    ann.types("👍🏽 x")
    ann.written = b""
    ann.types("y")
    assert ann.written == b"y", "at the end, nothing is written again"
    ann.types(LEFT, LEFT, "!", BACKSPACE, "?")
    assert ann.rows == ["> 👍🏽 ?xy"]
    assert ann.terminal.at == (0, 8)
    ann.hears("a line that fits: 👍🏽")
    assert ann.rows == ["a line that fits: 👍🏽"[:-1], "🏽", "> 👍🏽 ?xy"]


def test_a_row_is_nowhere_wider_than_the_screen():
    ann = Sitting(12, 6)
    ann.types("👍🏽" * 4)
    assert ann.rows == ["> 👍🏽👍🏽", "👍🏽👍🏽"]
    assert ann.terminal.at == (1, 8)


def test_a_link_that_the_terminal_breaks_is_counted_in_rows():
    """So that it can be copied."""
    ann = Sitting(20, 10)
    ann.types("x" * 30)
    link = "https://example.com/" + "y" * 30
    ann.hears(link)
    assert link.encode() in ann.written
    assert ann.rows == [link[:20], link[20:40], link[40:], "> " + "x" * 18, "x" * 12]


def test_more_lines_than_the_screen_has_rows_are_all_shown():
    ann = Sitting(20, 5)
    ann.types("x" * 30)
    ann.hears(*map(str, range(40)))
    assert ann.rows == [*map(str, range(40)), "> " + "x" * 18, "x" * 12]


def test_more_than_fits_on_the_screen_is_shown_around_the_cursor():
    ann = Sitting(10, 3)
    ann.types("0123456789" * 5)
    assert ann.rows[-3:] == ["8901234567", "8901234567", "89"]
    ann.types(ctrl("a"))
    assert ann.rows[-3:] == ["> 01234567", "8901234567", "8901234567"]
    assert ann.terminal.at == (0, 2)


def test_the_status_is_below_and_comes_back_after_everything():
    ann = Sitting(20, 6)
    ann.editor.set_status("ann · #lobby")
    ann.types("x" * 30)
    ann.hears("one")
    assert ann.rows == ["one", "> " + "x" * 18, "x" * 12, "ann · #lobby"]
    ann.types(ctrl("u"))
    assert ann.rows == ["one", ">", "ann · #lobby"]
    ann.editor.set_status(None)
    ann.look()
    assert ann.rows == ["one", ">"]


def test_the_screen_is_cleared():
    ann = Sitting(20, 6)
    ann.hears("one", "two")
    ann.types("half", ctrl("l"))
    assert ann.rows == ["> half"]
    assert ann.terminal.at == (0, 6)
    ann.hears("three")
    assert ann.rows == ["three", "> half"]


@pytest.mark.parametrize(("columns", "rows"), [(10, 6), (40, 3), (11, 12), (21, 5)])
def test_a_window_of_another_size_has_one_prompt(columns: int, rows: int):
    """On a terminal that does not wrap anew."""
    ann = Sitting(20, 6)
    ann.editor.set_status("ann · #lobby")
    ann.hears("one")
    ann.types("half typed line, and more")
    ann.resizes(columns, rows)
    assert sum(row.startswith("> half") for row in ann.rows) == 1
    assert "".join(ann.rows[1:-1] if rows > 2 else ann.rows[1:]).replace(" ", "") == ">halftypedline,andmore"
