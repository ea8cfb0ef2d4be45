"""Tests of reading what comes over the wire."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from chatroom.chat import replies
from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.event import Marks, Quote, Reaction
from chatroom.chat.events import (
    EVENTS,
    Acted,
    AuditEntry,
    Banned,
    Batch,
    Delivered,
    Event,
    Invited,
    Joined,
    Kicked,
    Left,
    Muted,
    Noticed,
    Renamed,
    RoleChanged,
    Said,
    SettingChanged,
    TopicChanged,
    Unbanned,
    Unmuted,
    Whispered,
)
from chatroom.chat.replies import Ban, PersonLine, Reply, RoomLine
from chatroom.client.rendering import Renderer
from chatroom.dialects.json.decoder import ME, decode_message
from chatroom.dialects.json.dialect import JsonDialect
from tests.client.scripted import AT, Ear, entered, event, said

_ANN = PersonLine("ann", "line", 12, connected=True)
_AWAY = PersonLine("bob", "line", 12, connected=False, role="operator", away="tea")
_SAID = (3, Said("lobby", 1.5, "", "ann", "hi"))
_RULED = (4, AuditEntry("&audit", 1.5, "", "ann", "kick", "lobby", "kicked bob"))

REPLIES: list[Reply] = [
    replies.Notice("a word"),
    replies.Refused("bad_name", "no"),
    replies.Welcome("ann", "T", 60, False, "s", {"/me TEXT": "act"}),
    replies.RoomEntered("lobby", "topic", ("ann", "bob"), 7, (_SAID,), "operator", {"slow": "10"}),
    replies.CaughtUp(),
    replies.NickChanged("zed"),
    replies.Who("lobby", (_ANN, _AWAY)),
    replies.Whois(_ANN, ("lobby", "dev"), 2.25, "ann", "127.0.0.1"),
    replies.Rooms((RoomLine("lobby", 3, ""),)),
    replies.Topic("lobby", "x"),
    replies.HistoryPage("lobby", (_SAID, _SAID), True),
    replies.Gap("lobby", 2, 9),
    replies.Time(12.5),
    replies.Help((("/me TEXT", "act"), ("/who", "list"))),
    replies.PasswordWanted("login", "ann"),
    replies.LoggedIn("ann", "admin", "T"),
    replies.LoggedOut("bye", "T"),
    replies.Bans("lobby", (Ban("bob", "spam", "ann", 1.5, 2.5), Ban("eve", "", "ann", 1.5, None, "mute")), 7),
    replies.SearchResults("tea", (_SAID, (9, Said("dev", 1.5, "", "ann", "tea"))), 2, True),
    replies.Seen("ann", True, 1.5),
    replies.Seen("ann", False, None),
    replies.Preferences(("bob",), "all", True, True, "tea"),
    replies.Preferences(),
    replies.Preferences(others=True),
    replies.Sessions((replies.SessionLine(1, "web", 1.5, 2.5, "192.0.2.7", connected=True, current=False),)),
    replies.ReadUpTo("lobby", 7, 2, 1),
    replies.Unread((replies.UnreadRoom("@a:b", "bob", 3, 0),)),
    replies.Conversations((replies.Conversation("@a:b", "bob", 9, 7, 2, 1.5),)),
    replies.AuditLog((_RULED,), False),
    replies.Pong(),
    replies.Goodbye("bye"),
]
HAPPENED: list[Event] = [
    Said("lobby", 1.5, "", "ann", "hi\n  there"),
    Acted("lobby", 1.5, "", "ann", "waves"),
    Noticed("lobby", 1.5, "", "ann", "built"),
    Whispered("@a:b", 1.5, "", "ann", "psst", "bob"),
    Joined("lobby", 1.5, "", "ann"),
    Left("lobby", 1.5, "", "ann", "gone"),
    Renamed("lobby", 1.5, "", "ann", "zed"),
    TopicChanged("lobby", 1.5, "", "ann", "x"),
    Kicked("lobby", 1.5, "", "ann", "bob", "spam"),
    Banned("lobby", 1.5, "", "ann", "bob", "spam", 61.5),
    Banned("lobby", 1.5, "", "ann", "bob"),
    Unbanned("lobby", 1.5, "", "ann", "bob"),
    Muted("lobby", 1.5, "", "ann", "bob", "", None),
    Unmuted("lobby", 1.5, "", "ann", "bob"),
    SettingChanged("lobby", 1.5, "", "ann", "slow", "10"),
    Invited("lobby", 1.5, "", "ann", "bob"),
    RoleChanged("lobby", 1.5, "", "ann", "bob", "operator"),
    Delivered("@a:b", 1.5, "", "ann"),
    _RULED[1],
    Edited("lobby", 1.5, "", "ann", 5, "hi\n  there"),
    Deleted("lobby", 1.5, "", "ann", 5, "bob", False, "a password"),
    Reacted("lobby", 1.5, "", "ann", 5, "👍", True, Quote("bob", "hi")),
    Reacted("lobby", 1.5, "", "ann", 5, "👍", False),
    Said("lobby", 1.5, "", "ann", "yes", marks=Marks(re=5, quote=Quote("bob", "hi"))),
    Acted("lobby", 1.5, "", "ann", "", marks=Marks(re=5, deleted="bob")),
    Whispered(
        "@a:b", 1.5, "", "ann", "yes", "bob", marks=Marks(edited=True, reactions=(Reaction("👍", (), ("bob",)),))
    ),
]
dialect = JsonDialect(64)


def test_every_reply_of_the_house_is_in_the_list():
    """A reply that is new in the house needs a line above."""
    kinds = {kind for kind in vars(replies).values() if isinstance(kind, type) and issubclass(kind, Reply)}
    assert kinds - {Reply} == {type(reply) for reply in REPLIES}
    assert set(EVENTS.values()) == {type(event) for event in HAPPENED}


@pytest.mark.parametrize("plain", [False, True])
def test_there_are_words_for_everything(plain: bool):
    """For people who read, and for those who listen."""
    ui = Ear()
    renderer = Renderer(ui, echo=True, plain=plain)
    for reply in REPLIES:
        renderer.reply(reply)
    for happened in HAPPENED:
        renderer.add(7, happened, "zed")
        renderer.flush("zed", rooms=True)
    assert len(ui.lines) > len(REPLIES)
    assert not any("\n" in line for line in ui.lines)
    assert any(line.startswith("-- ") for line in ui.lines) is not plain


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.type)
def test_a_reply_is_the_same_after_the_wire(reply: Reply):
    """What the JSON dialect writes is read back."""
    received = decode_message(json.loads(dialect.encode_reply(reply, "c1")))
    assert received.what == reply
    assert received.ref == "c1"


@pytest.mark.parametrize("event", HAPPENED, ids=lambda event: event.type)
def test_an_event_is_the_same_after_the_wire(event: Event):
    """Another person's event has no identity on the wire."""
    received = decode_message(json.loads(dialect.encode(Batch(event.room, 5, [event]))))
    assert (received.what, received.seq, received.ref) == (event, 5, None)


def test_an_event_with_a_ref_is_ones_own():
    """The server shows a ref to its maker only."""
    own = dataclasses.replace(HAPPENED[0], by="ann's", ref="c4")
    received = decode_message(json.loads(dialect.encode(Batch("lobby", 5, [own]), "ann's")))
    assert received.what == dataclasses.replace(own, by=ME)
    assert received.ref == "c4"


@pytest.mark.parametrize(
    "values",
    [
        {"type": "fireworks", "ref": "c1"},
        {"ref": "c1"},
        {"type": ["said"], "ref": "c1"},
        {"type": "said", "ref": "c1"},
        said(1, "ann", "hi", ref="c1") | {"seq": "1"},
        said(1, "ann", "hi", ref="c1") | {"seq": -1},
        said(1, "ann", "hi", ref="c1") | {"seq": 2**70},
        said(1, "ann", "hi", ref="c1") | {"seq": True},
        said(1, "ann", "hi", ref="c1") | {"at": "yesterday"},
        said(1, "ann", "hi", ref="c1") | {"at": 12},
        said(1, "ann", "hi", ref="c1") | {"text": None},
        {"type": "who", "room": "x", "people": "ann", "ref": "c1"},
        {"type": "who", "room": "x", "people": ["ann"], "ref": "c1"},
        {"type": "help", "commands": [["/me"]], "ref": "c1"},
        {"type": "welcome", "commands": 3, "ref": "c1"},
    ],
)
def test_what_cannot_be_read_is_passed_over(values: dict[str, Any]):
    """A newer server may send what we do not know; it answers us all the same."""
    assert decode_message(values) == (None, 0, "c1")


def test_a_field_that_we_do_not_know_is_passed_over():
    """Newer servers may say more."""
    assert decode_message({"type": "notice", "text": "hi", "loud": True}).what == replies.Notice("hi")


def test_what_an_older_server_does_not_say_is_as_usual():
    """It has neither roles nor settings."""
    assert decode_message(entered()).what == replies.RoomEntered("lobby", "", ("ann", "bob"), 10)


def test_a_page_is_shown_without_what_we_do_not_know():
    """A new kind of event is no reason not to be in the room."""
    recent = [event("fireworks", 8, "bob"), said(9, "bob", "hi")]
    what = decode_message(entered(recent=recent)).what
    assert isinstance(what, replies.RoomEntered)
    assert [seq for seq, _ in what.recent] == [9]


def test_only_what_is_said_has_several_lines():
    """A nick that has would forge a line."""
    for forged in (event("acted", 1, "ann", text="a\nb"), event("kicked", 1, "ann", target="a\nb", reason="")):
        what = decode_message(forged).what
        assert what is not None
        assert not any("\n" in str(value) for value in dataclasses.astuple(what))


def test_a_ref_that_is_no_string_is_none():
    """Nothing of ours has such a mark."""
    assert decode_message({"type": "notice", "text": "hi", "ref": 3}).ref is None


def test_text_is_cleaned_again():
    """A hostile server cannot drive the terminal."""
    received = decode_message(said(1, "a\x1bnn", "hi\x1b]0;title\x07\nfoo\u202e"))
    assert isinstance(received.what, Said)
    assert (received.what.nick, received.what.text) == ("an", "hi\nfoo")
    assert received.what.at == pytest.approx(1795437296.789)
    assert AT.endswith("789Z")
