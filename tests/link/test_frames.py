"""What frames of each kind may hold."""

from __future__ import annotations

import pytest

from chatroom.link.codec import BadFrame
from chatroom.link.frames import Kinds

KINDS = Kinds({"ask": (str, str, int, str | None, float), "card": (list, object), "closing": (dict,)})
"""What is done with them is anything here."""


@pytest.mark.parametrize(
    "frame",
    [
        ["ask", "sid", 1, None, 0.5],
        ["ask", "sid", 1, "ref", 2],
        ["card", None],
        ["card", {"nick": "ann"}],
        ["closing"],
    ],
)
def test_values_of_the_right_types_are_handed_on(frame):
    assert KINDS.find(frame) == (KINDS.find(frame)[0], frame[1:])


@pytest.mark.parametrize(
    "frame",
    [
        ["hello", "sid"],
        ["ask", "sid", 1, None],
        ["ask", "sid", 1, None, 0.5, 0],
        ["ask", "sid", True, None, 0.5],
        ["ask", "sid", 1, None, True],
        ["ask", "sid", 1.0, None, 0.5],
        ["ask", "sid", 1, 5, 0.5],
        ["card"],
        ["closing", None],
    ],
)
def test_anything_else_is_no_frame(frame):
    with pytest.raises(BadFrame):
        KINDS.find(frame)
