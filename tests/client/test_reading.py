"""Tests of the reading position: what is sent, when, and what other devices have read."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.task import Clock

from chatroom.client.conversation import Conversation
from chatroom.client.reading import MIN_INTERVAL
from chatroom.client.ui.status import unread

from .scripted import Ear, Server, entered, event, said, welcome


class Reader:
    """Ann in the lobby and in games, where everything was read up to 10 and 20."""

    def __init__(self, **known: Any) -> None:
        self.clock = Clock()
        self.ann = Conversation(Ear(), "ann", clock=self.clock)
        self.server = Server(self.ann)
        self.server.connects()
        known = {"unread": 0, "mentions": 0, **known}
        games = entered("games", ["ann"], 20, **{"read": 20, **known})
        self.server.says(welcome(), entered(**{"read": 10, **known}), games)
        self.server.says({"type": "live"})
        self.ann.go("lobby")
        self.sent()

    def sent(self) -> list[tuple[str, int]]:
        """Return the positions sent since the last time."""
        return [(one["room"], one["seq"]) for one in self.server.heard() if one["type"] == "read"]

    @property
    def status(self) -> str:
        return unread(self.ann.activity, 80)


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_what_is_shown_in_front_is_read_at_most_once_a_second(reader: Reader):
    """And the last position is not lost."""
    reader.ann.reading.focus(in_front=True)
    for seq in range(11, 15):
        reader.server.says(said(seq, "bob", "hello"))
    assert reader.sent() == [("lobby", 11)]
    reader.clock.advance(MIN_INTERVAL)
    assert reader.sent() == [("lobby", 14)]
    reader.clock.advance(MIN_INTERVAL)
    assert (reader.sent(), reader.clock.getDelayedCalls()) == ([], [])


def test_what_is_shown_while_nobody_looks_is_not_read(reader: Reader):
    """Nor what is said elsewhere; typing shows that somebody does look."""
    reader.server.says(said(11, "bob", "hello"), said(21, "bob", "hello", "games"))
    reader.ann.reading.focus(in_front=True)
    reader.ann.reading.focus(in_front=False)
    assert reader.sent() == [("lobby", 11)]
    reader.clock.advance(MIN_INTERVAL)
    reader.server.says(said(12, "bob", "hello"))
    assert reader.sent() == []
    reader.ann.type("hello")
    assert reader.sent() == [("lobby", 12)]
    reader.clock.advance(MIN_INTERVAL)
    reader.ann.go("games")
    assert reader.sent() == [("games", 21)]


def test_it_never_goes_back(reader: Reader):
    """Whatever another device has read."""
    reader.server.says({"type": "read", "room": "lobby", "seq": 30, "unread": 0, "mentions": 0})
    reader.server.says(said(11, "bob", "hello"))
    reader.ann.type("hello")
    assert reader.sent() == []


def test_older_servers_are_sent_nothing():
    """They tell no position."""
    chat = Reader(read=None)
    chat.server.says(said(11, "bob", "hello"))
    chat.ann.type("hello")
    assert chat.sent() == []


def test_a_pipeline_reads_nothing():
    """No person does."""
    ann = Conversation(Ear(), "ann")
    server = Server(ann)
    server.connects()
    server.says(welcome(), entered(read=10), {"type": "live"}, said(11, "bob", "hello"))
    server.heard()
    ann.reading.focus(in_front=True)
    ann.type("hello")
    assert [one["type"] for one in server.heard()] == ["line"]


def test_nothing_is_sent_after_the_connection_is_lost(reader: Reader):
    """The next one tells the positions anew."""
    reader.ann.reading.focus(in_front=True)
    reader.server.says(said(11, "bob", "hello"), said(12, "bob", "hello"))
    reader.server.says(said(13, "bob", "hello"))
    reader.sent()
    reader.server.breaks()
    reader.clock.advance(MIN_INTERVAL)
    assert (reader.sent(), reader.clock.getDelayedCalls()) == ([], [])


def test_answers_to_positions_are_not_shown(reader: Reader):
    """Not even a refusal: the room may have been left elsewhere."""
    before = list(reader.ann.ui.lines), list(reader.ann.ui.complaints)  # type: ignore[attr-defined]
    reader.server.says({"type": "read", "room": "lobby", "seq": 11, "unread": 0, "mentions": 0, "ref": "read"})
    reader.server.says({"type": "refused", "code": "not_here", "text": "No.", "ref": "read"})
    assert before == (reader.ann.ui.lines, reader.ann.ui.complaints)  # type: ignore[attr-defined]


def test_the_status_line_has_the_numbers_of_the_server(reader: Reader):
    """What was read elsewhere is not unread here."""
    reader.server.says(said(21, "bob", "ann?", "games"), said(22, "bob", "hello", "games"))
    assert reader.status == "[2:games 2!]"
    reader.server.says({"type": "read", "room": "games", "seq": 21, "unread": 1, "mentions": 0})
    assert reader.status == "[2:games 1]"
    reader.server.says({"type": "read", "room": "games", "seq": 22, "unread": 0, "mentions": 0})
    assert reader.status == ""


def test_what_is_replayed_is_counted_once(reader: Reader):
    """The room has told its number."""
    reader.server.breaks()
    reader.server.connects()
    lobby, games = entered(read=10, unread=0), entered("games", ["ann"], 20, read=20, unread=1)
    reader.server.says(welcome(resumed=True), lobby, games)
    reader.server.says(said(21, "bob", "hello", "games"), {"type": "live"}, said(22, "bob", "hello", "games"))
    assert reader.status == "[2:games 2]"


def test_conversations_of_other_devices_are_places(reader: Reader):
    """The newest is the last; what makes no sense is skipped."""
    rows = [
        {"room": "@a:c", "nick": "cy", "seq": 9, "read": 7, "unread": 2},
        {"room": "@a:b", "nick": "bob", "seq": 5, "read": 5, "unread": 0},
        {"room": "lobby", "nick": "x", "seq": 5, "read": 5, "unread": 7},
        {"room": "@a:d"},
        None,
    ]
    reader.server.says({"type": "conversations", "conversations": rows})
    assert reader.ann.activity.places == ["lobby", "games", "@a:b", "@a:c"]
    assert reader.status == "[4:@cy 2!]"
    reader.server.says({"type": "conversations", "conversations": "none"})
    reader.server.says(event("whispered", 10, "cy", "@a:c", text="psst", to="ann"))
    reader.ann.go("@a:c")
    assert reader.sent() == [("@a:c", 10)]


def test_what_a_person_asked_for_is_answered(reader: Reader):
    """Though the client takes it over as well."""
    reader.ann.type("/read")
    reader.server.says({"type": "read", "room": "lobby", "seq": 10, "unread": 0, "mentions": 0, "ref": "c1"})
    assert len(reader.ann.outbox) == 0
