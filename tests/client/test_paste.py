"""Tests of pasted text."""

from __future__ import annotations

import pytest

from chatroom.chat.limits import Limits
from chatroom.chat.refusals import TooLong
from chatroom.client.paste import MAX_LINE_BYTES, split_blocks, trimmed_lines

LIMITS = Limits()


def test_only_the_empty_lines_around_it_are_dropped():
    """Indentation is part of what is pasted; what could damage a screen is not."""
    assert trimmed_lines("\n\n  def f():\r\n\n    \x07pass  \r\n \n") == ["  def f():", "", "    pass"]
    assert trimmed_lines(" \n\x07\n") == []


def test_a_block_has_no_more_lines_than_one_event():
    """The rest goes into the next."""
    lines = [f"line {n}" for n in range(2 * LIMITS.paste + 1)]
    made = split_blocks(lines)
    assert [block.count("\n") + 1 for block in made] == [LIMITS.paste, LIMITS.paste, 1]
    assert "\n".join(made).split("\n") == lines


def test_a_block_has_no_more_bytes_than_the_server_takes():
    """Bytes, not characters, and newlines too."""
    made = split_blocks(["ß" * 500] * 10)
    assert [len(block.encode()) <= LIMITS.line for block in made] == [True] * len(made)
    assert len(made) == 3


def test_blocks_of_nothing_are_left_out():
    """A server would refuse them."""
    assert split_blocks(["one", *[""] * (2 * LIMITS.paste - 1), "two"]) == ["one" + "\n" * (LIMITS.paste - 1), "two"]


def test_a_line_that_cannot_be_sent_refuses_all():
    """A hole in the middle would change what the rest says."""
    assert len(split_blocks(["x", "y" * MAX_LINE_BYTES])) == 2
    with pytest.raises(TooLong):
        split_blocks(["x", "y" * (MAX_LINE_BYTES + 1)])
