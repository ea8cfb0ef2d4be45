"""Rows: an event as a journal stores it, flat, in columns."""

from __future__ import annotations

import pytest
from hypothesis import given

from chatroom.journal._rows import from_row, to_row
from tests.dialects.strategies import events


@given(events())
def test_an_event_comes_out_of_storage_as_it_went_in(event):
    assert from_row("lobby", to_row(event)) == event


def test_an_event_of_a_later_version_is_not_taken_for_another():
    with pytest.raises(KeyError):
        from_row("lobby", ("exploded", 0.0, "a", "ann", "", "", None))
