"""The command table."""

from __future__ import annotations

from inspect import iscoroutinefunction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.chat.command_table import GROUPS, listed, moving, secrets, usages
from chatroom.chat.commands import TABLE, from_fields, is_command, lookup, parse_line
from chatroom.chat.commands.identity import Hello, Rename, ShowPerson
from chatroom.chat.commands.messages import Act, Answer, Say, Whisper
from chatroom.chat.commands.preferences import Color, Notify
from chatroom.chat.commands.room_settings import Limit, Private, Slow
from chatroom.chat.commands.rooms import History, Join, Leave, ListPeople, ListRooms, SetTopic
from chatroom.chat.commands.server import Ping, Quit, ShowHelp, ShowTime
from chatroom.chat.commands.token import Tokens
from chatroom.chat.refusals import BadInput, Refusal, UnknownCommand
from chatroom.chat.syntax.blanks import is_blank


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("hello", Say("hello")),
        ("//hello", Say("/hello")),
        ("//", Say("/")),
        ("///x", Say("//x")),
        ("exit", Quit()),
        ("exit now", Say("exit now")),
        ("/exit", Quit()),
        ("/exit see you", Quit("see you")),
        ("/quit   gone   home ", Quit("gone   home")),
        ("/nick anna", Rename("anna")),
        ("/whois bob", ShowPerson("bob")),
        ("/join #dev", Join("#dev")),
        ("/leave", Leave()),
        ("/leave dev", Leave("dev")),
        ("/rooms", ListRooms()),
        ("/who", ListPeople()),
        ("/topic", SetTopic()),
        ("/topic tea  at five", SetTopic("tea  at five")),
        ("/history", History()),
        ("/history 7", History(7)),
        ("/history 7 yesterday", History(7, "yesterday")),
        ("/history yesterday 12:00", History(until="yesterday 12:00")),
        ("/history -n 2026-11-23T09:00", History(until="2026-11-23T09:00", numbers=True)),
        ("/me waves", Act("waves")),
        ("/msg bob  hi  there", Whisper("bob", "hi  there")),
        ("/reply hi", Answer("hi")),
        ("/TIME", ShowTime()),
        ("/help", ShowHelp()),
        ("/help msg", ShowHelp("msg")),
        ("/color ON", Color("on")),
        ("/notify Mentions", Notify("mentions")),
        ("/private Off", Private("off")),
        ("/token Add Bot", Tokens("add", "Bot")),
        ("/msg ON hi", Whisper("ON", "hi")),
        ("/slow 20", Slow(20)),
        ("/slow", Slow()),
        ("/slow Off", Slow()),
        ("/limit off", Limit()),
    ],
)
def test_what_is_typed_is_understood(line, command):
    assert parse_line(line) == command


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("/msg", "NICK and TEXT missing. Usage: /msg NICK TEXT"),
        ("/msg bob", "TEXT missing. Usage: /msg NICK TEXT"),
        ("/join", "ROOM missing. Usage: /join ROOM [KEY]"),
        ("/join a b c", "Too many words for /join. Usage: /join ROOM [KEY]"),
        ("/slow on", "'on' is not a number from 1 up. Usage: /slow [SECONDS|off]"),
        ("/slow off 20", "Too many words for /slow. Usage: /slow [SECONDS|off]"),
        ("/history x", "'x' is not a number from 1 up. Usage: /history [-n] [N] [BEFORE]"),
        ("/history 1234567890", "'1234567890' is not a number from 1 up. Usage: /history [-n] [N] [BEFORE]"),
    ],
)
def test_wrong_arguments_are_told_with_the_usage(line, text):
    with pytest.raises(BadInput) as caught:
        parse_line(line)
    assert str(caught.value) == text


@pytest.mark.parametrize("line", ["/hello ann", "/say hi", "/ping", "/" + "x" * 4000, "/ x", "/é"])
def test_what_is_no_typed_command_is_unknown_in_one_short_line(line):
    with pytest.raises(UnknownCommand) as caught:
        parse_line(line)
    assert len(str(caught.value)) < 120 and "\n" not in str(caught.value)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1))
def test_every_line_is_a_command_or_a_refusal(line):
    try:
        command = parse_line(line)
    except Refusal as refusal:
        assert is_command(line) and "\n" not in str(refusal)
    else:
        assert hasattr(command, "run") or (command is None and is_blank(line))
        if command is not None and not is_command(line) and not line.startswith("//"):
            assert command == Say(line.strip())


@pytest.mark.parametrize(
    ("name", "values", "command"),
    [
        ("hello", {"nick": "ann", "rooms": ["a"], "seen": {"a": 0}}, Hello("ann", ["a"], None, {"a": 0})),
        ("msg", {"to": "bob", "text": "hi"}, Whisper("bob", "hi")),
        ("history", {"all": True, "unheard of": 1}, History(all=True)),
        ("ping", {"text": None}, Ping()),
    ],
)
def test_programs_name_their_values(name, values, command):
    assert from_fields(name, values) == command


def test_an_unknown_type_suggests_the_nearest_of_all():
    with pytest.raises(UnknownCommand, match="Did you mean ping"):
        from_fields("pnig", {})


@pytest.mark.parametrize("name", ["msg", "/msg", "/MSG"])
def test_help_is_found_with_or_without_the_slash(name):
    assert lookup(name).usage == "/msg NICK TEXT"


@pytest.mark.parametrize("name", ["hello", "say", "ping", "nope", "//msg"])
def test_there_is_no_help_for_what_cannot_be_typed(name):
    with pytest.raises(UnknownCommand):
        lookup(name)


def test_the_headings_of_help_are_in_their_order_and_each_stands_once():
    groups = [spec.group for spec in listed()]
    assert list(dict.fromkeys(groups)) == list(GROUPS)
    assert groups == sorted(groups, key=list(GROUPS).index)


def test_only_what_waits_for_nothing_is_said_to_append():
    assert {name for name, spec in TABLE.items() if spec.appends} == {"say", "me", "notice"}
    for spec in TABLE.values():
        assert iscoroutinefunction(spec.make.run) is not spec.appends


def test_what_may_be_asked_by_somebody_who_is_nobody_yet():
    assert {name for name, spec in TABLE.items() if spec.before_hello} == {"hello", "help", "ping", "quit"}
    assert {name for name, spec in TABLE.items() if spec.before_login} == {"help", "login", "nick", "ping", "quit"}


def test_what_clients_are_told_of_secrets_and_of_moves():
    at_once, after_a_word = ("/lock", "/login", "/password", "/register"), ("/account", "/join", "/j")
    assert secrets() == dict.fromkeys(at_once, 1) | dict.fromkeys(after_a_word, 2)
    assert set(moving()) == {"/join", "/j", "/leave", "/part"}


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/part", Leave()),
        ("/part dev", Leave("dev")),
        ("/j dev key", Join("dev", "key")),
        ("/names", ListPeople()),
        ("/w dev", ListPeople("dev")),
        ("/list 2", ListRooms(2)),
        ("/m bob hi", Whisper("bob", "hi")),
        ("/query bob hi", Whisper("bob", "hi")),
        ("/r hi", Answer("hi")),
        ("/?", ShowHelp()),
        ("/? msg", ShowHelp("msg")),
    ],
)
def test_other_names_that_hands_expect(line, command):
    assert parse_line(line) == command
    assert line.split()[0] not in usages()


def test_a_secret_is_never_in_the_representation_of_a_command():
    for spec in TABLE.values():
        secret = [one.name for one in spec.fields.values() if one.name in ("password", "key", "old", "new")]
        made = spec.make(**dict.fromkeys([*spec.required, *secret], "hunter2"))
        assert not any(f"{name}=" in repr(made) for name in secret)


def test_every_command_has_a_short_help_that_fits_a_line():
    for spec in TABLE.values():
        assert spec.help[0].islower() and not spec.help.endswith(".")
        assert len(f"-- {spec.usage:16}  {spec.help}") < 120
