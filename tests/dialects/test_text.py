"""Plain text: one event a line."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.changes import Edited, Reacted
from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.messages import Say
from chatroom.chat.commands.server import Quit
from chatroom.chat.event import Marks
from chatroom.chat.events import Acted, Batch, Joined, Left, Renamed, Said, TopicChanged, Whispered
from chatroom.chat.refusals import BadInput, UnknownCommand
from chatroom.chat.replies import (
    CaughtUp,
    Gap,
    HistoryPage,
    PersonLine,
    Preferences,
    Refused,
    RoomEntered,
    RoomLine,
    Rooms,
    SearchResults,
    Who,
    Whois,
)
from chatroom.dialects.base import Decoded
from chatroom.dialects.text.dialect import TextDialect
from chatroom.dialects.text.events import join_names
from chatroom.dialects.text.marked import marked
from chatroom.dialects.text.replies import reply_lines
from chatroom.dialects.views import ViewPreferences

from .strategies import batches

AT = 1_767_322_800.0
"""2026-01-02 03:00 in UTC."""
TEXT, ROOMS = TextDialect(), TextDialect(rooms=True)


def batch(*events):
    return Batch("lobby", 1, events)


def event(kind, *more, nick="ann", at=AT):
    return kind("lobby", at, nick, nick, *more)


@pytest.mark.parametrize(
    ("happened", "line"),
    [
        (event(Said, "hello"), "03:00 <ann> hello"),
        (event(Acted, "waves"), "03:00 * ann waves"),
        (event(Joined), "03:00 -- ann joined #lobby"),
        (event(Left), "03:00 -- ann left #lobby"),
        (event(Left, "gone home"), "03:00 -- ann left #lobby (gone home)"),
        (event(Renamed, "anna"), "03:00 -- ann is now known as anna"),
        (event(TopicChanged, "Tea"), "03:00 -- ann set the topic of #lobby: Tea"),
        (event(TopicChanged, ""), "03:00 -- ann removed the topic of #lobby"),
        (event(Whispered, "psst", "bob"), "03:00 [ann -> you] psst"),
    ],
)
def test_each_event_has_its_words(happened, line):
    assert TEXT.encode(batch(happened)).decode() == line + "\n"


def test_with_several_rooms_each_line_names_its_room_but_for_whispers():
    happened = batch(event(Said, "hello"), event(Whispered, "psst", "bob"))

    assert ROOMS.encode(happened).decode() == "03:00 #lobby <ann> hello\n03:00 [ann -> you] psst\n"


@pytest.mark.parametrize("kind", [Said, Acted, Joined, Left, Renamed])
def test_ones_own_doings_are_not_shown_to_oneself(kind):
    mine = event(kind, *(["x"] if kind in (Said, Acted, Renamed) else []))

    assert TEXT.encode(batch(mine), "ann") == b""
    assert TEXT.encode(batch(mine, event(Said, "hi", nick="bob")), "ann") == b"03:00 <bob> hi\n"


def test_ones_own_whispers_and_topics_are_shown_to_oneself():
    happened = batch(event(Whispered, "psst", "bob"), event(TopicChanged, "Tea"))

    assert TEXT.encode(happened, "ann").decode() == (
        "03:00 [you -> bob] psst\n03:00 -- ann set the topic of #lobby: Tea\n"
    )


def test_who_is_shown_all_of_a_batch_shares_what_is_rendered_for_the_others():
    happened = batch(event(TopicChanged, "Tea"), event(Joined, nick="bob"))

    assert TEXT.encode(happened, "ann") is happened.rendered(TEXT)
    assert TEXT.encode(happened, "bob").decode() == "03:00 -- ann set the topic of #lobby: Tea\n"


def test_many_who_come_or_go_are_one_line_for_each_reason():
    names = "abcdefghij"
    happened = batch(
        event(Said, "before"),
        *(event(Joined, nick=name) for name in names),
        event(Said, "between"),
        event(Left, nick="a"),
        event(Left, "bye", nick="b"),
        event(Left, nick="c"),
    )

    assert TEXT.encode(happened).decode().splitlines() == [
        "03:00 <ann> before",
        "03:00 -- a, b, c, d, e, f, g, h and 2 others joined #lobby",
        "03:00 <ann> between",
        "03:00 -- a and c left #lobby",
        "03:00 -- b left #lobby (bye)",
    ]


@given(batches())
def test_every_line_is_one_line_of_text(some):
    for viewer in ("", "ann"):
        rendered = TEXT.encode(some, viewer).decode()
        assert rendered == "" or rendered.endswith("\n")
        for line in rendered.splitlines():
            assert line.startswith("      | ") or (line[2] == ":" and line[:6].isascii())
        further = sum(one.text.count("\n") for one in some.events if isinstance(one, (Said, Whispered, Edited)))
        assert len(rendered.splitlines()) == rendered.count("\n") <= len(some) + further


@given(batches())
def test_nothing_said_is_left_out_and_the_order_stays(some):
    rendered = TEXT.encode(some).decode().replace("\n      | ", "\v").split("\n")

    said = [one for one in some.events if isinstance(one, (Said, Acted, Whispered, Reacted))]
    shown = [line for line in rendered if line[6:7] in ("<", "*", "[")]
    assert len(said) == len(shown)
    for line, one in zip(shown, said, strict=True):
        assert isinstance(one, Reacted) or line.endswith(marked(one).replace("\n", "\v"))


@given(batches(), st.sampled_from(["", "ann", "bob"]))
def test_telnet_gets_the_same_with_its_own_line_ends(some, viewer):
    crlf = TextDialect(newline="\r\n")

    assert crlf.encode(some, viewer).replace(b"\r\n", b"\n") == TEXT.encode(some, viewer)


@given(batches())
def test_a_batch_that_one_took_no_part_in_reads_the_same_to_everyone(some):
    assert TEXT.encode(some, "nobody in particular") == TEXT.encode(some)


# Typed input.


@pytest.mark.parametrize(
    ("line", "named", "asked"),
    [
        (b"", True, Decoded(None)),
        (b" \t ", False, Decoded(None)),
        (b"ann", False, Decoded(Hello("ann"))),
        (b"  ann  ", False, Decoded(Hello("ann"))),
        (b"exit", False, Decoded(Quit())),
        (b"hello", True, Decoded(Say("hello"))),
        (b"//hello", True, Decoded(Say("/hello"))),
        (b"/quit bye", True, Decoded(Quit("bye"))),
        ("naïve 😀".encode(), True, Decoded(Say("naïve 😀"))),
    ],
)
def test_what_is_typed_is_read(line, named, asked):
    assert TEXT.decode(line, named) == asked


@pytest.mark.parametrize(("line", "refusal"), [(b"\xfe", BadInput), (b"/nope", UnknownCommand), (b"/msg", BadInput)])
def test_what_cannot_be_read_is_a_refusal(line, refusal):
    assert isinstance(TEXT.decode(line, True).command, refusal)


# Replies.


def test_a_list_of_people_is_wrapped_between_them():
    people = tuple(PersonLine(f"somebody-{n}", "line", 0, True) for n in range(30))

    head, *rows = reply_lines(Who("lobby", people))

    assert head == "-- In #lobby (30):" and all(len(row) <= 79 for row in rows)
    assert " ".join(row.removeprefix("-- ") for row in rows) == ", ".join(one.nick for one in people)


@pytest.mark.parametrize(
    ("idle", "words"),
    [
        (0, "active now."),
        (1, "active now."),
        (59, "active now."),
        (60, "idle for 1 minute."),
        (3599, "idle for 59 minutes."),
        (3600, "idle for 1 hour."),
        (7200, "idle for 2 hours."),
        (86_399, "idle for 23 hours."),
        (86_400, "idle for 1 day."),
        (90_000, "idle for 1 day."),
    ],
)
def test_how_long_somebody_has_been_silent(idle, words):
    [line] = reply_lines(Whois(PersonLine("ann", "line", idle, True), ("lobby",), AT))

    assert line.endswith(f" via nc or telnet, {words}")


def test_whois_of_somebody_in_no_room():
    [line] = reply_lines(Whois(PersonLine("ann", "line", 0, False), (), AT))

    assert line.startswith("-- ann is not in any room; here since 2026-01-02 03:00") and line.endswith("reconnecting.")


def test_what_is_not_shown_is_counted():
    assert reply_lines(Gap("lobby", 1, 1204)) == ["-- … 1,204 lines of #lobby skipped"]


def test_going_live_says_nothing_to_people():
    assert reply_lines(CaughtUp()) == [] and TEXT.encode_reply(CaughtUp()) == b""


def test_refusals_and_empty_lists():
    assert reply_lines(Refused("bad_input", "No.")) == ["!! No."]
    assert reply_lines(Rooms(())) == ["-- Nobody is in any room."]
    assert reply_lines(Rooms((RoomLine("tea", 1, ""),), 2, 5))[-1] == "-- … and 5 more: /rooms 3"


def test_history_of_today_needs_no_day():
    before = time.localtime()[:3]
    said = event(Said, "hello", at=time.time())
    lines = reply_lines(HistoryPage("lobby", ((1, said),), False))

    assert len(lines) == 3 or time.localtime()[:3] != before


def test_a_private_conversation_is_not_named_by_its_ids():
    said = event(Said, "hello", at=time.time())
    assert reply_lines(HistoryPage("@a:b", ((1, said),), False))[0] == "-- History of your conversation (1):"
    assert reply_lines(HistoryPage("@a:b", (), False)) == ["-- Nothing has been said in your conversation yet."]
    assert reply_lines(HistoryPage("lobby", (), True)) == ["-- Nothing new has been said in #lobby."]


def test_history_names_each_day_that_is_not_today():
    events = tuple((n, event(Said, str(n), at=AT + n * 43_200)) for n in range(4))

    lines = reply_lines(HistoryPage("lobby", events, False))

    assert lines == [
        "-- History of #lobby (4):",
        "-- Friday, 2026-01-02",
        "03:00 <ann> 0",
        "15:00 <ann> 1",
        "-- Saturday, 2026-01-03",
        "03:00 <ann> 2",
        "15:00 <ann> 3",
        "-- End of history.",
    ]


def test_history_says_that_there_is_more():
    (*_, end) = reply_lines(HistoryPage("lobby", ((2, event(Said, "hello", at=AT)),), True))

    assert end == "-- End of history; there is more before 2026-01-02 03:00."


@pytest.mark.parametrize(
    ("names", "most", "text"),
    [
        ([], None, ""),
        (["ann"], None, "ann"),
        (["ann", "bob"], None, "ann and bob"),
        (["ann", "bob", "carol"], None, "ann, bob and carol"),
        (["ann", "bob", "carol"], 3, "ann, bob and carol"),
        (["ann", "bob", "carol"], 1, "ann and 2 others"),
    ],
)
def test_names_are_listed_as_people_do(names, most, text):
    assert join_names(names, most) == text


# Numbers.


def numbers(**chosen):
    view = TEXT.personal(ViewPreferences("bob", chosen=Preferences(numbers=True, **chosen)))
    assert view is not None
    return view


def test_who_wants_numbers_sees_them_before_what_is_said_in_rooms():
    happened = Batch(
        "lobby",
        1204,
        (event(Said, "hello"), event(Joined), event(Left), event(Whispered, "psst", "bob"), event(Acted, "waves")),
    )
    assert numbers().encode(happened, "bob").decode().splitlines() == [
        "1204 03:00 <ann> hello",
        "03:00 -- ann joined #lobby",
        "03:00 -- ann left #lobby",
        "03:00 [ann -> you] psst",
        "1208 03:00 * ann waves",
    ]
    pasted = numbers().encode(Batch("lobby", 7, (event(Said, "a\nb"),)), "bob").decode()
    assert pasted == "7 03:00 <ann> a\n      | b\n"
    rung = numbers(notify="all").encode(Batch("lobby", 7, (event(Said, "hi"),)), "bob").decode()
    assert rung == "7 03:00 <ann> hi\a\n"


def test_a_screen_reader_says_the_number_before_the_message_not_before_the_time():
    lines = numbers(plain=True).encode(Batch("lobby", 7, (event(Joined), event(Said, "a\nb"))), "bob").decode()
    assert lines.splitlines() == [
        "Time: 03:00",
        "Notice: In lobby, ann joined.",
        "8 ann says, in 2 lines: a",
        "line 2: b",
    ]


def test_what_is_quoted_has_its_number():
    said = ((1204, event(Said, "hello")),)
    for reply, shown in (
        (HistoryPage("lobby", said, False), "1204 03:00 <ann> hello"),
        (RoomEntered("lobby", "", ("ann",), 0, said), "1204 03:00 <ann> hello"),
        (SearchResults("hello", said, 1, False), "2026-01-02 1204 03:00 #lobby <ann> hello"),
    ):
        assert shown in numbers().encode_reply(reply).decode().splitlines()
        assert shown.replace("1204 ", "") in TEXT.encode_reply(reply).decode().splitlines()


def test_private_messages_have_numbers_only_for_who_asks_for_them():
    said = ((7, event(Whispered, "psst", "bob")),)
    shown = "03:00 [ann -> you] psst"
    assert shown in numbers().encode_reply(HistoryPage("@a:b", said, False)).decode().splitlines()
    asked = HistoryPage("@a:b", said, False, numbers=True)
    assert f"7 {shown}" in numbers().encode_reply(asked).decode().splitlines()
    found = numbers().encode_reply(SearchResults("psst", said, 1, False)).decode()
    assert "2026-01-02 03:00 [ann -> bob] psst" in found.splitlines()


def test_no_line_of_an_action_that_was_edited_can_pass_for_somebody_elses():
    acted = replace(event(Acted, "waves\n03:00 <bob> I quit"), marks=Marks(edited=True))
    assert TEXT.encode(batch(acted)).decode() == "03:00 * ann waves\n      | 03:00 <bob> I quit (edited)\n"
    view = TEXT.personal(ViewPreferences("bob", chosen=Preferences(plain=True)))
    assert view.encode(batch(acted), "bob").decode().splitlines()[1:] == [
        "ann waves",
        "line 2: 03:00 <bob> I quit, edited",
    ]
