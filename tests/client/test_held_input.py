"""Tests of what is typed before it is known what it is: passwords typed ahead, and lines behind a move."""

from __future__ import annotations

import pytest

from chatroom.client.held_input import MAX_HELD

from .scripted import Chat, entered, event, refused, said, welcome

WANTED = {"type": "password_wanted", "command": "login", "nick": "ann", "ref": "c1"}
NEW = {"type": "password_wanted", "command": "register", "nick": "", "ref": "c1"}


def texts(chat: Chat) -> list[str]:
    """What was sent, by its text or its password."""
    return [line.get("text", line.get("password", line["type"])) for line in chat.server.heard()]


def test_a_password_typed_ahead_is_not_said(chat: Chat):
    """It is the password, twice if it is new, and what follows is said."""
    for line in ("/register", "s3cret12", "s3cret12", "hello"):
        chat.ann.type(line)
    assert texts(chat) == ["/register"]
    chat.server.says(NEW)
    assert texts(chat) == ["s3cret12", "hello"]
    assert chat.ui.questions == []


@pytest.mark.parametrize(
    "command", ["/login", "  /login ann", "\u200b/LOGIN", "\uff0flogin", "/account delete", "/password"]
)
def test_every_command_that_may_ask_holds_what_follows(chat: Chat, command: str):
    """However it is written."""
    chat.ann.type(command)
    chat.ann.type("s3cret12")
    assert (texts(chat), chat.ann.typed.hides) == ([command], True)


def test_a_password_typed_ahead_survives_a_lost_connection(chat: Chat):
    """The command is sent again, and asks again."""
    chat.ann.type("/login")
    chat.ann.type("s3cret12")
    chat.server.breaks()
    chat.server.connects()
    chat.server.says(welcome(resumed=True), entered(), {"type": "live"})
    assert texts(chat) == ["/login"]
    chat.server.says(WANTED)
    assert texts(chat) == ["s3cret12"]


def test_a_password_typed_before_the_welcome_is_held_as_well():
    """Which commands ask is not known then."""
    chat = Chat()
    for line in ("/login", "s3cret12", "hello"):
        chat.ann.type(line)
    assert chat.ann.typed.hides
    chat.server.lets_in(asks=None)
    assert texts(chat) == ["/login"]
    chat.server.says(WANTED)
    assert texts(chat) == ["s3cret12", "hello"]


def test_a_password_pasted_with_its_end_is_one(chat: Chat):
    """And not a block."""
    chat.ann.type("/login")
    chat.ann.type("s3cret12\nhello")
    chat.server.heard()
    chat.server.says(WANTED)
    assert texts(chat) == ["s3cret12", "hello"]


def test_what_is_no_password_is_said_in_order(chat: Chat):
    """The command did not ask."""
    for line in ("/account", "one", "two"):
        chat.ann.type(line)
    chat.server.heard()
    chat.server.says({"type": "notice", "text": "You have an account.", "ref": "c1"})
    assert (texts(chat), chat.ann.typed.hides) == (["one", "two"], False)


def test_what_was_typed_after_a_refused_command_is_not_said(chat: Chat):
    """It was meant as the password."""
    for line in ("/register", "s3cret12", "hello"):
        chat.ann.type(line)
    chat.server.heard()
    chat.server.says(refused("nick_taken", "No.", ref="c1"))
    assert texts(chat) == ["hello"]
    assert chat.ui.complaints == ["!! No.", "!! The line after it was not sent, because it may be a password."]


def test_a_block_with_a_password_in_it_is_not_said(chat: Chat):
    """Only lines that begin with the command: an indented one is part of what is pasted."""
    chat.ann.type("one\n/login ann s3cret12\ntwo")
    assert (texts(chat), len(chat.ui.complaints)) == ([], 1)
    chat.ann.type("one\n  /login ann s3cret12\ntwo")
    assert len(chat.server.heard()) == 1


def test_what_is_held_has_a_bound(chat: Chat):
    """The server may never answer."""
    chat.ann.type("/login")
    for _ in range(MAX_HELD + 1):
        chat.ann.type("x")
    assert (chat.ann.waiting, len(chat.ui.complaints)) == (1 + MAX_HELD, 1)


def test_a_line_behind_a_refused_move_goes_nowhere(chat: Chat):
    """It was for the other room."""
    chat.ann.type("/join dev")
    chat.ann.type("hello dev")
    chat.server.heard()
    chat.server.says(refused("locked", "#dev is locked.", ref="c1"))
    assert texts(chat) == []
    assert chat.ui.complaints == ["!! #dev is locked.", "!! Not sent: you are in #lobby now."]
    chat.ann.type("hello lobby")
    assert texts(chat) == ["hello lobby"]


def test_a_line_behind_a_join_waits_for_the_room_itself(chat: Chat):
    """The event that one has joined may come before it."""
    chat.ann.type("/join dev")
    chat.ann.type("hello dev")
    chat.server.heard()
    chat.server.says(event("joined", 5, "ann", "dev", ref="c1"))
    assert texts(chat) == []
    chat.server.says(entered("dev", ["ann"], 4, ref="c1"))
    assert [line["room"] for line in chat.server.heard()] == ["dev"]


def test_the_first_lines_are_for_the_room_that_was_asked_for():
    """If it cannot be entered, they go nowhere."""
    chat = Chat("dev")
    chat.ann.type("hello dev")
    chat.server.lets_in()
    assert (texts(chat)[1:], chat.ui.complaints) == ([], ["!! Not sent: you are in #lobby now."])


# After a change that nobody asked for.


def kicked(chat: Chat, *rooms: str) -> None:
    """Let ann be kicked from dev while she is in *rooms*, too."""
    chat.ann.type("/join dev")
    chat.server.says(entered("dev", ["ann"], 4, ref="c1"))
    chat.server.heard()
    chat.server.says(
        event("kicked", 5, "bob", "dev", target="ann", reason=""), event("left", 6, "ann", "dev", reason="")
    )


def test_after_a_kick_a_script_says_nothing_until_it_joins(chat: Chat):
    """Nobody is there to see where it would go."""
    kicked(chat)
    assert chat.ui.complaints == ["-- You are no longer in #dev. You are in #lobby now."]
    chat.ann.type("secret of dev")
    chat.ann.type("another one")
    assert (texts(chat), chat.ann.requests.refusals) == ([], 2)
    chat.ann.type("/join lobby")
    chat.server.says(entered(ref="c2"))
    chat.ann.type("hello")
    assert texts(chat) == ["/join lobby", "hello"]


def test_after_a_kick_a_person_has_to_press_enter_again(chat: Chat):
    """They have seen where it goes by then."""
    chat.ui.keeps_typed = True
    kicked(chat)
    chat.ann.type("hello")
    assert texts(chat) == []
    assert chat.ui.complaints[-1] == "-- Not sent: you are in #lobby now. Press Enter again to send it there."
    chat.ann.type("hello")
    assert [line["room"] for line in chat.server.heard()] == ["lobby"]


def test_what_was_entered_while_another_room_was_shown_is_not_sent(chat: Chat):
    """The screen had not changed yet."""
    chat.ui.keeps_typed = True
    chat.ann.type("hello", "dev")
    assert texts(chat) == []


def test_another_room_after_a_reconnection_has_to_be_seen_first(chat: Chat):
    """Even by a line that was typed while nobody was connected."""
    chat.ann.type("/join dev")
    chat.server.says(entered("dev", ["ann"], 4, ref="c1"))
    chat.server.breaks()
    chat.ann.type("secret of dev")
    chat.server.heard()
    chat.server.connects()
    chat.server.says(welcome(), entered(), {"type": "live"})
    assert texts(chat)[1:] == []
    assert chat.ui.complaints[-1] == "!! Not sent: you are in #lobby now."


def test_in_no_room_nothing_is_said(chat: Chat):
    """Commands are the server's to refuse."""
    chat.server.says(event("left", 11, "ann", reason=""))
    chat.ann.type("hello")
    chat.ann.type("/rooms")
    assert texts(chat) == ["/rooms"]
    assert chat.ui.complaints[-1] == "!! You are not in a room; /join one first."


# What cannot be sent.


@pytest.mark.parametrize(
    "text", ["a" + "\x01" * 2720, "\x00" * 5000 + "é", "a" + "\x01" * 2000 + "\nb" + "\x02" * 2000]
)
def test_what_is_too_long_once_encoded_is_refused_here(chat: Chat, text: str):
    """A control character takes six bytes; the server would not even read that."""
    chat.ann.type(text)
    assert (texts(chat), chat.ann.waiting) == ([], 0)
    assert chat.ui.complaints == ["!! Not sent: too many characters of that cannot be shown."]


def test_a_line_that_the_server_could_not_read_is_dropped(chat: Chat):
    """It cannot say which one; it would be sent again after every reconnection."""
    chat.ann.type("short")
    chat.ann.type("x" * 5000)
    chat.server.heard()
    chat.server.says(refused("too_long", "That line is too long."))
    assert [line.text for line in chat.ann.outbox] == ["short"]
    assert (chat.ui.complaints, chat.ann.requests.refusals) == (["!! That line is too long."], 1)
    chat.server.says(said(11, "ann", "short", ref="c1"))
    assert chat.ann.waiting == 0
