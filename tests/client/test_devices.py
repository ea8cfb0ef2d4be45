"""Tests of one person with several devices: what the client shows and does when another one acts."""

from __future__ import annotations

import pytest

from chatroom.client.conversation import Conversation
from chatroom.client.ui_port import ConnectionState

from .scripted import CLOCK, Chat, Ear, Server, entered, event, refused, said, welcome

WANTED = {"type": "password_wanted", "command": "login", "nick": "ann"}


def test_what_is_said_on_another_device_is_shown_and_answers_nothing(chat: Chat):
    """Though it is one's own: no line waits for it, and no bell rings."""
    chat.ann.type("hello")
    chat.server.says(said(11, "ann", "ann, hello", own=True))
    assert chat.ui.take() == [f"{CLOCK} <ann> ann, hello"]
    assert (len(chat.ann.outbox), chat.ui.rings, chat.ann.activity.unread) == (1, 0, {})
    chat.server.says(said(12, "ann", "hello", ref="c1"))
    assert (chat.ui.take(), len(chat.ann.outbox)) == ([], 0)


def test_a_room_that_is_entered_elsewhere_is_one_more_and_not_the_current_one(chat: Chat):
    """What is typed goes where the prompt shows."""
    chat.server.says(event("joined", 1, "ann", "dev", own=True), entered("dev", ["ann"], 1))
    assert chat.ui.take() == ["-- You are also in #dev. What you type goes to #lobby; /join dev changes that."]
    assert (chat.ann.rooms.current, chat.ann.activity.places) == ("lobby", ["lobby", "dev"])
    chat.ann.type("hello")
    assert chat.server.heard()[-1]["room"] == "lobby"


def test_a_room_that_is_left_elsewhere_leaves_no_current_one(chat: Chat):
    """Until one is chosen: what is typed was meant for that room."""
    chat.server.says(entered("dev", ["ann"], 1, ref="c9"))
    chat.ui.take()
    chat.server.says(event("left", 2, "ann", "dev", reason="", own=True))
    chat.server.says({"type": "notice", "text": "You left #dev. You are in #lobby now."})
    assert chat.ui.take() == []
    assert chat.ui.complaints == [
        "-- You are no longer in #dev. Choose a room with /go N, or Alt and its number; /go lists yours."
    ]
    chat.ann.type("secret of dev")
    assert (chat.ann.rooms.current, chat.server.heard()) == ("", [])
    chat.ann.type("/go lobby")
    chat.ann.type("hello")
    assert chat.server.heard()[-1]["room"] == "lobby"


def test_another_room_may_be_left_elsewhere(chat: Chat):
    """The server's sentence on where lines go is about its own idea of the current room."""
    chat.server.says(entered("dev", ["ann"], 1), event("left", 2, "ann", "dev", reason="", own=True))
    chat.server.says({"type": "notice", "text": "You left #dev. You have no current room."})
    assert (chat.ui.take()[-1], chat.ann.rooms.current) == ("-- You left #dev on another device.", "lobby")


def test_the_last_room_may_be_left_elsewhere(chat: Chat):
    """There is none to choose then."""
    chat.server.says(event("left", 11, "ann", reason="", own=True))
    assert chat.ui.complaints == ["-- You are no longer in #lobby, and in no other room. /join enters one."]


def test_a_new_nick_and_preferences_follow(chat: Chat):
    """They are told once."""
    chat.server.says(event("renamed", 11, "ann", new="anna", own=True), {"type": "nick", "nick": "anna"})
    preferences = {"type": "preferences", "ignore": [], "notify": "all", "color": False, "plain": False, "away": None}
    chat.server.says(preferences | {"changed": ["notify"]})
    assert (chat.ann.nick, chat.ann.rooms.here) == ("anna", {"anna", "bob"})
    assert chat.ui.take() == ["-- You are now known as anna.", "-- Notifications: every line."]


def test_a_session_that_another_one_ended_is_over(chat: Chat):
    """It doesn't come back as somebody else; after any other goodbye the client reconnects."""
    chat.server.says({"type": "goodbye", "text": "The server is shutting down."})
    assert chat.ann.state is ConnectionState.LIVE
    chat.server.says({"type": "goodbye", "text": "Your password was changed.", "ended": True})
    assert (chat.ann.state, chat.ann.failed, chat.ui.ended) == (ConnectionState.ENDED, True, 1)
    assert chat.ui.take()[-1] == "-- Your password was changed."


# A registered nick.


class NobodyHere(Ear):
    """The user interface of a pipeline."""

    answers_at_hello = False


def asked(ui: Ear, nick: str = "ann") -> tuple[Conversation, Server]:
    """Come in as ann, which is registered; the server says *nick*."""
    ann = Conversation(ui, "ann")
    server = Server(ann)
    server.connects()
    server.says(welcome(nick), WANTED, entered(people=[nick]))
    return ann, server


def test_a_registered_nick_asks_for_its_password_at_once():
    """What was typed before is no password, and waits for the answer."""
    ui = Ear()
    ann = Conversation(ui, "ann")
    server = Server(ann)
    server.connects()
    ann.type("hello")
    server.says(welcome(), WANTED, entered(), {"type": "live"})
    assert (ui.questions, server.heard()) == (["Password for ann: "], [])
    ann.requests.give_password("s3cret12")
    assert [one.get("password", one.get("text")) for one in server.heard()] == ["s3cret12", "hello"]


def test_without_the_password_it_is_the_next_free_nick():
    """Which is tried until one is free."""
    ui = Ear()
    ann, server = asked(ui)
    server.says({"type": "live"})
    ann.requests.give_password("")
    [first] = server.heard()
    assert first["type"] == "nick" and first["nick"] != "ann"
    server.says(refused("nick_taken", "Taken.", ref=first["ref"]))
    [second] = server.heard()
    assert second["nick"] not in ("ann", first["nick"])
    server.says({"type": "nick", "nick": second["nick"], "ref": second["ref"]})
    assert (ann.nick, len(ann.outbox), ann.requests.refusals) == (second["nick"], 0, 0)
    assert "!! Taken." not in ui.complaints


@pytest.mark.parametrize("ui", [Ear(), NobodyHere()])
def test_nothing_is_said_before_there_is_another_nick(ui: Ear):
    """Under the registered one it would be refused."""
    ann, server = asked(ui)
    ann.type("hello")
    server.says({"type": "live"})
    ann.requests.give_password("")
    [first] = server.heard()
    server.says(refused("nick_taken", "Taken.", ref=first["ref"]))
    [second] = server.heard()
    ann.type("bye")
    assert (first["type"], second["type"], server.heard()) == ("nick", "nick", [])
    server.says(event("renamed", 11, "ann", new="ann3", ref=second["ref"]))
    assert [one["text"] for one in server.heard()] == ["hello", "bye"]


@pytest.mark.parametrize("password", ["correct horse", ""])
def test_while_the_owner_is_here_the_question_comes_before_anything_else(password: str):
    """With the password, or with an empty one that asks for another nick, hello is said once more."""
    ui = Ear()
    ann = Conversation(ui, "ann")
    server = Server(ann)
    server.connects()
    server.heard()
    server.says({**WANTED, "command": "hello"})
    assert "If it is yours, type its password" in ui.complaints[0] and server.heard() == []
    ann.requests.give_password(password)
    assert server.heard() == [{"type": "hello", "nick": "ann", "password": password}]
    server.says(welcome("ann" if password else "ann2"), entered(people=["ann"]))
    assert ann.nick == ("ann" if password else "ann2")


def test_a_pipeline_takes_another_nick_before_it_says_anything():
    """A line of its input is no password."""
    ui = NobodyHere()
    ann, server = asked(ui)
    ann.type("hello")
    server.says({"type": "live"})
    assert ui.questions == []
    [nick] = server.heard()
    server.says({"type": "nick", "nick": nick["nick"], "ref": nick["ref"]})
    assert [nick["type"], *(one["type"] for one in server.heard())] == ["nick", "line"]


def test_after_a_wrong_password_the_next_step_is_clear():
    """Under whatever nick one is now."""
    ui = Ear()
    ann, server = asked(ui, "ann2")
    server.says({"type": "live"})
    ann.requests.give_password("mistyped")
    server.says(refused("wrong_password", "Wrong nick or password.", ref="c1"))
    assert ui.complaints[-2:] == ["!! Wrong nick or password.", "-- Try again with /login ann."]


@pytest.mark.parametrize("known", [True, False])
def test_a_goodbye_of_an_older_server_has_no_reason(chat: Chat, known: bool):
    """The client comes back as ever."""
    chat.server.says({"type": "goodbye", "text": "Bye.", **({"ended": False} if known else {})})
    chat.server.breaks()
    assert chat.ann.state is ConnectionState.OFFLINE
