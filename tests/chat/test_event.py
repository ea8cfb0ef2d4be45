"""The base of events, and quotes of messages."""

from __future__ import annotations

import pytest

from chatroom.chat.event import QUOTED, Quote, quote


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello", "hello"),
        ("", ""),
        ("x" * QUOTED, "x" * QUOTED),
        ("x" * (QUOTED + 1), "x" * QUOTED + "…"),
        ("x" * (QUOTED - 1) + " and more", "x" * (QUOTED - 1) + "…"),
        ("one\ntwo", "one…"),
        ("x" * QUOTED + "\ntwo", "x" * QUOTED + "…"),
    ],
)
def test_a_quote_is_the_beginning_of_the_first_line(text, shown):
    assert quote("ann", text) == Quote("ann", shown)
