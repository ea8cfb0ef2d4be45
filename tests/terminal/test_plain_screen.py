"""Tests of the screen for screen readers, and for terminals that can do nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.terminal.actions import Answer, Line
from chatroom.terminal.plain_screen import PlainScreen

from .sitting import BACKSPACE, ENTER, LEFT, TAB, UP, Sitting, bare, ctrl, pasted


def sitting(columns: int = 40, rows: int = 8, **more: Any) -> Sitting:
    """Somebody with a screen reader."""
    sitting = Sitting(columns, rows, **more)
    sitting.editor.plain(True)
    sitting.look()
    sitting.written = b""
    return sitting


def test_what_is_typed_stays_and_nothing_is_drawn_again():
    ann = sitting()
    ann.types("h", "i", ENTER, "there", ENTER)
    assert ann.written == b"hi\r\nthere\r\n"


def test_a_line_that_comes_in_is_followed_by_what_was_half_typed():
    ann = sitting()
    ann.types("half")
    ann.hears("12:34 <bob> hello", "12:34 <bob> you")
    ann.types(" done", ENTER)
    assert ann.written == b"half\r\n12:34 <bob> hello\r\n12:34 <bob> you\r\nhalf done\r\n"


def test_backspace_rubs_out():
    ann = sitting()
    ann.types("ab漢", BACKSPACE, BACKSPACE, "c")
    assert ann.written == "ab漢\b \b\b \b\b \bc".encode()
    assert ann.rows == ["ac"]


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        # Everything is deleted; a row of the screen is full; several lines.
        (["ab", ctrl("u")], "ab\r\n"),
        (["x" * 12, BACKSPACE], "x" * 12 + "\r\n" + "x" * 11),
        ([pasted("a\nbc"), BACKSPACE], "a\r\nbc\r\na\r\nb"),
        (["one", ENTER, UP, "!"], "one\r\none!"),
        # It has two columns, or four.
        (["a👍🏽", BACKSPACE], "a👍🏽\r\na"),
    ],
)
def test_what_cannot_be_rubbed_out_is_written_again(keys: list[str | bytes], shown: str):
    ann = sitting(10)
    ann.types(*keys)
    assert ann.written == shown.encode()


@pytest.mark.parametrize("key", [LEFT, ctrl("a"), "\x1bb", ctrl("r"), ctrl("t"), ctrl("k"), "\x1b[3~"])
def test_keys_that_would_move_the_cursor_ring_the_bell(key: str):
    ann = sitting()
    ann.types("ab", key, "c")
    assert ann.written == b"ab\ac"
    assert ann.types(ENTER) == [Line("abc")]


def test_nobody_hears_a_password():
    ann = sitting()
    ann.types("half")
    ann.editor.ask("Password: ")
    ann.look()
    assert ann.types("secret", BACKSPACE, "T", ENTER) == [Answer("secreT")]
    ann.editor.ask(None)
    ann.types("", " done", ENTER)
    assert ann.written == b"half\r\nPassword: \r\nhalf done\r\n"


KEYS = st.sampled_from([BACKSPACE, ctrl("u"), ctrl("w"), ctrl("y"), UP, TAB, ENTER, LEFT, ctrl("c")])


@given(
    st.lists(
        st.one_of(
            KEYS,
            st.text("ab 漢é", min_size=1, max_size=8),
            st.text("<>x ", min_size=1, max_size=30).map(lambda line: (line,)),
        ),
        max_size=30,
    )
)
def test_the_last_rows_are_what_is_typed(steps: list[str | tuple[str]]):
    """And no row is ever left, or a sequence written, that a screen reader would stumble over."""
    ann = sitting(30, 50)
    for step in steps:
        if isinstance(step, str):
            ann.types(step)
        else:
            ann.hears(*step)
    shown = ["".join(row.split()) for row in ann.rows]
    (said,) = ann.types(ENTER)
    assert isinstance(said, Line)
    assert "".join(shown).endswith(bare("".join(said.text.split())))
    assert b"\x1b" not in ann.written


def test_it_can_be_turned_on_and_off():
    """And what is half typed is there each time."""
    ann = Sitting()
    ann.types("half")
    ann.editor.plain(True)
    ann.look()
    assert ann.rows == ["half"]
    ann.hears("one")
    ann.editor.plain(False)
    ann.hears("two")
    assert ann.rows == ["half", "one", "half", "two", "> half"]
    assert ann.types(LEFT, "!", ENTER) == [Line("hal!f")]


def test_each_line_begins_a_row():
    screen = PlainScreen(20)
    screen.draw(["one"], "")
    screen.draw([], "x")
    screen.end_line()
    screen.end_line()
    assert screen.take() == "one\r\nx\r\n"
    assert screen.take() == ""


def test_nothing_is_cleared_and_the_size_is_that_of_what_can_be_rubbed_out():
    ann = sitting(40)
    ann.hears("one")
    ann.types("x" * 12, ctrl("l"))
    ann.editor.plain(True)
    ann.resizes(10, 8)
    ann.types(BACKSPACE)
    assert ann.written == b"one\r\n" + b"x" * 12 + b"\r\n" + b"x" * 11
