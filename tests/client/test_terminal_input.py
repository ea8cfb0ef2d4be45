"""Tests of keys from a terminal that nobody sits at."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from prompt_toolkit.input.vt100 import raw_mode

from chatroom.client.ui.terminal_input import TerminalInput


class Keyboard:
    """The outer end of a terminal, and what is read at the inner one."""

    def __init__(self, outer: int, inner: int) -> None:
        self.outer = outer
        self.input = TerminalInput(os.fdopen(inner, "r", closefd=False))

    def reads(self, keys: str) -> str:
        """Press *keys* at once; return them with ``<Tab>`` for each that completes."""
        os.write(self.outer, keys.encode())
        return "".join("<Tab>" if key.key == "c-i" else key.data for key in self.input.read_keys())


@pytest.fixture
def keyboard() -> Iterator[Keyboard]:
    outer, inner = os.openpty()
    with raw_mode(inner):
        yield Keyboard(outer, inner)
    os.close(inner)


@pytest.mark.parametrize(
    ("keys", "read"),
    [
        ("\t", "<Tab>"),
        ("bo\t", "bo<Tab>"),
        ("bo\t\t", "bo<Tab><Tab>"),
        ("name\tbob\r", "name\tbob\r"),
        ("\tindented", "\tindented"),
        ("名前\tボブ", "名前\tボブ"),
        ("a\tb\r\tc\r" * 250, "a\tb\r\tc\r" * 250),
    ],
)
def test_a_tab_within_text_that_arrives_at_once_is_text(keyboard: Keyboard, keys: str, read: str):
    """It was pasted; one at the end may have been pressed."""
    assert keyboard.reads(keys) == read


def test_a_terminal_that_is_gone_is_the_end(keyboard: Keyboard):
    """Reading fails for ever then."""
    os.close(keyboard.outer)
    assert keyboard.input.read_keys() == []
    assert keyboard.input.closed


def test_what_the_terminal_says_of_its_window_is_no_text(keyboard: Keyboard):
    """Also in the middle of what is typed, and in two pieces."""
    heard: list[bool] = []
    keyboard.input.focused = heard.append
    assert keyboard.reads("a\x1b[Ib") == "a\x1b[Ib"
    assert keyboard.reads("\x1b[") == ""
    keyboard.reads("O")
    assert heard == [True, False]
