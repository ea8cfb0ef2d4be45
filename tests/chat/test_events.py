"""Events, flat for storage and together in batches."""

from __future__ import annotations

import pytest
from hypothesis import given

from chatroom.chat.events import Acted, Batch, Joined, Said
from chatroom.chat.records import from_record, to_record
from tests.dialects.strategies import batches, events


@given(events())
def test_an_event_comes_out_of_storage_as_it_went_in(event):
    assert from_record("lobby", to_record(event)) == event


def test_an_event_of_a_later_version_is_not_taken_for_another():
    with pytest.raises(KeyError):
        from_record("lobby", ("exploded", 0.0, "a", "ann", "", "", None))


@given(batches())
def test_a_batch_numbers_its_events(batch):
    assert [seq for seq, _ in batch] == list(range(batch.first, batch.last + 1))
    assert len(batch) == len(batch.events) and batch.authors == {event.by for event in batch.events}


def test_a_batch_knows_whether_it_is_only_talk():
    said, acted = Said("lobby", 0.0, "a", "ann", "hi"), Acted("lobby", 0.0, "a", "ann", "waves")

    assert Batch("lobby", 1, [said, acted]).talk
    assert not Batch("lobby", 1, [said, Joined("lobby", 0.0, "b", "bob")]).talk
    assert repr(Batch("lobby", 1, [said])).startswith("Batch('lobby', 1, [Said(")
