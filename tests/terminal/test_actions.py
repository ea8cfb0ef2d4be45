"""Tests of the actions that keys become."""

from __future__ import annotations

import pytest

from chatroom.terminal.actions import Action, Block, EndOfInput, Interrupt, Line, Shortcut, TooLong

from .sitting import ENTER, LEFT, Sitting, ctrl, pasted


@pytest.mark.parametrize(
    ("keys", "actions"),
    [
        ("hello\r", [Line("hello")]),
        ("\r", [Line("")]),
        ("one\rtwo\n", [Line("one"), Line("two")]),
        ("half", []),
        (pasted("one\ntwo"), []),
        (pasted("one\ntwo") + b"\r", [Block("one\ntwo")]),
        (pasted("\none\n\n") + b"\r", [Line("one")]),
        (ctrl("c"), [Interrupt()]),
        ("half" + ctrl("c"), []),
        ("half" + ctrl("c") + ctrl("c"), [Interrupt()]),
        (ctrl("d"), [EndOfInput()]),
        ("ab" + LEFT + ctrl("d") + ENTER, [Line("a")]),
        ("\x1b5", [Shortcut("5")]),
        (pasted("x" * 101), [TooLong()]),
        (pasted("é" * 51) + b"rest\r", [TooLong(), Line("rest")]),
    ],
)
def test_what_keys_become(keys: str | bytes, actions: list[Action]):
    assert Sitting(limit=100).types(keys) == actions
