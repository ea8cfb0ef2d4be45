"""Events, and batches of them."""

from __future__ import annotations

from hypothesis import given

from chatroom.chat.events import Acted, Batch, Joined, Said
from tests.dialects.strategies import batches


@given(batches())
def test_a_batch_numbers_its_events(batch):
    assert [seq for seq, _ in batch] == list(range(batch.first, batch.last + 1))
    assert len(batch) == len(batch.events) and batch.authors == {
        one for event in batch.events for one in (event.by, event.session) if one
    }


@given(batches())
def test_a_batch_ends_where_it_is_cut(batch):
    for seq in range(batch.first - 1, batch.last + 2):
        assert list(batch.until(seq)) == [(one, event) for one, event in batch if one <= seq]
    assert batch.until(batch.last) is batch


def test_a_batch_knows_whether_it_is_only_talk():
    said, acted = Said("lobby", 0.0, "a", "ann", "hi"), Acted("lobby", 0.0, "a", "ann", "waves")

    assert Batch("lobby", 1, [said, acted]).talk
    assert not Batch("lobby", 1, [said, Joined("lobby", 0.0, "b", "bob")]).talk
    assert repr(Batch("lobby", 1, [said])).startswith("Batch('lobby', 1, [Said(")
