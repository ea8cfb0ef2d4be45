"""Tests of what is unread in other rooms, and of going there."""

from __future__ import annotations

from typing import Any

import pytest

from chatroom.client.activity import MAX_CONVERSATIONS
from chatroom.client.conversation import Conversation
from chatroom.client.ui.status import status, unread

from .scripted import Chat, Ear, Server, entered, event, said, welcome


def whispered(seq: int, nick: str, place: str, to: str = "ann", **more: Any) -> dict[str, Any]:
    return event("whispered", seq, nick, place, text="psst", to=to, **more)


@pytest.fixture
def busy(chat: Chat) -> Chat:
    """Ann is in the lobby, and in the rooms games and dev; in the lobby now."""
    chat.server.says(entered("games", ["ann", "bob"], 0), entered("dev", ["ann", "bob"], 0))
    chat.ann.type("/go 1")
    chat.ui.take()
    chat.ui.complaints.clear()
    return chat


def shown(chat: Chat, width: int = 80) -> str:
    return unread(chat.ann.activity, width)


def test_what_is_said_elsewhere_is_counted_and_named(busy: Chat):
    """Not what is said here, nor by oneself, nor who comes and goes."""
    busy.server.says(said(11, "bob", "here"), said(1, "bob", "one", "games"), said(2, "bob", "two", "games"))
    busy.server.says(said(3, "ann", "mine", "games", ref="c9"), event("joined", 4, "carol", "games"))
    assert shown(busy) == "[2:games 2]"
    busy.server.says(said(1, "bob", "Ann?", "dev"), whispered(1, "bob", "@a:b"))
    assert shown(busy) == "[2:games 2 3:dev 1! 4:@bob 1!]"
    assert status(busy.ann, "x:1", 80).startswith(" ann · #lobby · [2:games 2 3:dev 1! 4:@bob 1!] · 2 people")


def test_going_there_makes_it_read_and_typed_text_goes_there(busy: Chat):
    """By number, by name, with or without the mark, in any case."""
    busy.server.says(said(1, "bob", "one", "games"), whispered(1, "bob", "@a:b"))
    for typed, room in (("/go 2", "games"), ("/go #DEV", "dev"), ("/go lobby", "lobby"), ("/go Bob", "@a:b")):
        busy.ann.type(typed)
        busy.ann.type("hello")
        assert busy.server.heard()[-1]["room"] == room
    assert shown(busy) == ""
    assert busy.ui.complaints[-1] == "-- You are in @bob now."
    busy.server.says(said(2, "bob", "two", "games"))
    assert shown(busy) == "[2:games 1]"


def test_joining_a_room_again_makes_it_read(busy: Chat):
    """Even if one goes on at once."""
    busy.server.says(said(1, "bob", "one", "games"), entered("games", ["ann", "bob"], 0, ref="c8"))
    busy.server.says(entered("dev", ["ann"], 0, ref="c9"))
    assert shown(busy) == ""


def test_a_conversation_is_addressed_by_what_identifies_it(busy: Chat):
    """A stranger who takes the nick has a conversation of their own."""
    busy.server.says(whispered(1, "bob", "@a:b"), whispered(1, "bob", "@a:c"))
    busy.ann.type("/go 4")
    busy.ann.type("for the first bob")
    assert busy.server.heard()[-1] == {"type": "line", "text": "for the first bob", "room": "@a:b", "ref": "c1"}
    assert shown(busy) == "[5:@bob 1!]"


def test_ones_own_private_message_begins_a_conversation(busy: Chat):
    """With the person that it went to."""
    busy.server.says(whispered(1, "ann", "@a:c", to="carol", ref="c9"))
    assert shown(busy) == ""
    assert busy.ann.activity.find("@carol") == "@a:c"


def test_a_conversation_follows_the_other_persons_nick(busy: Chat):
    """As far as it is seen to change."""
    busy.server.says(whispered(1, "bob", "@a:b"), event("renamed", 11, "bob", new="rob"))
    busy.server.says(event("renamed", 1, "bob", "games", new="rob"))
    assert shown(busy) == "[4:@rob 1!]"


def test_the_most_urgent_place_is_where_one_is_called(busy: Chat):
    """Then the first of the others, then nowhere."""
    activity = busy.ann.activity
    busy.server.says(said(1, "bob", "one", "games"), said(1, "bob", "ann!", "dev"))
    assert activity.most_urgent == "dev"
    activity.go("dev")
    assert activity.most_urgent == "games"
    activity.go("games")
    assert activity.most_urgent is None
    assert not activity.go(None)
    assert not activity.go("tea")


def test_a_room_that_one_has_left_has_no_number(busy: Chat):
    """The numbers close up, and nothing is unread there."""
    busy.server.says(said(1, "bob", "one", "games"), said(1, "bob", "two", "dev"))
    busy.server.says(event("left", 2, "ann", "games", reason="", ref="c9"))
    assert shown(busy) == "[2:dev 1]"
    busy.server.says(entered("games", ["ann"], 9, ref="c9"))
    busy.ann.activity.go("lobby")
    assert busy.ann.activity.places == ["lobby", "dev", "games"]
    assert shown(busy) == "[2:dev 1]"


def test_what_was_missed_is_unread(busy: Chat):
    """It happened while the connection was lost."""
    busy.server.breaks()
    busy.server.connects()
    busy.server.says(welcome(resumed=True), entered(seq=10), entered("games", ["ann"], 0))
    busy.server.says(said(1, "bob", "missed", "games"), {"type": "live"})
    assert shown(busy) == "[2:games 1]"


def test_strangers_cannot_make_the_list_grow(busy: Chat):
    """The conversation that has rested longest goes, but not the one that is open."""
    busy.server.says(whispered(1, "bob", "@a:b"))
    busy.ann.activity.go("@a:b")
    for number in range(2 * MAX_CONVERSATIONS):
        busy.server.says(whispered(1, f"p{number}", f"@{number}"))
    places = busy.ann.activity.places
    assert len(places) == 3 + MAX_CONVERSATIONS
    assert "@a:b" in places and "@0" not in places and places[-1] == f"@{2 * MAX_CONVERSATIONS - 1}"
    assert len(busy.ann.activity.unread) <= MAX_CONVERSATIONS


@pytest.mark.parametrize(
    ("width", "line"),
    [(80, "[2:games 2 3:dev 1 4:@bob 1!]"), (26, "[2:games 2 4:@bob 1! …]"), (14, "[4:@bob 1! …]"), (3, "[…]")],
)
def test_the_most_urgent_is_shown_where_not_all_has_room(busy: Chat, width: int, line: str):
    """And that there is more."""
    busy.server.says(said(1, "bob", "one", "games"), said(2, "bob", "two", "games"), said(1, "bob", "one", "dev"))
    busy.server.says(whispered(1, "bob", "@a:b"))
    assert shown(busy, width) == line


# The commands.


def test_go_alone_lists_where_one_is(busy: Chat):
    """With what is unread."""
    busy.server.says(said(1, "bob", "one", "games"), whispered(1, "bob", "@a:b"))
    busy.ann.type("/go")
    assert busy.ui.complaints == [
        "-- 1: #lobby",
        "-- 2: #games, 1 unread",
        "-- 3: #dev",
        "-- 4: @bob, 1 unread, for you",
    ]
    assert busy.server.heard() == []


@pytest.mark.parametrize("typed", ["/go 9", "/go 0", "/go -1", "/go tea", f"/go {'9' * 5000}", "/go 1 2"])
def test_what_is_nowhere_is_refused(busy: Chat, typed: str):
    """And nothing is sent."""
    busy.ann.type(typed)
    assert busy.ui.complaints[0].startswith("!! You are in no room ")
    assert (busy.server.heard(), busy.ann.rooms.current) == ([], "lobby")
    assert busy.ann.requests.refusals == 1


@pytest.mark.parametrize("typed", ["/go 2", " /GO 2", "\u200b/go  games", "／go #games", "\u3000\u3164/Go\t2"])
def test_a_local_command_is_one_however_it_is_written(busy: Chat, typed: str):
    """As the server reads commands."""
    busy.ann.type(typed)
    assert (busy.server.heard(), busy.ann.rooms.current) == ([], "games")


@pytest.mark.parametrize("typed", ["//go 2", "go 2", "/gone 2", "/clear the table", "/goto 2", "see /go 2"])
def test_everything_else_is_the_servers(busy: Chat, typed: str):
    """It says it, or refuses it."""
    busy.ann.type(typed)
    assert busy.server.heard()[0]["text"] == typed


def test_a_pasted_block_is_no_command(busy: Chat):
    """Whatever its first line."""
    busy.ann.type("/go 2\nand more")
    assert busy.ann.rooms.current == "lobby"


def test_clear_clears_the_screen(busy: Chat):
    """And asks no server."""
    busy.ann.type("/clear")
    assert (busy.ui.cleared, busy.server.heard()) == (1, [])


def test_help_lists_the_commands_of_the_client_with_those_of_the_server(busy: Chat):
    """In a group of their own; the help for one is the client's own, too."""
    rows = [["/who [ROOM]", "list who is here"], ["/time", "tell the time"]]
    busy.server.says({"type": "help", "commands": rows, "groups": ["rooms", "server"]})
    lines = busy.ui.take()
    here = lines.index("-- This client:")
    assert lines[here + 1].startswith("-- /go [N|ROOM]  go to room N")
    assert lines[here + 2].startswith("-- /clear        clear")
    busy.server.says({"type": "help", "commands": rows[:1], "groups": ["rooms"]})
    assert busy.ui.take() == ["-- /who [ROOM]: list who is here"]
    busy.ann.type("/help go")
    busy.ann.type("/help /CLEAR")
    assert [line.split(":")[0] for line in busy.ui.complaints] == ["-- /go [N|ROOM]", "-- /clear"]
    assert busy.server.heard() == []
    busy.ann.type("/help who")
    assert busy.server.heard()[0]["text"] == "/help who"


def test_a_screen_reader_gets_the_same_without_marks():
    """The list, too."""
    ear = Ear()
    ann = Conversation(ear, "ann", plain=True)
    Server(ann).lets_in()
    ann.type("/go")
    assert ear.complaints == ["1: #lobby"]
