"""Subscribers: who is live, by door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chatroom.chat.rooms.subscribers import Subscribers, together

from .bare import RecordingOutlet


class Together(RecordingOutlet):
    """Tells whether it gathers now."""

    gathers = False

    @contextmanager
    def together(self) -> Iterator[None]:
        self.gathers = True
        yield
        self.gathers = False


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


def test_who_is_in_several_rooms_is_shown_them_at_once_and_who_is_in_one_is_not():
    lobby, tea, outlets = Subscribers(), Subscribers(), [Together(), Together()]
    for number, outlet in enumerate(outlets):
        lobby.add(str(number), str(number), outlet)
    tea.add("1", "1", outlets[1])
    with together([lobby, tea]):
        assert [outlet.gathers for outlet in outlets] == [False, True]
    assert [outlet.gathers for outlet in outlets] == [False, False]
