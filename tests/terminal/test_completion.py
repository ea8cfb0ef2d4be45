"""Tests of completion."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.terminal.actions import Line
from chatroom.terminal.completion import Completion, candidates, common
from chatroom.terminal.graphemes import columns as columns_of

from .sitting import ENTER, LEFT, TAB, Sitting

NAMES = st.lists(st.text("ab漢é", min_size=1, max_size=8), min_size=1, max_size=250)


@given(NAMES)
def test_what_all_begin_with(names: list[str]):
    begin = common(names)
    assert all(name.startswith(begin) for name in names)
    assert (
        any(not name.startswith(begin + min(names)[len(begin) : len(begin) + 1]) for name in names) or begin in names
    )


@given(NAMES, st.integers(1, 80))
def test_candidates_are_set_in_columns(names: list[str], columns: int):
    """None is wider than the screen, unless a single name is."""
    rows = candidates(names, columns)
    assert " ".join(rows).split()[: min(len(names), 100)] == names[:100]
    widest = max(map(columns_of, names[:100]))
    assert all(columns_of(row) <= max(columns, widest) for row in rows[:-1])


def test_of_many_candidates_some_are_shown():
    names = [f"nick{number}" for number in range(1300)]
    assert candidates(names, 80)[-1] == "… 1,200 more"
    assert candidates(names, 80, in_words=True)[0].endswith("nick99, … 1,200 more")


def test_for_screen_readers_they_are_one_line():
    assert candidates(["bob", "bobby"], 80, in_words=True) == ["bob, bobby"]


def complete(text: str, cursor: int) -> Completion | None:
    start = text.rfind(" ", 0, cursor) + 1
    offers = [f"{nick}: " for nick in ("Bert", "bob", "bobby") if nick.lower().startswith(text[start:cursor].lower())]
    return Completion(start, offers) if offers else None


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("be\t", "Bert: "),
        ("hi be\tx", "hi Bert: x"),
        ("bo\t", "bob"),
        ("zz\t", "zz"),
        # There is a blank already.
        ("be x" + 2 * LEFT + "\t", "Bert: x"),
    ],
)
def test_the_word_at_the_cursor_is_completed(keys: str, line: str):
    assert Sitting(completer=complete).types(*keys.partition(TAB), ENTER) == [Line(line)]


def test_what_fits_is_shown_above_the_line():
    sitting = Sitting(completer=complete)
    sitting.types("bo", TAB, TAB)
    assert sitting.rows == ["bob:    bobby:", "> bob"]


def test_a_pasted_tab_is_a_blank():
    """What is pasted at once, without the marks of a paste, completes nothing."""
    assert Sitting(completer=complete).types("be\tbo\tx\r") == [Line("be bo x")]
