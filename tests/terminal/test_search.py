"""Tests of the search for an earlier line."""

from __future__ import annotations

import pytest

from chatroom.terminal.actions import Action, Line
from chatroom.terminal.history import History
from chatroom.terminal.search import Search

from .sitting import BACKSPACE, END, ENTER, LEFT, Sitting, ctrl

R = ctrl("r")


@pytest.mark.parametrize(
    ("keys", "actions"),
    [
        ([R, "bob", ENTER], [Line("/msg bob two")]),
        ([R, "bob", R, ENTER], [Line("/msg bob one")]),
        ([R, "bob", R, R, ENTER], [Line("/msg bob one")]),
        ([R, "b", "ob", R, "b", BACKSPACE, ENTER], [Line("/msg bob two")]),
        ([R, "BOB ONE", END, "!", ENTER], [Line("/msg bob one!")]),
        # A character that nothing has is not taken.
        ([R, "car", "z", ENTER], [Line("hello carol")]),
        (["half", R, "bob", ctrl("g"), ENTER], [Line("half")]),
        (["half", R, "bob", ctrl("c"), ENTER], [Line("half")]),
        (["half", R, ENTER], [Line("half")]),
        (["half", R, "zz", ENTER], [Line("half")]),
        (["half", R, R, ENTER], [Line("half")]),
    ],
)
def test_what_is_sent(keys: list[str], actions: list[Action]):
    sitting = Sitting(60)
    sitting.types("/msg bob one\r", "hello carol\r", "/msg bob two\r")
    assert sitting.types(*keys) == actions


def test_it_is_seen_and_the_half_typed_line_can_be_recalled():
    sitting = Sitting(60)
    sitting.types("one\r", "two\r", "half", R, "n")
    assert sitting.rows[-1] == "search 'n': one"
    assert sitting.terminal.at[1] == len("search 'n': o")
    sitting.types(LEFT)
    assert sitting.rows[-1] == "> one"
    sitting.types("\x1b[B", "\x1b[B")
    assert sitting.rows[-1] == "> half"


def test_a_long_query_is_bounded():
    search = Search(of_lines("x" * 300))
    assert search.add("x" * 300)
    assert len(search.prompt) < 280
    assert search.line == "x" * 300
    assert search.cursor == 0


def of_lines(*lines: str) -> History:
    history = History(lambda line: True)
    for line in lines:
        history.add(line)
    return history


@pytest.mark.parametrize(
    ("line", "query", "place"),
    [("Hello Bob", "bob", 6), ("Straße, Bob", "bob", 8), ("İİ x", "X", 3), ("cafe\u0301", "\u0301", 3), ("x", "x", 0)],
)
def test_the_cursor_is_at_what_was_found(line: str, query: str, place: int):
    """Some letters become two in lower case; and it is never within a character."""
    search = Search(of_lines(line))
    assert search.add(query)
    assert search.cursor == place
