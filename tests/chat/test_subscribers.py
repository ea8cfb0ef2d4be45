"""Subscribers: who is live, by door."""

from __future__ import annotations

from chatroom.chat.rooms.subscribers import Subscribers

from .bare import RecordingOutlet


def test_they_are_counted_by_door_as_they_come_and_go():
    subscribers = Subscribers()
    outlets = {name: RecordingOutlet(door=door) for name, door in (("a", "line"), ("b", "line"), ("c", "json"))}
    for name, outlet in outlets.items():
        subscribers.add(name, name, outlet)
    assert dict(subscribers) == outlets and subscribers.doors == {"line": 2, "json": 1}
    assert subscribers.outlets == list(outlets.values())

    subscribers.remove("a", "a")
    subscribers.remove("c", "c")
    assert dict(subscribers) == {"b": outlets["b"]} and +subscribers.doors == {"line": 1}
