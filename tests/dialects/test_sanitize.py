"""Sanitizing text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.refusals import BadInput
from chatroom.chat.syntax.marks import bounded
from chatroom.dialects.sanitize import clean, clean_lines, decode

BIDI = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


@given(st.text(st.characters()))
def test_whatever_comes_in_is_one_line_without_controls_that_utf8_can_spell(text):
    cleaned = clean(text)

    assert len(cleaned.splitlines()) <= 1
    assert not [one for one in cleaned if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [one for one in cleaned if unicodedata.bidirectional(one) in BIDI]
    assert cleaned.encode().decode() == cleaned
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" ")).filter(lambda text: bounded(text) == text))
def test_what_can_be_seen_stays(text):
    assert clean(text) == text


def test_a_tab_becomes_a_space_and_joiners_stay():
    assert clean("a\tb\u200dc\u200ed") == "a b\u200dc\u200ed"


def test_marks_in_piles_are_cut_in_every_line():
    acute, dot = "\u0301", "\u0323"

    assert clean_lines(f"a{acute * 60}\n\tb{dot * 60}") == f"a{acute * 3}\n b{dot * 3}"


@given(st.binary())
def test_bytes_are_text_or_refused(data):
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        with pytest.raises(BadInput, match=f"at byte {error.start + 1}"):
            decode(data)
    else:
        assert decode(data) == clean(text)
