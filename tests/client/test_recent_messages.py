"""Tests of the messages that completion offers."""

from __future__ import annotations

from chatroom.chat.changes import Deleted, Edited
from chatroom.chat.event import Marks
from chatroom.chat.events import Acted, Event, Joined, Said
from chatroom.client.recent_messages import RecentMessages
from chatroom.dialects.json.decoder import ME


def said(text: str, *, own: bool = False, room: str = "dev") -> Event:
    return Said(room, 0.0, ME if own else "", "ann" if own else "bob", text)


def test_the_newest_comes_first_as_it_is_now():
    """Joins are no messages; what was deleted is not offered any more."""
    recent = RecentMessages()
    mine = Acted("dev", 0.0, ME, "ann", "waves")
    recent.note_all([(1, said("one")), (2, Joined("dev", 0.0, "", "bob")), (3, mine), (4, said("four"))])
    assert recent.offers("dev", own=True) == [(3, "waves")]
    assert recent.offers("dev", own=False) == [(4, "four"), (1, "one")]
    recent.note(5, Edited("dev", 0.0, ME, "ann", 3, "waves back"))
    recent.note(6, Deleted("dev", 0.0, "", "bob", 4, "bob", by_author=True))
    assert recent.offers("dev", own=True) == [(3, "waves back")] and recent.offers("dev", own=False) == [(1, "one")]
    assert recent.offers("ops", own=False) == []


def test_what_is_known_or_deleted_already_is_not_noted():
    """A room that is entered again shows its last messages again."""
    recent = RecentMessages()
    recent.note_all([(1, said("one")), (2, said("two"))])
    recent.note_all([(1, said("one")), (2, said("two")), (3, said("three"))])
    deleted = Said("dev", 0.0, "", "bob", "", marks=Marks(deleted="bob"))
    recent.note(4, deleted)
    assert [seq for seq, _ in recent.offers("dev", own=False)] == [3, 2, 1]


def test_only_so_many_are_kept():
    """Of each place, and of places: who is spoken to by many forgets those of long ago."""
    recent = RecentMessages()
    for seq in range(1, 100):
        recent.note(seq, said(str(seq)))
    assert len(recent.offers("dev", own=False)) == 20
    for number in range(200):
        recent.note(1, said("psst", room=f"@{number}"))
    assert recent.offers("dev", own=False) == [] and recent.offers("@199", own=False)
