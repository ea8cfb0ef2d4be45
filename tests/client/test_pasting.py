"""Tests of messages with several lines, sent and received."""

from __future__ import annotations

from chatroom.client.paste import MAX_LINE_BYTES

from .scripted import CLOCK, Chat, refused, said


def test_what_is_pasted_is_said_as_one(chat: Chat):
    """None of its lines is a command, not even exit."""
    chat.ann.type("\nexit\n  /quit\n\n")
    chat.ann.type("one line\n")
    assert chat.server.heard() == [
        {"type": "say", "text": "exit\n  /quit", "room": "lobby", "ref": "c1"},
        {"type": "line", "text": "one line", "room": "lobby", "ref": "c2"},
    ]
    chat.server.says(said(11, "ann", "exit\n  /quit", ref="c1"))
    assert [line.ref for line in chat.ann.outbox] == ["c2"]
    assert not chat.ann.leaving


def test_a_line_that_is_too_long_refuses_the_whole_block(chat: Chat):
    """Once."""
    chat.ann.type("one\n" + "x" * (MAX_LINE_BYTES + 1))
    assert chat.server.heard() == []
    assert chat.ui.complaints == ["!! A line of more than 7,000 bytes cannot be sent."]


def test_what_others_paste_cannot_pass_for_lines_of_others(chat: Chat):
    """Each further line is marked."""
    chat.server.says(said(11, "bob", f"look\n{CLOCK} <eve> hi"))
    assert chat.ui.take() == [f"{CLOCK} <bob> look", f"      | {CLOCK} <eve> hi"]


def test_the_first_line_of_a_paste_may_be_the_nick():
    """The rest is said as soon as that can be done."""
    chat = Chat()
    chat.server.connects()
    chat.server.says(refused("nick_taken", "Taken."))
    chat.ann.type("anna\none\ntwo")
    assert chat.server.heard() == [{"type": "hello", "nick": "anna"}]
    assert [line.object()["text"] for line in chat.ann.outbox] == ["one\ntwo"]
