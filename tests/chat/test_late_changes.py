"""Changes while somebody waits for a page with the old text."""

from __future__ import annotations

from chatroom.chat.changes import Deleted, Edited
from chatroom.chat.events import Batch, Said
from chatroom.chat.rooms.late_changes import LateChanges

SAID = Said("tea", 0.0, "a", "ann", "secret")
DELETED = Deleted("tea", 1.0, "a", "ann", 1, "ann", by_author=True)


def test_what_changes_during_a_read_is_changed_in_its_result():
    late = LateChanges()
    with late.watch() as slow:
        with late.watch() as quick:
            late.note([Edited("tea", 1.0, "a", "ann", 1, "milk")])
        late.note([DELETED])

    batch = Batch("tea", 1, [SAID])
    assert [one.text for one in quick.page(batch).events] == ["milk"]
    assert [one.text for one in slow.page(batch).events] == [""]
    assert [event.text for _, event in slow.lines([(1, SAID), (2, SAID)])] == ["", "secret"]


def test_other_rooms_and_reads_that_have_ended_are_left_alone():
    late = LateChanges()
    with late.watch() as watch:
        pass
    late.note([DELETED])
    other = Batch("dev", 1, [Said("dev", 0.0, "a", "ann", "secret")])
    assert watch.page(Batch("tea", 1, [SAID])).events == [SAID]

    with late.watch() as watch:
        late.note([DELETED])
    assert watch.page(other) is other and watch.lines(other) == list(other)
