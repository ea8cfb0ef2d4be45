"""Sentences for the events of a room."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatroom.chat.changes import Deleted, Edited, Reacted
from chatroom.chat.event import Marks, Quote, Reaction
from chatroom.chat.events import (
    EVENTS,
    TALK,
    Acted,
    AuditEntry,
    Banned,
    Batch,
    Delivered,
    Invited,
    Joined,
    Kicked,
    Left,
    Muted,
    Renamed,
    RoleChanged,
    Said,
    SettingChanged,
    TopicChanged,
    Unbanned,
    Unmuted,
    Whispered,
)
from chatroom.dialects.text.dialect import TextDialect
from chatroom.dialects.text.events import event_lines
from chatroom.dialects.text.screen_reader import PlainWords
from chatroom.dialects.text.sentences import describe_setting, sentence

AT = 1_767_322_800.123
HOUR = AT + 3600


def event(kind, *more, room="lobby", nick="ann"):
    return kind(room, AT, nick, nick, *more)


HAPPENED = [
    (event(Renamed, "anna"), "ann is now known as anna"),
    (event(TopicChanged, "Tea"), "ann set the topic of #lobby: Tea"),
    (event(TopicChanged, ""), "ann removed the topic of #lobby"),
    (event(Kicked, "bob"), "ann kicked bob"),
    (event(Kicked, "bob", "spam"), "ann kicked bob (spam)"),
    (event(Banned, "bob", "spam", HOUR), "ann banned bob for 1 hour (spam)"),
    (event(Banned, "bob"), "ann banned bob"),
    (event(Unbanned, "bob"), "ann unbanned bob"),
    (event(Muted, "bob", "", AT + 600), "ann muted bob for 10 minutes"),
    (event(Muted, "bob", "too loud"), "ann muted bob (too loud)"),
    (event(Unmuted, "bob"), "ann unmuted bob"),
    (event(SettingChanged, "lock", "key"), "ann locked #lobby with a key"),
    (event(SettingChanged, "lock", "invited"), "ann made #lobby invite-only"),
    (event(SettingChanged, "lock", ""), "ann unlocked #lobby"),
    (event(SettingChanged, "private", "on"), "ann made #lobby private"),
    (event(SettingChanged, "private", ""), "ann made #lobby public"),
    (event(SettingChanged, "slow", "10"), "ann turned on slow mode in #lobby: one line per person every 10 seconds"),
    (event(SettingChanged, "slow", ""), "ann turned off slow mode in #lobby"),
    (event(SettingChanged, "limit", "1"), "ann limited #lobby to 1 person"),
    (event(SettingChanged, "limit", "20"), "ann limited #lobby to 20 people"),
    (event(SettingChanged, "echo", "loud"), "ann set echo of #lobby to loud"),
    (event(Invited, "bob"), "ann invited bob to #lobby"),
    (event(RoleChanged, "bob", "operator"), "ann made bob an operator of #lobby"),
    (event(RoleChanged, "bob", ""), "ann removed bob as an operator of #lobby"),
    (event(RoleChanged, "ann", "operator"), "ann is now an operator of #lobby"),
    (event(RoleChanged, "ann", ""), "ann is no longer an operator of #lobby"),
    (event(Delivered), "ann has received your messages"),
    (event(Edited, 5, "hello world"), "ann edited: hello world"),
    (event(Edited, 5, ""), "ann edited a message"),
    (event(Deleted, 5, "ann", True), "ann deleted a message"),
    (event(Deleted, 5, "bob", False), "ann deleted a message of bob"),
    (event(Deleted, 5, "bob", False, "a password"), "ann deleted a message of bob (a password)"),
    (event(AuditEntry, "ban", "lobby", "bob for 1 hour"), "ann, ban in #lobby: bob for 1 hour"),
    (event(AuditEntry, "shutdown", "", "in 5 minutes"), "ann, shutdown: in 5 minutes"),
]


@pytest.mark.parametrize(("happened", "expected"), HAPPENED)
def test_each_event_has_its_sentence(happened, expected):
    assert sentence(happened) == expected
    assert TextDialect().encode(Batch("lobby", 1, [happened])).decode() == f"03:00 -- {expected}\n"


def test_no_event_is_without_words():
    worded = {type(happened) for happened, _ in HAPPENED}

    assert worded | {Reacted, *TALK, EVENTS["joined"], EVENTS["left"]} == set(EVENTS.values())


def test_who_has_several_rooms_is_told_which_but_a_conversation_is_none():
    rooms = TextDialect(rooms=True)

    assert rooms.encode(Batch("lobby", 1, [event(Kicked, "bob")])) == b"03:00 #lobby -- ann kicked bob\n"
    assert (
        rooms.encode(Batch("@a:b", 1, [event(Delivered, room="@a:b")])) == b"03:00 -- ann has received your messages\n"
    )


def test_who_has_received_what_waited_is_not_told_so():
    assert TextDialect().encode(Batch("@a:b", 1, [event(Delivered, room="@a:b")]), "ann") == b""


def test_who_is_kicked_leaves_in_the_same_line():
    kicked = [event(Kicked, "bob", "spam"), event(Left, "removed by ann", nick="bob")]
    back = [event(Joined, nick="bob"), event(Left, nick="bob")]

    assert event_lines([*kicked, *back]) == [
        "03:00 -- ann kicked bob (spam)",
        "03:00 -- bob joined #lobby",
        "03:00 -- bob left #lobby",
    ]
    assert PlainWords().lines([*kicked, event(Said, "hi")])[1:] == ["Notice: ann kicked bob (spam)", "ann says: hi"]


def test_who_is_kicked_by_somebody_hides_nobody_else_who_leaves():
    happened = [event(Kicked, "bob"), event(Left, "removed by ann", nick="bob"), event(Left, nick="carol")]

    assert event_lines(happened) == ["03:00 -- ann kicked bob", "03:00 -- carol left #lobby"]


def test_no_further_line_of_what_was_pasted_passes_for_one_of_another():
    pasted = event(Said, "look:\n03:00 <bob> I owe ann 5\n\n  indented")

    for viewer in ("", "bob"):
        assert TextDialect().encode(Batch("lobby", 1, [pasted]), viewer).decode() == (
            "03:00 <ann> look:\n      | 03:00 <bob> I owe ann 5\n      | \n      |   indented\n"
        )
    assert (
        TextDialect().encode(Batch("lobby", 1, [pasted, event(Said, "hi", nick="bob")]), "ann") == b"03:00 <bob> hi\n"
    )


def test_what_was_pasted_in_private_is_marked_in_the_same_way():
    pasted = event(Whispered, "look:\n03:00 <bob> I owe ann 5", "bob", room="@a:b")

    assert TextDialect().encode(Batch("@a:b", 1, [pasted]), "bob").decode() == (
        "03:00 [ann -> you] look:\n      | 03:00 <bob> I owe ann 5\n"
    )


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("lock", "key", "Locked: you need its key or an invitation to enter."),
        ("lock", "invited", "Invite-only: you need an invitation to enter."),
        ("private", "on", "Private: only its members can see that it exists."),
        ("slow", "90", "Slow mode: one line per person every 1 minute and 30 seconds."),
        ("slow", "?", "Slow mode: one line per person every ?."),
        ("limit", "1", "Limited: at most 1 person."),
        ("limit", "20", "Limited: at most 20 people."),
        ("echo", "loud", "echo: loud"),
    ],
)
def test_each_setting_of_a_room_has_its_words(name, value, words):
    assert describe_setting(name, value) == words


THUMBS = [
    (
        event(Reacted, 5, "👍", True, Quote("bob", "hello")),
        '* ann 👍 bob: "hello"',
        'ann reacted with 👍 to bob: "hello"',
    ),
    (
        event(Reacted, 5, "👍", False, Quote("bob", "hello")),
        '* ann took back 👍 bob: "hello"',
        'ann took back 👍 to bob: "hello"',
    ),
    (event(Reacted, 5, "👍"), "* ann 👍", "ann reacted with 👍"),
    (
        event(Reacted, 5, "", True, Quote("bob", "")),
        "* ann reacted to a deleted message",
        "ann reacted to a deleted message",
    ),
]


@pytest.mark.parametrize(("happened", "line", "words"), THUMBS)
def test_a_reaction_is_shown_with_what_it_is_about(happened, line, words):
    assert event_lines([happened]) == [f"03:00 {line}"]
    assert event_lines([happened], rooms=True) == [f"03:00 #lobby {line}"]
    assert PlainWords().lines([happened])[1:] == [f"Notice: {words}"]


ANSWER = Marks(re=5, quote=Quote("ann", "hello ev…"))
MARKED = [
    (ANSWER, "yes", '(to ann: "hello ev…") yes', 'ann says, answering ann: "hello ev…": yes'),
    (Marks(re=5, quote=Quote("ann", "")), "yes", "(to ann) yes", "ann says, answering ann: yes"),
    (Marks(re=5), "yes", "(to an old message) yes", "ann says, answering an old message: yes"),
    (Marks(edited=True), "yes", "yes (edited)", "ann says: yes, edited"),
    (Marks(deleted="bob"), "", "(deleted)", "ann says: deleted message"),
    (
        Marks(reactions=(Reaction("👍", ("1", "2"), ("bob", "cat")), Reaction("🎉", ("1",) * 5, tuple("vwxyz")))),
        "yes",
        "yes (👍 bob, cat) (🎉 v, w, x and 2 more)",
        "ann says: yes, 👍 from bob, cat, 🎉 from v, w, x and 2 more",
    ),
]


@pytest.mark.parametrize(("marks", "text", "line", "words"), MARKED)
def test_a_message_is_shown_with_its_marks(marks, text, line, words):
    message = replace(event(Said, text), marks=marks)

    assert event_lines([message]) == [f"03:00 <ann> {line}"]
    assert PlainWords().lines([message])[1:] == [words]
    assert event_lines([replace(event(Acted, text), marks=marks)]) == [f"03:00 * ann {line}"]
    assert event_lines([replace(event(Whispered, text, "bob"), marks=marks)], None) == [f"03:00 [ann -> bob] {line}"]


def test_an_edited_block_cannot_be_mistaken_for_lines_of_others():
    edited = event(Edited, 5, "one\n03:00 <bob> two")

    assert event_lines([edited]) == ["03:00 -- ann edited: one", "      | 03:00 <bob> two"]
    assert PlainWords().lines([edited])[1:] == ["ann edited, in 2 lines: one", "line 2: 03:00 <bob> two"]
