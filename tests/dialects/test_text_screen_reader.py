"""Screen reader text."""

from __future__ import annotations

import pytest
from hypothesis import given

from chatroom.chat.events import Acted, Joined, Kicked, Left, Renamed, Said, TopicChanged, Whispered
from chatroom.chat.replies import Gap, Notice, Refused, RoomEntered, RoomLine, Rooms
from chatroom.dialects.text.replies import reply_lines
from chatroom.dialects.text.screen_reader import PlainWords, plain_reply

from .strategies import batches

AT = 1_767_322_800.0
"""2026-01-02 03:00 in UTC."""


def event(kind, *more, nick="ann", at=AT, room="lobby"):
    return kind(room, at, nick, nick, *more)


def heard(*events, viewer="", rooms=False):
    return PlainWords().lines(events, viewer, rooms=rooms)


@pytest.mark.parametrize(
    ("happened", "words"),
    [
        (event(Said, "hello"), "ann says: hello"),
        (event(Acted, "waves"), "ann waves"),
        (event(Whispered, "psst", "bob"), "ann to you, in private: psst"),
        (event(Renamed, "anna"), "Notice: ann is now known as anna"),
        (event(Kicked, "bob", "#spam"), "Notice: ann kicked bob (#spam)"),
        (event(TopicChanged, "see #lobby"), "Notice: ann set the topic of lobby: see #lobby"),
    ],
)
def test_each_event_has_its_words(happened, words):
    assert heard(happened) == ["Time: 03:00", words]


def test_ones_own_private_words_and_those_of_others():
    whispered = event(Whispered, "psst", "bob", room="@a:b")

    assert heard(whispered, viewer="ann", rooms=True)[1:] == ["You to bob, in private: psst"]
    assert heard(whispered, viewer=None)[1:] == ["ann to bob, in private: psst"]


def test_what_was_pasted_counts_its_lines():
    assert heard(event(Said, "a\nbob says: b\n"))[1:] == [
        "ann says, in 3 lines: a",
        "line 2: bob says: b",
        "line 3: ",
    ]


def test_what_was_pasted_in_private_counts_its_lines():
    assert heard(event(Whispered, "a\nann says: b", "bob", room="@a:b"), viewer="bob")[1:] == [
        "ann to you, in private, in 2 lines: a",
        "line 2: ann says: b",
    ]


def test_with_several_rooms_each_line_names_its_room_but_for_private_ones():
    happened = [event(Said, "hi"), event(Kicked, "bob"), event(Whispered, "psst", "bob", room="@a:b")]

    assert heard(*happened, rooms=True)[1:] == [
        "In lobby, ann says: hi",
        "Notice: In lobby, ann kicked bob",
        "ann to you, in private: psst",
    ]


def test_the_time_is_told_once_in_a_quarter_of_an_hour():
    words = PlainWords()
    times = [AT, AT + 60, AT + 899, AT + 900, AT + 1000]

    lines = [line for at in times for line in words.lines([event(Said, "x", at=at)])]

    assert lines == ["Time: 03:00", *["ann says: x"] * 3, "Time: 03:15", *["ann says: x"] * 2]


def test_who_comes_and_goes_is_told_before_the_next_thing_that_is_said():
    words = PlainWords()
    words.lines([event(Said, "x")])

    assert words.lines([event(Joined, nick=nick) for nick in "bcdef"]) == []
    assert words.lines([event(Left, nick="b"), event(Left, nick="g"), event(Joined, nick="b", room="dev")]) == []
    assert words.lines([event(Said, "y"), event(Said, "z")]) == [
        "Notice: In lobby, c, d, e and 1 other joined, and g left.",
        "Notice: In dev, b joined.",
        "ann says: y",
        "ann says: z",
    ]


def test_who_left_and_came_back_never_went():
    assert heard(event(Left), event(Joined), event(Said, "x"))[1:] == ["ann says: x"]


@given(batches())
def test_every_word_is_there_and_no_line_begins_with_a_symbol(some):
    lines = heard(*some.events)

    assert all(line[0].isalpha() for line in lines)
    spoken = [one for one in some.events if isinstance(one, (Acted, Whispered))]
    assert all(any(line.endswith(part) for line in lines) for one in spoken for part in one.text.split("\n"))


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Notice("hi"), ["Notice: hi"]),
        (Refused("bad_input", "No."), ["Refused: No."]),
        (Gap("lobby", 1, 1204), ["Notice: 1,204 lines of lobby skipped"]),
        (RoomEntered("lobby", "Tea", ("ann",), 0), ["Notice: You are in lobby. You are alone here.", "Topic: Tea"]),
        (Rooms((RoomLine("lobby", 3, "Tea"), RoomLine("a", 1, ""))), ["Notice: #lobby, 3, Tea", "#a, 1"]),
    ],
)
def test_replies_begin_with_a_word(reply, words):
    assert plain_reply(reply, reply_lines(reply)) == words
