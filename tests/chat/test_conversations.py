"""Names of private conversations."""

from __future__ import annotations

import pytest

from chatroom.chat.syntax.conversations import name_of, other_party


def test_both_parties_have_one_name_for_it():
    assert name_of("b", "a") == name_of("a", "b") == "@a:b"


def test_each_is_in_it_with_the_other():
    assert [other_party("@a:b", one) for one in ("a", "b", "c")] == ["b", "a", None]


@pytest.mark.parametrize("name", ["@a", "@a-b", "@a:b:c", "a", "@", ":", "@a:", "@:a", "@b:a", "@a:a"])
def test_nobody_is_in_one_that_is_none(name):
    assert other_party(name, "a") is None
