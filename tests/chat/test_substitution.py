"""Substitutions: what is one, and what it makes of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.syntax.substitution import parse


@pytest.mark.parametrize(
    ("typed", "before", "after"),
    [
        ("s/helo/hello/", "helo helo", "hello helo"),
        ("s/helo/hello/g", "helo helo", "hello hello"),
        ("s/ teh / the /", "in teh end", "in the end"),
        ("s/o//", "hello", "hell"),
        (r"s/a\/b/a\/c/", "a/b", "a/c"),
        (r"s/\\/|/", "a\\b", "a|b"),
        (r"s/\n/x/", r"a\nb", "axb"),
        ("s/.*/x/", "a.*b", "axb"),
        ("s/x/y/", "hello", None),
    ],
)
def test_the_first_place_is_corrected_or_all(typed: str, before: str, after: str | None):
    found = parse(typed)
    assert found is not None and found.apply(before) == after


@pytest.mark.parametrize(
    "text", ["", "s/", "s//x/", "s/x", "s/x/y", "s/x/y/z", "s/x/y/gg", " s/x/y/", "s/a\nb/c/", "S/x/y/"]
)
def test_what_is_none(text: str):
    assert parse(text) is None


@given(st.text("ab/\\sg", max_size=30))
def test_whatever_is_typed_reads_in_one_way(text: str):
    found = parse(text)
    assert found is None or (text.startswith("s/") and found.old)
