"""Tests of what keys do to the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.terminal.edited_text import EditedText
from chatroom.terminal.editing import EDITS, PLAIN_KEYS
from chatroom.terminal.keys import Key

from .test_edited_text import ANY, shown, typed


@pytest.mark.parametrize(
    ("key", "text", "edited"),
    [
        (Key.TEXT_START, "one\ntwo|", "|one\ntwo"),
        (Key.TEXT_END, "|one\ntwo", "one\ntwo|"),
        (Key.HOME, "one\ntwo|", "one\n|two"),
        (Key.END, "|one\ntwo", "one|\ntwo"),
        (Key.BACKSPACE, "a|b", "|b"),
        (Key.BACKSPACE, "|b", "|b"),
        (Key.DELETE, "a|b", "a|"),
        (Key.END_OF_INPUT, "|e\u0301b", "|b"),
        (Key.KILL_TO_END, "a|b\nc", "a|\nc"),
        (Key.KILL_TO_END, "a|\nc", "a|c"),
        (Key.KILL_TO_START, "a\nb|c", "a\n|c"),
        (Key.KILL_TO_START, "a\n|c", "a|c"),
        (Key.KILL_BLANK_WORD, "a one.two|", "a |"),
        (Key.KILL_WORD_LEFT, "a one.two|", "a one.|"),
        (Key.KILL_WORD_RIGHT, "|one two", "| two"),
        (Key.TRANSPOSE, "ab|", "ba|"),
    ],
)
def test_keys(key: Key, text: str, edited: str):
    edit = typed(text)
    assert EDITS[key](edit)
    assert shown(edit) == edited


@given(ANY, st.sampled_from(sorted(PLAIN_KEYS & EDITS.keys(), key=lambda key: key.name)))
def test_plain_keys_leave_the_cursor_at_the_end(text: str, key: Key):
    edit = EditedText(4096)
    edit.replace(text)
    EDITS[key](edit)
    assert edit.at_end


@given(ANY, st.sampled_from([key for key in EDITS if "KILL" in key.name]))
def test_what_is_killed_can_be_put_back(text: str, key: Key):
    edit = EditedText(4096)
    edit.replace(text, len(text) // 2)
    before = edit.text
    EDITS[key](edit)
    if edit.text != before:
        EDITS[Key.YANK](edit)
    assert edit.text == before
