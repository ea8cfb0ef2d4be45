"""Typed lines: what is said, what is a command, and what is refused."""

from __future__ import annotations

import pytest

from chatroom.chat.commands import ends_block, is_command, parse_line
from chatroom.chat.commands.accounts import LogIn
from chatroom.chat.commands.messages import Act, Say
from chatroom.chat.commands.moderation import Ban
from chatroom.chat.commands.rooms import Join
from chatroom.chat.commands.server import Quit
from chatroom.chat.refusals import BadInput, UnknownCommand


@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\u3000", "\xa0", "\u200b", "\ufeff", "\u2060", "\xad", "\u2800", "\ufe0f "]
)
@pytest.mark.parametrize("slash", "/／⁄∕⧸")
def test_nothing_before_a_slash_makes_it_something_to_say(before, slash):
    assert parse_line(f"{before}{slash}login leaky secret") == LogIn("leaky", "secret")
    with pytest.raises(UnknownCommand):
        parse_line(f"{before}{slash}nonsense")


@pytest.mark.parametrize("line", ["//", "//me x", "///x", "// hello", "//／x"])
def test_two_slashes_at_the_very_start_say_one(line):
    assert parse_line(line) == Say(line[1:]) == parse_line(f"{line}  ") and not is_command(line)


@pytest.mark.parametrize("line", [" //me x", "\ufeff//x", "／／x", "/／x", "\u200b///"])
def test_two_slashes_anywhere_else_are_refused_with_a_hint(line):
    with pytest.raises(UnknownCommand, match="begin the line with // and no space"):
        parse_line(line)


@pytest.mark.parametrize("line", ["", " ", "\t\u3000", "\u200b", "\u2800", "\u3164\ufe0f", "\n\n \n", "\ufeff"])
def test_what_cannot_be_seen_says_nothing(line):
    assert parse_line(line) is None


@pytest.mark.parametrize(
    "line", ["/topic \u200b", "/away \u2800", "/me \u3164", "/msg bob \xad", "/quit \u2060", "/ban bob \ufeff"]
)
def test_text_that_cannot_be_seen_is_no_argument(line):
    with pytest.raises(BadInput, match="no visible characters"):
        parse_line(line)


@pytest.mark.parametrize("line", ["exit", " exit ", "\u200bexit", "exit\t", "\n\nexit\n"])
def test_exit_alone_leaves(line):
    assert parse_line(line) == Quit()


def test_any_white_space_separates_arguments():
    assert parse_line("/join\u3000dev\u3000key") == Join("dev", "key")
    assert parse_line("/ME\xa0waves  twice") == Act("waves  twice")


def test_what_is_said_keeps_what_is_inside_and_what_emoji_need():
    assert parse_line(" two  words ❤\ufe0f ") == Say("two  words ❤\ufe0f")
    assert parse_line("\u200fשלום") == Say("\u200fשלום")


@pytest.mark.parametrize(
    "text", ["a\n // b", "/* a\n */", "/x\n/y", "//a\nb", "a\n /me b", "  a \n\u200b\n b ", "a\n\u200b/me b"]
)
def test_a_block_is_said_unchanged(text):
    assert parse_line(text) == Say(text) == parse_line(f"\n \n{text}\n\u200b\n")


@pytest.mark.parametrize("text", ["a\n/me b", "／login x\nb", "a\nexit", "a\nb\n/J x\nc", "exit \nb"])
def test_a_command_in_a_block_is_refused_with_all_of_it(text):
    with pytest.raises(BadInput, match="a command is one line by itself"):
        parse_line(text)


def test_only_known_commands_end_a_block():
    assert ends_block("/me x") and ends_block("/ME") and ends_block("／quit") and ends_block("exit ")
    for line in (
        "",
        " /me x",
        "/mex",
        "//me",
        "/* end */",
        "/say hi",
        "exit now",
        " exit",
        "\ufeff/me",
        "/usr/bin/me",
    ):
        assert not ends_block(line)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("3rd warning", Ban("evan10", None, "3rd warning")),
        ("3 days", Ban("evan10", "3 days")),
        ("10min spam", Ban("evan10", "10min", "spam")),
        ("1 week of peace", Ban("evan10", "1 week", "of peace")),
        ("10 spam", Ban("evan10", "10", "spam")),
        ("for 3 dyas", Ban("evan10", "for 3", "dyas")),
    ],
)
def test_what_resembles_a_duration_is_never_a_reason(typed, asked):
    """The command refuses those that are none when it runs."""
    assert parse_line(f"/ban evan10 {typed}") == asked
