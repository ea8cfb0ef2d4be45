"""Names of private conversations."""

from __future__ import annotations

import pytest

from chatroom.chat.syntax.conversations import is_with_oneself, name_of, other_party


def test_both_parties_have_one_name_for_it():
    assert name_of("b", "a") == name_of("a", "b") == "@a:b"


def test_each_is_in_it_with_the_other():
    assert [other_party("@a:b", one) for one in ("a", "b", "c")] == ["b", "a", None]


def test_notes_are_a_conversation_with_oneself():
    assert name_of("a", "a") == "@a:a" and other_party("@a:a", "a") == "a" and other_party("@a:a", "b") is None
    assert [one for one in ("@a:a", "@a:b", "@a", "@:", "a:a", "@a:a:a") if is_with_oneself(one)] == ["@a:a"]


@pytest.mark.parametrize("name", ["@a", "@a-b", "@a:b:c", "a", "@", ":", "@a:", "@:a", "@b:a"])
def test_nobody_is_in_one_that_is_none(name):
    assert other_party(name, "a") is None
