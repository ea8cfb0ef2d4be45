"""Rows: an event as a journal stores it, flat, in columns."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.events import Event
from chatroom.journal._rows import About, from_row, stored, to_row
from tests.dialects.strategies import events


@given(events())
def test_an_event_comes_out_of_storage_as_it_went_in(event):
    assert from_row("lobby", to_row(event), beside(event)) == event


@given(events(), st.sampled_from(["", "mark"]), st.sampled_from(["", "sid.1"]))
def test_so_do_the_session_and_the_command_that_it_comes_of(event, session, ask):
    made = replace(event, session=session, ask=ask)
    assert from_row("lobby", to_row(made), beside(event)) == made


def beside(event: Event) -> About | None:
    """What the journal reads beside the row of *event*, as if what it is about were as it says."""
    if event.marks is not None:
        written = stored(event.marks)
        quote = event.marks.quote
        return event.marks.re, json.loads(written) if written else None, quote and (quote.nick, quote.text, None)
    if isinstance(event, Edited):
        return event.re, None, ("bob", event.text, None)
    if isinstance(event, Reacted):
        return event.re, None, event.quote and (event.quote.nick, event.quote.text, None)
    return (event.re, None, ("bob", "hi", None)) if isinstance(event, Deleted) else None


def test_an_event_of_a_later_version_is_not_taken_for_another():
    with pytest.raises(KeyError):
        from_row("lobby", ("exploded", 0.0, "a", "ann", "", "", None))
