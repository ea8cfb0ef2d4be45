"""The rooms that a door shows live: who follows them, how far they were shown, and what slow clients get."""

from __future__ import annotations

import pytest

from chatroom.chat.events import Batch, Said
from chatroom.link.codec import BadFrame
from chatroom.link.rooms import RoomsShown
from tests.doors.test_outlet import Way


class Client:
    """A session at a door, with a socket that takes so many bytes."""

    def __init__(self, name: str, room: int = 10_000) -> None:
        self.way = Way(room)
        self.outlet = self.way.outlet
        self.outlet.viewer = name
        self.full = False
        self.settled: list[str] = []

    def settle(self, n: str) -> None:
        self.settled.append(n)

    @property
    def shown(self) -> list[str]:
        """All texts that were written, to the socket and behind it, in this order."""
        text = (self.way.socket.sent + self.way.transport.written).decode()
        return [line.split("> ")[1] for line in text.splitlines()]


def said(seq: int, ask: str = "", by: str = "x") -> Batch:
    return Batch("lobby", seq, [Said(room="lobby", at=0.0, by=by, nick=by, text=f"t{seq}", ask=ask)])


@pytest.fixture
def rooms():
    return RoomsShown()


def test_everyone_who_follows_is_shown_each_batch_once(rooms):
    ann, bob = Client("ann"), Client("bob")
    assert rooms.show(said(7), {}) == 0
    rooms.follow(ann, "lobby", 1)
    assert rooms.show(said(2), {}) == 1
    rooms.follow(bob, "lobby", 2)
    assert rooms.show(said(3), {}) == 2
    assert ann.shown == ["t2", "t3"] and bob.shown == ["t3"]


def test_positions_are_those_of_the_rooms_until_they_are_left(rooms):
    ann, bob = Client("ann"), Client("bob")
    for one in (ann, bob):
        rooms.follow(one, "lobby", 1)
    rooms.follow(ann, "dev", 5)
    rooms.show(said(2), {})
    assert rooms.positions(ann) == {"lobby": 2, "dev": 5} and rooms.positions(bob) == {"lobby": 2}
    assert rooms.unfollow(bob, "lobby") == 2 and rooms.positions(bob) == {}
    rooms.leave(ann)
    rooms.leave(ann)
    assert rooms.positions(ann) == {} and rooms.show(said(9), {}) == 0


def test_it_tells_those_whose_commands_led_to_it_if_they_are_shown_it(rooms):
    ann, bob = Client("ann"), Client("bob")
    rooms.follow(ann, "lobby", 0)
    sessions = {"a": ann, "b": bob}
    for seq, ask in enumerate(("a.1", "b.1", "", "c.1"), 1):
        rooms.show(said(seq, ask), sessions)
    assert ann.settled == ["1"] and not bob.settled


def test_a_client_that_does_not_read_is_written_nothing_past_its_buffer(rooms):
    """Its socket may take more before its transport has written what waits."""
    ann, bob = Client("ann"), Client("bob", room=20)
    for one in (ann, bob):
        rooms.follow(one, "lobby", 0)
    rooms.show(said(1), {})
    rooms.show(said(2), {})
    assert bob.way.owner.told == ["full"]
    bob.full = True
    rooms.slow_down(bob)
    rooms.slow_down(bob)
    bob.way.socket.room = 10_000
    rooms.show(said(3), {})
    assert bob.shown == ann.shown == ["t1", "t2", "t3"]
    assert rooms.unfollow(bob, "lobby") == 3


def test_a_client_that_does_not_read_when_it_begins_to_follow_is_slow(rooms):
    ann, bob = Client("ann"), Client("bob", room=0)
    bob.outlet.write(b"<x> t0\n")
    bob.full = True
    rooms.follow(ann, "lobby", 0)
    rooms.follow(bob, "lobby", 0)
    bob.way.socket.room = 10_000
    rooms.show(said(1), {})
    assert bob.shown == ["t0", "t1"]
    rooms.leave(bob)
    assert rooms.positions(bob) == {}


def test_who_changes_their_identity_is_found_under_the_one_of_before(rooms):
    ann = Client("ann")
    rooms.follow(ann, "lobby", 0)
    ann.outlet.viewer, ann.outlet.session = "account", "mark"
    assert rooms.unfollow(ann, "lobby") == 0


@pytest.mark.parametrize("batch", [said(1), said(3), Batch("lobby", 2, [])])
def test_a_batch_that_is_not_the_next_is_none(rooms, batch):
    ann = Client("ann")
    rooms.follow(ann, "lobby", 1)
    with pytest.raises(BadFrame):
        rooms.show(batch, {})
    assert ann.shown == [] and rooms.positions(ann) == {"lobby": 1}


def test_nobody_follows_twice_or_from_elsewhere_or_ends_what_they_do_not_follow(rooms):
    ann, bob = Client("ann"), Client("bob")
    rooms.follow(ann, "lobby", 1)
    for client, seq in ((ann, 1), (bob, 0), (bob, 2)):
        with pytest.raises(BadFrame):
            rooms.follow(client, "lobby", seq)
    for name in ("lobby", "dev"):
        with pytest.raises(BadFrame):
            rooms.unfollow(bob, name)
    assert rooms.positions(bob) == {}
