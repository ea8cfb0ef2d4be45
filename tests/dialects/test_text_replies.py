"""How plain text words the replies about people, the past and preferences."""

from __future__ import annotations

import pytest

from chatroom.chat import replies
from chatroom.chat.events import AuditEntry, Said, Whispered
from chatroom.chat.replies import (
    AuditLog,
    Ban,
    Bans,
    LoggedIn,
    LoggedOut,
    PasswordWanted,
    PersonLine,
    Preferences,
    Reply,
    RoomEntered,
    SearchResults,
    Seen,
    Who,
    Whois,
)
from chatroom.dialects.text import replies as text_replies
from chatroom.dialects.text.dialect import TextDialect
from chatroom.dialects.text.replies import reply_lines

AT = 1_767_322_800.0
"""2026-01-02 03:00 in UTC."""


def said(text, at=AT, room="lobby"):
    return Said(room, at, "a", "ann", text)


def test_no_reply_is_without_words():
    worded = {*text_replies._LINES, *text_replies._WITH_EVENTS}

    kinds = {kind for kind in vars(replies).values() if isinstance(kind, type) and issubclass(kind, Reply)}
    assert kinds - {Reply} == worded


def test_coming_in_tells_of_ones_role_and_of_what_is_not_as_usual():
    entered = RoomEntered("dev", "Tea", ("ann",), 0, (), "operator", {"lock": "invited", "slow": "10", "private": ""})

    assert reply_lines(entered) == [
        "-- You are in #dev. You are alone here.",
        "-- Topic: Tea",
        "-- You are an operator here.",
        "-- Invite-only: you need an invitation to enter.",
        "-- Slow mode: one line per person every 10 seconds.",
    ]
    assert reply_lines(RoomEntered("dev", "", ("ann",), 0, (), "admin"))[1:] == ["-- You are an admin of this server."]
    assert len(reply_lines(RoomEntered("dev", "", ("ann",), 0, (), "account"))) == 1


def test_roles_and_absence_stand_in_words_behind_the_nick():
    people = (
        PersonLine("ann", "line", 0, True, "operator"),
        PersonLine("bob", "line", 0, True, "account", "lunch"),
        PersonLine("carol", "line", 600, True, "admin", ""),
        PersonLine("dora", "line", 600, False),
    )

    assert reply_lines(Who("lobby", people))[1:] == [
        "-- ann (operator), bob (away), carol (admin, away, 10 minutes),",
        "-- dora (reconnecting)",
    ]


def test_whois_tells_what_there_is_to_tell():
    person = PersonLine("ann", "line", 3, True, "admin", "lunch")

    assert reply_lines(Whois(person, ("lobby", "dev"), AT, "Ann", "192.0.2.7")) == [
        "-- ann is in #lobby and #dev; here since 2026-01-02 03:00 via nc or telnet, active now.",
        "-- ann is logged in as Ann (admin).",
        "-- ann is away: lunch",
        "-- The address of ann is 192.0.2.7.",
    ]
    away = Whois(PersonLine("ann", "line", 3, True, "guest", ""), (), AT)
    assert reply_lines(away)[1:] == ["-- ann is away."]


def test_bans_and_mutes_say_by_whom_and_until_when():
    bans = (Ban("bob", "spam", "ann", AT, AT + 3600), Ban("192.0.2.0/24", "", "ann", AT, None, "mute"))

    assert reply_lines(Bans("lobby", bans, 1200)) == [
        "-- Banned or muted in #lobby (1,202):",
        "-- bob, banned by ann on 2026-01-02 03:00, until 2026-01-02 04:00 (spam)",
        "-- 192.0.2.0/24, muted by ann on 2026-01-02 03:00, forever",
        "-- … and 1,200 more",
    ]
    assert reply_lines(Bans("", bans[:1], 0))[0] == "-- Banned or muted on this server (1):"
    assert reply_lines(Bans("lobby", (), 0)) == ["-- Nobody is banned or muted in #lobby."]


def test_what_was_found_tells_its_room_and_day_and_how_to_see_more():
    events = (
        (7, said("tea\nor coffee", AT + 86_400)),
        (3, said("tea?", AT, "dev")),
        (2, Whispered("@a:b", AT, "b", "bob", "tea!", "ann")),
    )

    assert reply_lines(SearchResults("tea from:ann", events, 2, True)) == [
        "-- Results, newest first, for: tea from:ann",
        "2026-01-03 03:00 #lobby <ann> tea",
        "      | or coffee",
        "2026-01-02 03:00 #dev <ann> tea?",
        "2026-01-02 03:00 [bob -> ann] tea!",
        "-- More: /search page:3 tea from:ann",
    ]
    assert reply_lines(SearchResults("tea", events, 1, False))[-1] == "-- No more results."
    assert reply_lines(SearchResults("tea", (), 1, False)) == ["-- No results for: tea"]
    assert reply_lines(SearchResults("tea", (), 2, False)) == ["-- No more results."]


def test_results_that_may_miss_something_say_so():
    note = "-- Older messages are still being indexed; please search again in a few minutes."
    events = ((3, Said("lobby", 1.5, "", "ann", "tea")),)
    assert reply_lines(SearchResults("tea", (), 1, False, indexing=True)) == ["-- No results for: tea", note]
    assert reply_lines(SearchResults("tea", events, 1, True, indexing=True))[-2:] == [
        "-- More: /search page:2 tea",
        note,
    ]


def test_the_audit_log_tells_who_did_what_and_when():
    entry = AuditEntry("&audit", AT, "a", "ann", "ban", "lobby", "bob for 1 hour (spam)")

    assert reply_lines(AuditLog(((1, entry),), True)) == [
        "-- Moderation log (1):",
        "-- Friday, 2026-01-02",
        "03:00 -- ann, ban in #lobby: bob for 1 hour (spam)",
        "-- There are older entries.",
    ]
    assert reply_lines(AuditLog((), False)) == ["-- The moderation log is empty."]


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (Seen("ann", True, None), "-- ann is here now."),
        (Seen("ann", False, AT), "-- ann was last here on 2026-01-02 03:00."),
        (Seen("ann", False, None), "-- It is not known when ann was last here."),
        (LoggedIn("Ann", "account", ""), "-- Logged in as Ann."),
        (LoggedIn("Ann", "admin", ""), "-- Logged in as Ann (admin)."),
        (LoggedIn("Ann", "account", "", new_password=True), "-- Your password is changed."),
        (LoggedOut("the account was deleted", ""), "-- You are a guest again: the account was deleted"),
        (LoggedOut("", ""), "-- You are a guest again."),
        (PasswordWanted("login", "ann"), "-- /login needs a password."),
        (replies.Topic("lobby", ""), "-- #lobby has no topic."),
    ],
)
def test_short_answers(reply, line):
    assert reply_lines(reply) == [line]


def test_each_preference_has_a_line():
    assert reply_lines(Preferences(notify="")) == [
        "-- You are ignoring nobody.",
        "-- Notifications are not set.",
        "-- Colours are off.",
        "-- Screen reader mode is off.",
        "-- Lines of your other rooms are off.",
        "-- Message numbers are off.",
        "-- Corrections with s/old/new/ are off.",
        "-- You are not away.",
    ]
    assert reply_lines(Preferences(("bob", "carol"), "all", True, True, "lunch")) == [
        "-- You are ignoring bob and carol.",
        "-- Notifications: every line.",
        "-- Colours are on.",
        "-- Screen reader mode is on.",
        "-- Lines of your other rooms are off.",
        "-- Message numbers are off.",
        "-- Corrections with s/old/new/ are off.",
        "-- You are away: lunch",
    ]
    assert reply_lines(Preferences(("bob",), "all", asked=("ignore",))) == ["-- You are ignoring bob."]
    assert reply_lines(Preferences(away=""))[-1] == "-- You are away."


def test_a_question_for_a_password_is_answered_on_its_own_line():
    asked = PasswordWanted("login", "ann")

    assert TextDialect().encode_reply(asked) == b"-- Password for ann (visible unless you use telnet): "
    assert TextDialect(newline="\r\n").encode_reply(PasswordWanted("login", "")) == b"-- Password: "
