"""Tests of how text words that one person has several sessions."""

from __future__ import annotations

import time

from chatroom.chat.replies import PasswordWanted, PersonLine, RoomEntered, SessionLine, Sessions, Who
from chatroom.dialects.text.dialect import TextDialect
from chatroom.dialects.text.replies import reply_lines
from chatroom.dialects.text.screen_reader import plain_reply

NOON = time.mktime((2026, 11, 27, 12, 0, 0, 0, 0, -1))


def sessions(*more: SessionLine) -> Sessions:
    return Sessions((SessionLine(1, "web", NOON, NOON + 60, "192.0.2.1", True, False), *more))


HERE = SessionLine(12, "line", NOON, NOON, "", True, True)
GONE = SessionLine(2, "json", NOON, NOON, "192.0.2.100", False, False)


def test_sessions_are_a_table():
    """Its columns stand below each other."""
    assert reply_lines(sessions(GONE, HERE)) == [
        "-- Your sessions:",
        "-- 1   the web       since 2026-11-27 12:00  active 2026-11-27 12:01  192.0.2.1",
        "-- 2   a client      since 2026-11-27 12:00  reconnecting             192.0.2.100",
        "-- 12  nc or telnet  since 2026-11-27 12:00  this one",
        "-- /sessions end N ends one, /sessions end others all but this one.",
    ]


def test_times_of_today_need_no_date():
    """The table fits any terminal then."""
    now = time.time()
    [_, line] = reply_lines(Sessions((SessionLine(1, "web", now, now, "", True, True),)))
    assert line == f"-- 1  the web  since {time.strftime('%H:%M', time.localtime(now))}  this one"


def test_a_screen_reader_hears_commas():
    """Columns are nothing to hear."""
    reply = sessions(HERE)
    assert plain_reply(reply, reply_lines(reply))[1].startswith("1, the web, since 2026-11-27 12:00, active")


def test_who_says_how_people_with_several_connections_are_here():
    """All others are here by what the list would only repeat."""
    people = (
        PersonLine("ann", "web", 0, True, doors=("web", "line")),
        PersonLine("bob", "json", 0, True, doors=("json",)),
    )
    assert reply_lines(Who("lobby", people))[1] == "-- ann (web, nc), bob"


def test_a_room_that_another_session_entered_is_not_the_current_one():
    """One line says where what is typed goes."""
    room = RoomEntered("dev", "Tea", ("ann",), 1, elsewhere="lobby")
    assert reply_lines(room) == ["-- You are also in #dev. What you type goes to #lobby; /join dev changes that."]
    nowhere = RoomEntered("dev", "", ("ann",), 1, elsewhere="")
    assert reply_lines(nowhere) == ["-- You are also in #dev. What you type goes nowhere yet; /join dev changes that."]


def test_the_question_at_the_nick_says_what_an_empty_line_means():
    """No other question does: there it cancels."""
    hello, login = PasswordWanted("hello", "ann"), PasswordWanted("login", "ann")
    assert TextDialect(newline="\r\n").question(hello) == "Password for ann (Enter alone for another nick)"
    visible = "visible unless you use telnet"
    assert TextDialect().question(hello) == f"Password for ann ({visible}; Enter alone for another nick)"
    assert TextDialect().question(login) == f"Password for ann ({visible})"
