"""Tests of the text that is being typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from chatroom.terminal.edited_text import EditedText

PLACES = ["left", "right", "word_left", "blank_word_left", "word_right", "line_start", "line_end"]


def typed(text: str, limit: int = 4096) -> EditedText:
    """A text with the cursor at the bar in *text*, or at its end."""
    left, _, right = text.partition("|")
    edited = EditedText(limit)
    edited.replace(left + right, len(left))
    return edited


def shown(edited: EditedText) -> str:
    return f"{edited.text[: edited.cursor]}|{edited.text[edited.cursor :]}"


@pytest.mark.parametrize(
    ("text", "place", "moved"),
    [
        ("ab|", "left", "a|b"),
        ("|ab", "left", "|ab"),
        ("a|e\u0301b", "right", "ae\u0301|b"),
        ("👨‍👩‍👧‍👦|", "left", "|👨‍👩‍👧‍👦"),
        ("one two, |three", "word_left", "one |two, three"),
        ("one  |", "word_left", "|one  "),
        ("cafe\u0301|", "word_left", "|cafe\u0301"),
        ("a one.two |b", "blank_word_left", "a |one.two b"),
        ("|  one two", "word_right", "  one| two"),
        ("one|", "word_right", "one|"),
        ("one\ntw|o\nthree", "line_start", "one\n|two\nthree"),
        ("one\n|two\nthree", "line_end", "one\ntwo|\nthree"),
        ("one\ntwo|", "line_above", "one|\ntwo"),
        ("a\ntwo|", "line_above", "a|\ntwo"),
        ("a\n|two", "line_above", "|a\ntwo"),
        ("one|\na\nb", "line_below", "one\na|\nb"),
        ("o|ne\ntwo", "line_below", "one\nt|wo"),
        ("a\n\n|b", "line_above", "a\n|\nb"),
        ("xy|\n漢e\u0301", "line_below", "xy\n漢e\u0301|"),
    ],
)
def test_places(text: str, place: str, moved: str):
    edited = typed(text)
    edited.go(getattr(edited, place)())
    assert shown(edited) == moved


def test_no_line_is_above_the_first_or_below_the_last():
    assert typed("one").line_above() is None
    assert typed("|one\n").line_below() == 4
    assert typed("one\n").line_below() is None


def test_what_does_not_fit_changes_nothing():
    edited = typed("a|é", limit=5)
    assert not edited.insert("漢")
    assert shown(edited) == "a|é"
    assert edited.insert("xy")
    assert shown(edited) == "axy|é"


def test_kills_in_a_row_add_up():
    edited = typed("one two| three")
    assert edited.kill(edited.word_left())
    assert edited.kill(edited.word_right())
    assert edited.kill(edited.word_left())
    assert not edited.kill(edited.word_left())
    assert shown(edited) == "|"
    assert edited.yank()
    assert shown(edited) == "one two three|"


@pytest.mark.parametrize("between", [lambda edited: edited.go(0), lambda edited: edited.insert("x")])
def test_a_kill_after_something_else_begins_anew(between):
    edited = typed("one two")
    edited.kill(4)
    between(edited)
    edited.kill(edited.line_end() if edited.cursor == 0 else edited.left())
    edited.replace("")
    edited.yank()
    assert edited.text in ("one ", "x")


@pytest.mark.parametrize(
    ("text", "exchanged"),
    [
        ("ab|", "ba|"),
        ("a|b", "ba|"),
        ("xa|bc", "xba|c"),
        ("ae\u0301|", "e\u0301a|"),
        ("|ab", None),
        ("a|", None),
        ("|", None),
        ("a\n|b", None),
    ],
)
def test_exchanging_two_characters(text: str, exchanged: str | None):
    edited = typed(text)
    assert edited.transpose() is (exchanged is not None)
    assert shown(edited) == (exchanged or text if "|" in text else text)


ANY = st.lists(st.sampled_from(["a", "b_1", " ", "\n", "é", "e", "\u0301", "漢", "🇩", "🇪", "👨\u200d", "👩"])).map(
    "".join
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["insert", "go", "delete", "kill", "yank", "transpose"]), ANY, st.data()), max_size=9
    )
)
def test_the_cursor_is_never_within_a_character(steps: list[tuple[str, str, st.DataObject]]):
    """And nothing but what is deleted is gone."""
    edited = EditedText(40)
    for step, text, data in steps:
        before, cursor = edited.text, edited.cursor
        place = getattr(edited, data.draw(st.sampled_from(PLACES)))()
        start, end = sorted((place, cursor))
        if step == "insert":
            fits = edited.insert(text)
            assert edited.text == (before[:cursor] + text + before[cursor:] if fits else before)
        elif step in ("go", "delete", "kill"):
            getattr(edited, step)(place)
            assert edited.text == (before if step == "go" else before[:start] + before[end:])
        elif step == "transpose":
            edited.transpose()
            assert sorted(edited.text) == sorted(before)
        else:
            edited.yank()
        stops = {0}
        for cluster in iter_graphemes(edited.text):
            stops.add(max(stops) + len(cluster))
        assert edited.cursor in stops
        assert len(edited.text.encode()) <= 40
