"""Commands read from lines and from fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.commands import TABLE, from_fields, lookup, parse_line
from chatroom.chat.commands.identity import Hello
from chatroom.chat.commands.messages import Say, Whisper
from chatroom.chat.commands.moderation import Ban
from chatroom.chat.commands.rooms import History, Join, ListRooms
from chatroom.chat.commands.server import Ping, Quit
from chatroom.chat.refusals import BadInput, UnknownCommand

PRINTABLE = st.characters(exclude_categories=["C", "Z"])


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("hello", Say("hello")),
        ("  hello ", Say("hello")),
        ("//join", Say("/join")),
        ("exit", Quit()),
        ("exit now", Say("exit now")),
        ("quit", Say("quit")),
        ("/EXIT", Quit()),
        ("/JOIN  dev   key ", Join("dev", "key")),
        ("/msg ann  two  words", Whisper("ann", "two  words")),
        ("/rooms 1", ListRooms(1)),
        ("/rooms 999999999", ListRooms(999_999_999)),
        ("/ban bob 1h spam and more", Ban("bob", "1h", "spam and more")),
        ("/ban bob spam", Ban("bob", None, "spam")),
        ("/ban bob 1h", Ban("bob", "1h")),
    ],
)
def test_a_line_is_read(line, asked):
    assert parse_line(line) == asked


@pytest.mark.parametrize(
    "line", ["/msg", "/msg ann", "/rooms 0", "/rooms 1234567890", "/rooms x", "/rooms -1", "/leave a b", "/rooms ١"]
)
def test_wrong_arguments_are_bad_input(line):
    with pytest.raises(BadInput) as refused:
        parse_line(line)
    assert refused.value.code == BadInput.code


@pytest.mark.parametrize("line", ["/", "/ join", "/nonsense", "/hello ann", "/say hi", "/ping"])
def test_what_cannot_be_typed_is_unknown(line):
    with pytest.raises(UnknownCommand):
        parse_line(line)


@given(st.text(PRINTABLE, min_size=1).filter(lambda text: text[0] != "/" and text != "exit"))
def test_all_else_is_said_as_it_is(text):
    assert parse_line(text) == Say(text) == parse_line(f"{text}")


@given(st.text(PRINTABLE, min_size=1), st.text(PRINTABLE, min_size=1))
def test_arguments_come_out_as_they_went_in(nick, text):
    assert parse_line(f"/msg {nick} {text}") == Whisper(nick, text)


def test_programs_ask_for_anything_by_name():
    assert from_fields("ping", {}) == Ping()
    assert from_fields("say", {"text": "hi", "room": "dev"}) == Say("hi", "dev")
    assert from_fields("say", {"text": "hi", "room": None, "colour": "red"}) == Say("hi")
    asked = from_fields("hello", {"nick": "ann", "rooms": ["a"], "seen": {"a": 0}})
    assert isinstance(asked, Hello) and list(asked.rooms or ()) == ["a"] and asked.seen == {"a": 0}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("say", {}),
        ("say", {"text": 1}),
        ("rooms", {"page": 0}),
        ("rooms", {"page": 2**53}),
        ("rooms", {"page": True}),
        ("rooms", {"page": 1.0}),
        ("history", {"all": 1}),
        ("hello", {"nick": "ann", "rooms": "dev"}),
        ("hello", {"nick": "ann", "rooms": ["dev", 1]}),
        ("hello", {"nick": "ann", "seen": {"dev": -1}}),
        ("hello", {"nick": "ann", "seen": {"dev": 2**53}}),
        ("hello", {"nick": "ann", "seen": {"dev": True}}),
        ("hello", {"nick": "ann", "seen": [1]}),
    ],
)
def test_a_value_of_the_wrong_kind_or_none_is_bad_input(name, values):
    with pytest.raises(BadInput):
        from_fields(name, values)


def test_values_may_be_as_large_as_the_bound():
    assert from_fields("rooms", {"page": 2**53 - 1}) == ListRooms(2**53 - 1)
    assert from_fields("history", {"count": 1, "all": True, "before": 1}) == History(1, None, None, 1, True)
    assert from_fields("hello", {"nick": "ann", "seen": {"dev": 2**53 - 1}}).seen == {"dev": 2**53 - 1}


def test_no_program_asks_for_what_there_is_not():
    for name in ("nonsense", "exit", "/say"):
        with pytest.raises(UnknownCommand):
            from_fields(name, {})


def test_help_finds_what_can_be_typed_under_any_of_its_names():
    assert lookup("join") is lookup("/JOIN") is TABLE["join"]
    assert lookup("exit") is TABLE["quit"]
    for name in ("hello", "nonsense", "//join"):
        with pytest.raises(UnknownCommand):
            lookup(name)
