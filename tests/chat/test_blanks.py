"""Characters that show nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.syntax.blanks import is_blank, without_leading

VISIBLE_FORMAT = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
"""Format characters that people see: signs around Arabic, Syriac and Kaithi numbers."""


def test_white_space_and_format_characters_are_blank():
    for point in range(0x110000):
        if unicodedata.category(chr(point)) in ("Cc", "Cf", "Zs", "Zl", "Zp"):
            assert is_blank(chr(point)) is (point not in VISIBLE_FORMAT), hex(point)


@pytest.mark.parametrize("point", [0x034F, 0x115F, 0x1160, 0x17B4, 0x2065, 0x2800, 0x3164, 0xFE0F, 0xFFA0, 0xE0100])
def test_letters_and_marks_that_show_nothing_are_blank(point):
    assert is_blank(chr(point)) and is_blank(f" {chr(point)}\t") and not is_blank(f"{chr(point)}.")


@given(st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="ᅟᅠㅤﾠ⠀\U0001d159"), min_size=1))
def test_what_can_be_seen_is_not_blank(text):
    assert not is_blank(text) and without_leading(f" \u200b\ufeff{text}") == text


def test_nothing_is_blank():
    assert is_blank("") and without_leading("") == without_leading(" \u200b") == ""
