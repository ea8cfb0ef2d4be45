"""Changes of earlier messages, as records."""

from __future__ import annotations

from chatroom.chat.changes import CHANGES, Deleted
from chatroom.chat.events import EVENTS, names_of


def test_each_change_names_the_message_that_it_is_about():
    assert all("re" in names_of(kind) and EVENTS[kind.type] is kind for kind in CHANGES)
    assert Deleted("tea", 0.0, "a", "ann", 5, "ann", by_author=True).reason == ""
