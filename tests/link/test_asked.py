"""Commands that wait for their answer, on their way to another process."""

from __future__ import annotations

import json

import pytest

from chatroom.chat.commands.messages import Say
from chatroom.chat.refusals import TooLong
from chatroom.link.asked import Asked
from chatroom.link.codec import BadFrame


def test_a_command_is_the_same_there():
    asked = Asked(Say("hello"), "ref", 5.0)
    assert Asked.restored(json.loads(json.dumps(asked.saved()))) == asked


def test_so_is_what_was_wrong_with_one():
    asked = Asked(TooLong("That is too long."), None, 5.0)
    restored = Asked.restored(json.loads(json.dumps(asked.saved())))
    assert (restored.command.code, str(restored.command), *restored[1:3]) == (
        "too_long",
        "That is too long.",
        None,
        5.0,
    )


@pytest.mark.parametrize(
    "saved", [[], ["/say", None, 1.0], [[""], None, 1.0], [["", "code", 5], None, 1.0], [[], 5, 1.0]]
)
def test_anything_else_is_none(saved):
    with pytest.raises(BadFrame):
        Asked.restored(saved)
