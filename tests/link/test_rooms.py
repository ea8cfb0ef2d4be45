"""The rooms shown at a door: who is told that their commands are done."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from chatroom.chat.events import Batch, Said
from chatroom.link.rooms import RoomsShown


class Follower:
    """A session that notes which of its commands are done."""

    def __init__(self, nick: str) -> None:
        self.outlet: Any = SimpleNamespace(
            viewer=nick, session="", link=None, door="line", deliver=lambda batch: True, log=None
        )
        self.done: list[str] = []
        self.full = False

    def settle(self, n: str) -> None:
        self.done.append(n)


def test_each_command_is_done_once_when_its_event_is_shown():
    rooms, ann, bob = RoomsShown(), Follower("ann"), Follower("bob")
    rooms.follow(ann, "lobby", 0)
    asks = ["sidA.1", "sidB.7", "sidA.2", "", "else.3"]
    batch = Batch("lobby", 1, [Said("lobby", 0.0, "ann", "ann", "hi", ask=ask) for ask in asks])

    rooms.show(batch, {"sidA": ann, "sidB": bob})
    assert ann.done == ["1", "2"]
    assert not bob.done, "it isn't shown the room"
    assert rooms.positions(ann) == {"lobby": 5}
