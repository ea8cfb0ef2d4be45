"""Frames: the values that each kind must have."""

from __future__ import annotations

import pytest

from chatroom.link.codec import BadFrame
from chatroom.link.frames import Kinds, checked, checked_fields

KINDS = Kinds({"say": (print, str, int), "nothing": (repr,)})


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("a", str),
        ("a", str | None),
        (None, str | None),
        (0, int),
        (2**63 - 1, int),
        (0, float),
        (0.5, float),
        (True, bool),
        ([], list),
        *((one, object) for one in (None, True, -1, float("nan"), 2**70, [], {}, "a")),
    ],
)
def test_values_that_fit(value, kind):
    assert list(checked([value], [kind])) == [value] or value != value


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        *((one, int) for one in (True, False, -1, 2**63, 10**4000, 0.0, 0.5, "0", None, [0])),
        *((one, float) for one in (True, -0.5, -1, float("inf"), float("nan"), 2**63, "0", None)),
        *((one, bool) for one in (0, 1, None, "")),
        *((one, str) for one in (0, None, True, ["a"])),
        (0, str | None),
        ("a", list),
        ([], dict),
    ],
)
def test_values_that_do_not_fit(value, kind):
    with pytest.raises(BadFrame):
        checked([value], [kind])


@pytest.mark.parametrize("fields", [{}, {"a": 1}, {"a": 1, "b": 2}, {"a": 1, "b": "x", "c": 0}])
def test_fields_are_these_and_no_others(fields):
    types = {"a": int, "b": str}
    assert checked_fields({"b": "x", "a": 1}, types) == {"a": 1, "b": "x"}
    with pytest.raises(BadFrame):
        checked_fields(fields, types)


def test_a_frame_leads_to_what_is_done_with_its_values():
    assert KINDS.find(["say", "hi", 5]) == (print, ["hi", 5]) and KINDS.find(["nothing"]) == (repr, [])
    assert "say" in KINDS and "sing" not in KINDS


@pytest.mark.parametrize(
    "frame", [[], {}, None, "say", 5, [[]], [{}], [None], ["sing"], ["say"], ["say", "hi"], ["nothing", 1], [["say"]]]
)
def test_anything_else_is_no_frame(frame):
    with pytest.raises(BadFrame):
        KINDS.find(frame)
