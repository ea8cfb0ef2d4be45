"""Views: personal preferences in every dialect."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.changes import Edited, Reacted
from chatroom.chat.events import TALK, Acted, Batch, Joined, Left, RoleChanged, Said, TopicChanged, Whispered
from chatroom.chat.replies import HistoryPage, Notice, PasswordWanted, Preferences, Refused, RoomEntered, SearchResults
from chatroom.dialects.json.dialect import JsonDialect, JsonView
from chatroom.dialects.json.websocket import WebSocketJsonDialect
from chatroom.dialects.text.dialect import TextDialect, TextView
from chatroom.dialects.views import ViewPreferences

from .strategies import batches

AT = 1_767_322_800.0
TEXT, ROOMS, TELNET = TextDialect(), TextDialect(rooms=True), TextDialect(newline="\r\n")
JSON = JsonDialect(64)
COLOURS = re.compile("\x1b\\[(?:38;5;\\d+|0)m")


def prefers(nick, ignored=frozenset(), **chosen):
    return ViewPreferences(nick, ignored, Preferences(**chosen))


def event(kind, *more, nick="ann", room="lobby"):
    return kind(room, AT, f"id of {nick}", nick, *more)


def batch(*events, room="lobby"):
    return Batch(room, 5, events)


def shown(preferences, *events, base=TEXT, viewer="id of bob"):
    return base.personal(preferences).encode(batch(*events), viewer).decode()


# People with a view.


@pytest.mark.parametrize("base", [TEXT, ROOMS, JSON])
@pytest.mark.parametrize(
    "preferences", [ViewPreferences("bob"), prefers("bob", notify="none"), ViewPreferences("bob", frozenset())]
)
def test_who_has_chosen_nothing_reads_what_all_read(base, preferences):
    assert base.personal(preferences) is None


def test_a_program_has_a_view_only_if_it_ignores_somebody():
    assert JSON.personal(prefers("bob", notify="all", color=True, plain=True)) is None
    assert isinstance(JSON.personal(ViewPreferences("bob", {"ann"})), JsonView)


@given(batches(), st.sampled_from(["", "ann", "bob"]))
def test_a_view_that_changes_nothing_here_shows_the_same(some, viewer):
    preferences = ViewPreferences("somebody", {"nobody"})

    for base in (TEXT, ROOMS, TELNET, JSON):
        assert base.personal(preferences).encode(some, viewer) == base.encode(some, viewer)


def test_nothing_personal_is_kept_with_the_batch():
    happened = batch(event(Said, "hello"))
    for base in (TEXT, JSON):
        mine = base.personal(prefers("bob", {"id of ann"}, notify="all", color=True, plain=True))
        mine.encode(happened, "id of bob")
        assert mine not in happened.renderings and TEXT not in happened.renderings
    assert JSON.encode(happened) and TEXT.encode(happened) == b"03:00 <ann> hello\n"


def test_lines_are_read_as_anyones():
    assert TEXT.personal(prefers("bob", plain=True)).decode(b"hello", True) == TEXT.decode(b"hello", True)


# Ignoring.


@pytest.mark.parametrize("ignored", [{"id of ann"}, {"ann"}])
def test_the_words_of_who_is_ignored_are_left_out_and_nothing_else(ignored):
    preferences = ViewPreferences("bob", ignored)
    said = [event(Said, "a"), event(Acted, "b"), event(Whispered, "c", "bob"), event(Said, "d", nick="Ann")]

    lines = shown(preferences, *said, event(TopicChanged, "Tea"), event(Said, "hi", nick="carol"), event(Left))

    assert ("<Ann> d" in lines) == ("ann" not in ignored)
    assert [line for line in lines.splitlines() if "Ann" not in line] == [
        "03:00 -- ann set the topic of #lobby: Tea",
        "03:00 <carol> hi",
        "03:00 -- ann left #lobby",
    ]


def test_the_key_of_a_nick_covers_every_spelling_of_it():
    assert shown(ViewPreferences("bob", {"ann"}), event(Said, "hello", nick="ANN")) == ""


def test_a_program_gets_what_remains_with_its_true_seq_and_mark():
    mine = Said("lobby", AT, "id of bob", "bob", "mine", ref="r1")
    rendered = shown(
        ViewPreferences("bob", {"ann"}), event(Said, "a"), mine, event(Joined), event(Said, "b"), base=JSON
    )

    objects = [json.loads(line) for line in rendered.split("\n")[:-1]]
    assert [(values["seq"], values["type"], values.get("ref")) for values in objects] == [
        (6, "said", "r1"),
        (7, "joined", None),
    ]
    assert shown(ViewPreferences("bob", {"ann"}), event(Said, "a"), base=JSON) == ""


@given(batches())
def test_nothing_of_who_is_ignored_comes_through(some):
    objects = JSON.personal(ViewPreferences("x", {"ann"})).encode(some).decode().split("\n")[:-1]

    spoken = {kind.type for kind in (*TALK, Edited, Reacted)}
    assert [json.loads(line)["seq"] for line in objects] == [
        seq for seq, one in some if not (one.type in spoken and "ann" in (one.by, one.nick))
    ]


def test_history_and_searches_leave_them_out_too():
    events = ((1, event(Said, "a")), (2, event(Said, "b", nick="carol")))
    for base in (TEXT, JSON):
        mine = base.personal(ViewPreferences("bob", {"ann"}))
        for reply in (
            HistoryPage("lobby", events, False),
            SearchResults("x", events, 1, False),
            RoomEntered("lobby", "", ("bob",), 2, events),
        ):
            rendered = mine.encode_reply(reply).decode()
            assert "carol" in rendered and "ann" not in rendered


@pytest.mark.parametrize("base", [TEXT, ROOMS, TELNET, JSON, WebSocketJsonDialect(64)])
def test_no_dialect_shows_what_an_ignored_person_says(base):
    mine = base.personal(ViewPreferences("bob", {"id of ann"}))

    assert b"hello" not in mine.encode(batch(event(Said, "hello")), "id of bob")
    assert b"hello" in base.encode(batch(event(Said, "hello")), "id of bob")
    assert mine.personal(ViewPreferences("bob")) is None


# The bell.


def test_the_bell_rings_behind_a_line_that_mentions_one_and_behind_private_ones():
    happened = [
        event(Said, "hello BOB!"),
        event(Said, "bobsleigh"),
        event(Acted, "waves to bob"),
        event(Whispered, "psst", "bob"),
        event(TopicChanged, "bob"),
        event(Said, "one\nbob\nthree"),
    ]

    assert shown(prefers("bob", notify="mentions"), *happened).split("\n") == [
        "03:00 <ann> hello BOB!\a",
        "03:00 <ann> bobsleigh",
        "03:00 * ann waves to bob\a",
        "03:00 [ann -> you] psst\a",
        "03:00 -- ann set the topic of #lobby: bob",
        "03:00 <ann> one",
        "      | bob",
        "      | three\a",
        "",
    ]


def test_it_rings_for_all_that_others_say_for_who_wants_that():
    happened = [event(Said, "hello"), event(Joined), event(Whispered, "psst", "ann", nick="bob")]

    assert shown(prefers("bob", notify="all"), *happened).count("\a") == 1


def test_it_does_not_ring_for_history_nor_unless_asked_for():
    recalled = HistoryPage("lobby", ((1, event(Said, "bob")),), False)

    assert b"\a" not in TEXT.personal(prefers("bob", notify="all")).encode_reply(recalled)
    assert "\a" not in shown(prefers("bob", color=True), event(Said, "bob"))


# Colours.


def test_a_nick_has_its_colour_everywhere_and_nothing_else_has():
    happened = [
        event(Said, "ann"),
        event(Whispered, "x", "bob"),
        event(Joined, nick="ann"),
        event(Joined, nick="carol"),
        event(RoleChanged, "ann", "operator"),
    ]

    lines = shown(prefers("bob", color=True), *happened)

    painted = re.findall("(\x1b\\[[\\d;]+m)(\\w+)(\x1b\\[0m)", lines)
    assert {nick for _, nick, _ in painted} == {"ann", "carol"}
    assert len({colour for colour, nick, _ in painted if nick == "ann"}) == 1
    assert COLOURS.sub("", lines) == TEXT.encode(batch(*happened), "id of bob").decode()


@given(batches())
def test_colours_change_no_word_and_always_end(some):
    lines = TEXT.personal(prefers("x", color=True)).encode(some, "ann").decode()

    assert COLOURS.sub("", lines) == TEXT.encode(some, "ann").decode()
    assert lines.count("\x1b") == 2 * lines.count("\x1b[0m")


# Words alone.


def test_plain_words_for_what_happens_and_what_is_answered():
    mine = TELNET.personal(prefers("bob", plain=True))

    assert mine.encode(batch(event(Said, "hello")), "id of bob") == b"Time: 03:00\r\nann says: hello\r\n"
    assert mine.encode_reply(Notice("hi")) == b"Notice: hi\r\n"
    assert mine.encode_reply(Refused("x", "No.")) == b"Refused: No.\r\n"
    assert mine.encode_reply(PasswordWanted("login", "")) == b"Password: "
    mine.base = ROOMS
    assert mine.encode(batch(event(Said, "hello")), "id of bob") == b"In lobby, ann says: hello\n"


def test_history_in_plain_words_tells_its_own_times():
    recalled = HistoryPage("lobby", ((1, event(Said, "hello")),), False)

    lines = TEXT.personal(prefers("bob", plain=True)).encode_reply(recalled).decode().splitlines()

    assert lines == [
        "Notice: History of lobby (1):",
        "Friday, 2026-01-02",
        "Time: 03:00",
        "ann says: hello",
        "End of history.",
    ]


def test_a_question_for_a_password_looks_the_same_to_who_only_prefers_colours():
    asked = PasswordWanted("login", "ann")

    assert TEXT.personal(prefers("bob", color=True)).encode_reply(asked) == TEXT.encode_reply(asked)


def test_ones_own_doings_are_not_shown_to_oneself():
    assert shown(prefers("ann", plain=True, notify="all"), event(Said, "x"), viewer="id of ann") == ""
    assert isinstance(TEXT.personal(prefers("ann", plain=True)), TextView)
