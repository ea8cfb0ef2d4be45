"""Tests of passwords, logins and roles in a conversation."""

from __future__ import annotations

from chatroom.client.conversation import Conversation
from chatroom.client.ui_port import ConnectionState

from .scripted import Chat, Ear, Server, entered, event, refused, welcome


def test_a_password_is_asked_for_and_sent_with_the_command(chat: Chat):
    """The password is asked for until it is right; one typed in the line isn't."""
    chat.ann.type("/login")
    chat.server.heard()
    chat.server.says({"type": "password_wanted", "command": "login", "nick": "ann", "ref": "c1"})
    assert chat.ui.questions == ["Password for ann: "]
    chat.ann.requests.give_password("s3cret12")
    assert chat.server.heard() == [{"type": "login", "nick": "ann", "password": "s3cret12", "ref": "c2"}]
    chat.server.says({"type": "logged_in", "account": "ann", "role": "account", "resume": "NEW", "ref": "c2"})
    assert not chat.ann.outbox
    assert chat.ui.take() == ["-- Logged in as ann."]
    chat.server.breaks()
    assert chat.server.connects()["resume"] == "NEW"


def test_a_new_password_is_asked_for_again(chat: Chat):
    """And refused here if the two differ."""
    chat.ann.type("/register")
    chat.server.heard()
    chat.server.says({"type": "password_wanted", "command": "register", "nick": "", "ref": "c1"})
    chat.ann.requests.give_password("s3cret12")
    chat.ann.requests.give_password("s3cret21")
    assert chat.ui.questions == ["New password: ", "Repeat it: "]
    assert chat.ui.complaints == ["!! The passwords don't match; nothing was sent."]
    chat.ann.requests.give_password("s3cret21")
    assert chat.server.heard() == []


def test_no_answer_sends_nothing(chat: Chat):
    """And the next question is asked all the same."""
    wanted = {"type": "password_wanted", "command": "login", "nick": "ann"}
    for ref in ("c1", "c2"):
        chat.ann.type("/login")
        chat.server.heard()
        chat.server.says({**wanted, "ref": ref})
        chat.ann.requests.give_password("")
    assert len(chat.ui.questions) == 2
    assert chat.server.heard() == []


def test_a_password_that_nobody_was_about_to_give_is_not_asked_for(chat: Chat):
    """Nor are two at a time."""
    wanted = {"type": "password_wanted", "command": "login", "nick": "ann"}
    chat.server.says(wanted)
    assert chat.ui.questions == []
    chat.ann.type("/login")
    chat.ann.type("/login")
    chat.server.says({**wanted, "ref": "c1"}, {**wanted, "ref": "c2"})
    assert len(chat.ui.questions) == 1


def test_a_password_given_beforehand_comes_with_the_hello():
    """And a wrong one ends it in one clear line."""
    ui = Ear()
    ann = Conversation(ui, "ann", password="s3cret12")
    server = Server(ann)
    assert server.connects() == {"type": "hello", "nick": "ann", "password": "s3cret12"}
    server.says(welcome(), refused("wrong_password", "Wrong nick or password."))
    assert ui.complaints == ["!! Wrong nick or password."]
    assert (ann.failed, ui.ended, server.heard()) == (True, 1, [{"type": "quit"}])


def test_a_room_that_keeps_one_out_is_no_reason_to_go():
    """It is told, and the others are entered."""
    ui = Ear()
    ann = Conversation(ui, "ann", ["dev", "lobby"], password="s3cret12")
    server = Server(ann)
    server.connects()
    server.says(welcome(), refused("banned", "You are banned from #dev."), entered(), {"type": "live"})
    assert (ui.complaints, ann.state) == (["!! You are banned from #dev."], ConnectionState.LIVE)


def test_a_password_that_has_been_changed_meanwhile_is_no_reason_to_go():
    """One is a guest then."""
    ui = Ear()
    ann = Conversation(ui, "ann", password="s3cret12")
    server = Server(ann)
    server.lets_in()
    server.breaks()
    server.connects()
    server.says(refused("cannot_resume", "Too old."))
    assert server.heard()[-1]["password"] == "s3cret12"
    server.says(welcome(), refused("wrong_password", "No."), entered(), {"type": "live"})
    assert (ui.complaints[-1], ann.state) == ("!! No.", ConnectionState.LIVE)


def test_logging_out_is_told(chat: Chat):
    """For instance because the account is gone."""
    chat.server.says({"type": "logged_in", "account": "ann", "role": "admin", "resume": "T"})
    assert chat.ann.role == "admin"
    chat.server.says({"type": "logged_out", "reason": "The account ann is deleted.", "resume": "G"})
    assert chat.ann.role == ""
    assert chat.ui.take()[-1] == "-- You are a guest again: The account ann is deleted."


def test_conversations_stay_with_the_account(chat: Chat):
    """The guest from then on is no party to them; what they type goes to a room."""
    chat.server.says({"type": "logged_in", "account": "ann", "role": "account", "resume": "T"})
    chat.server.says(event("whispered", 1, "bob", "@a:b", text="psst", to="ann"))
    chat.ann.go("@a:b")
    chat.server.says({"type": "logged_out", "reason": "", "resume": "G"})
    assert (chat.ann.activity.places, chat.ann.rooms.current) == (["lobby"], "lobby")


def test_a_login_that_goes_on_is_not_told_again(chat: Chat):
    """The token continues it."""
    logged_in = {"type": "logged_in", "account": "ann", "role": "account", "resume": "T"}
    chat.server.says(logged_in)
    chat.ui.take()
    chat.server.breaks()
    chat.server.connects()
    chat.server.says(welcome(resumed=True), logged_in, entered(role="account"), {"type": "live"})
    assert (chat.ui.take(), chat.ann.role) == ([], "account")


def test_an_operator_is_one_in_that_room_only(chat: Chat):
    """Until somebody says otherwise."""
    chat.server.says(entered("dev", ["ann"], 1, role="operator", ref="c9"))
    assert chat.ann.role == "op"
    chat.server.says(event("role", 2, "ann", "dev", target="ann", role=""))
    assert chat.ann.role == ""
    chat.server.says(event("role", 3, "bob", "dev", target="ann", role="operator"))
    assert chat.ann.role == "op"
    chat.server.says(event("role", 4, "bob", "dev", target="bob", role=""), entered(ref="c9"))
    assert chat.ann.role == ""


def test_who_is_given_another_nick_has_it(chat: Chat):
    """Told once, though a room was told as well."""
    chat.server.says(event("renamed", 11, "ann", new="guest1"), {"type": "nick", "nick": "guest1"})
    assert (chat.ann.nick, chat.ui.take()) == ("guest1", ["-- You are now known as guest1."])
    assert chat.ann.rooms.here == {"guest1", "bob"}
