"""At a terminal: the line that is typed, passwords, and what a terminal can show."""

from __future__ import annotations

import re
import struct
from typing import ClassVar

import pytest

from tests.doors.ssh.conftest import PASSWORD
from tests.doors.ssh.test_coming_in import LAPTOP
from tests.ssh_person import SshPerson, TerminalPerson


@pytest.fixture
def ann(comes) -> TerminalPerson:
    return comes("ann", TerminalPerson)


def test_below_everything_is_a_prompt_and_who_and_where_one_is(house, ann):
    house.join("bob")
    house.advance(1)
    ann.waits()
    assert ann.rows[-2:] == ["#lobby>", " ann · #lobby · 2 people"]

    ann.types("/join dev", "/away tea")
    assert ann.rows[-2:] == ["#dev>", " ann · #dev · 1 person · 2 rooms · away"]

    ann.types("/msg bob psst")
    assert ann.rows[-1] == " ann · #dev · 1 person · 2 rooms · away", "a conversation is no room"


@pytest.mark.parametrize("line", ["/status off", "/status"])
def test_the_status_line_can_be_switched_off(house, ann, line):
    ann.types(line)
    assert ann.rows[-1] == "#lobby>"

    ann.types("/status")
    assert ann.rows[-1].startswith(" ann · #lobby")


def test_help_and_tab_know_the_command_for_it(ann):
    ann.types("/help")
    assert ann.heard_of("-- This terminal:") and ann.heard_of("-- /status [on|off] ")

    ann.types("/help status", "/help time")
    assert ann.heard("-- /status [on|off]: show the line below, with who and where you are, or hide it")
    assert ann.heard("-- /time: show the server's time") and not ann.heard_of("!! ")
    for keys in (b"/sta\t", b"of\t"):
        ann.sends(keys)
    assert ann.rows[-2] == "#lobby> /status off"


def test_whatever_else_it_is_switched_to_is_told(ann):
    ann.types("/status maybe")

    assert ann.heard("-- Usage: /status [on|off]") and ann.rows[-1].startswith(" ann · #lobby")


def test_what_is_typed_is_kept_below_what_comes_in(house, ann):
    bob = house.join("bob")
    ann.sends(b"half a li")
    bob.types("hello")
    ann.sends(b"ne")
    assert ann.rows[-3].endswith("<bob> hello") and ann.rows[-2] == "#lobby> half a line"

    ann.sends(b"\r")
    assert bob.talk == ["<ann> half a line"] and ann.rows[-2] == "#lobby>"


def test_what_one_says_is_shown_once_it_is_stored(ann):
    ann.types("hello")

    assert ann.lines[-1] == "<ann> hello" and sum("hello" in row for row in ann.rows) == 1


def test_a_pasted_block_is_one_message(house, ann):
    bob = house.join("bob")
    lines = "\n".join(f"line {n}" for n in range(40))
    ann.sends(b"\x1b[200~" + lines.replace("\n", "\r").encode() + b"\x1b[201~")
    assert not house.words()

    ann.sends(b"\r")
    assert house.words() == [lines] and bob.heard("<ann> line 0")


def test_the_window_may_change_in_mid_word(house, ann):
    ann.sends("schöne Grüße aus 北京 ".encode())
    ann.resizes(20, 24)
    ann.sends("und 🎉".encode() + b"\r")

    assert house.words() == ["schöne Grüße aus 北京 und 🎉"]


def test_tab_completes_commands_nicks_and_rooms(house, ann):
    house.join("bobby")
    for typed, said in (
        (b"/top\t", "/topic "),
        (b"bo\t", "bobby: "),
        (b"/msg bo\t", "/msg bobby "),
        (b"/join #lo\t", "/join #lobby "),
    ):
        ann.sends(b"\x15" + typed)
        assert ann.rows[-2] == f"#lobby> {said}".rstrip(), (typed, ann.rows[-2])


def test_ctrl_c_empties_the_line_and_on_an_empty_one_leaves(house, ann):
    ann.sends(b"oops\x03")
    assert not ann.gone and ann.rows[-2] == "#lobby>"

    ann.sends(b"\x03")
    assert ann.gone and not house.words() and not house.hub.core.people


def test_ctrl_d_leaves(house, ann):
    ann.sends(b"\x04")

    assert ann.gone and ann.heard("-- Goodbye.")


# Passwords.


def test_a_new_password_is_asked_for_twice_and_never_shown(house, ann):
    ann.types("/register", PASSWORD)
    assert ann.rows[-2].startswith("Once more:")
    ann.types(PASSWORD)

    assert ann.heard("-- Logged in as ann.") and not any("horse" in row for row in ann.rows)
    assert b"horse" not in bytes(ann.shown)


def test_two_that_differ_change_nothing(house, ann):
    ann.types("/register", PASSWORD, "another horse")

    assert (
        ann.heard("-- The passwords don't match; nothing has changed.") and not house.hub.core.people.with_accounts()
    )


@pytest.mark.parametrize("key", [b"\x03", b"\x04", b"\r"])
def test_no_password_at_all_is_an_answer_too(house, ann, key):
    ann.types("/register")
    ann.sends(key)

    assert ann.heard("-- No password was given; nothing has changed.") and not ann.gone
    assert ann.rows[-2] == "#lobby>"


def test_what_is_typed_ahead_of_the_question_is_no_line(house, ann):
    bob = house.join("bob")
    ann.sends(f"/register\r{PASSWORD}\r{PASSWORD}\rhello\r".encode())
    house.advance(5)
    ann.waits()

    assert house.words() == ["hello"] and bob.talk == ["<ann> hello"]
    assert ann.heard("-- Logged in as ann.") and "horse" not in "".join(ann.rows)
    for _ in range(5):
        ann.sends(b"\x1b[A")
        assert not any("horse" in row for row in ann.rows)


def test_what_may_be_a_password_is_not_in_the_history_either(house, ann):
    bob = house.join("bob")
    ann.sends(f"hello\r/login nobody\r{PASSWORD}\r".encode())
    house.advance(5)
    ann.waits()
    ann.sends(b"\x1b[A")
    ann.sends(b"\x1b[A")

    assert bob.talk == ["<ann> hello"] and ann.rows[-2] == "#lobby> hello"


def test_passwords_that_were_typed_in_a_line_are_not_in_the_history(ann):
    ann.types("hello", f"/login ann {PASSWORD}")
    ann.sends(b"\x1b[A")

    assert ann.rows[-2] == "#lobby> hello"


# What a terminal can show.


class Plain(TerminalPerson):
    term = b"dumb"


class Coloured(TerminalPerson):
    term = b"xterm-256color"


def test_a_dumb_terminal_is_sent_lines_only(comes, house):
    ann = comes("ann", Plain)
    house.join("bob").types("hello")
    ann.waits()

    assert b"\x1b" not in ann.shown and ann.heard("<bob> hello")


def test_colours_are_for_terminals_that_have_them_and_people_who_want_them(comes, house):
    coloured, without = comes("ann", Coloured), NoColour(house)
    without.joins("carl")
    house.join("bob").types("hello ann")
    coloured.waits()

    assert re.search(rb"\x1b\[[0-9;]+m", coloured.shown) and not re.search(rb"\x1b\[[0-9;]+m", without.shown)


class NoColour(Coloured):
    environment: ClassVar = {b"NO_COLOR": b"1", b"CHATROOM_ROOM": b"dev", b"LD_PRELOAD": b"x"}


@pytest.mark.parametrize("kind", [SshPerson, TerminalPerson])
def test_times_are_those_of_the_persons_zone(house, kind):
    class Away(kind):
        environment: ClassVar = {b"TZ": b"Asia/Tokyo"}

    away, here = Away(house), kind(house)
    away.joins("ann")
    here.joins("bob")
    house.join("carl").types("hello")
    away.types("/time")
    here.waits()

    shown = [re.sub(r"\x1b\[[0-9;]*m", "", one.shown.decode()) for one in (away, here)]
    assert "12:00 <carl> hello" in shown[0] and "12:00:00 JST" in shown[0] and "03:00 <carl> hello" in shown[1]


@pytest.mark.parametrize(
    ("variables", "charset"),
    [
        ({b"LANG": b"de_DE.ISO-8859-1"}, "ISO-8859-1"),
        ({b"LANG": b"C.UTF-8", b"LC_ALL": b"ja_JP.EUC-JP@x"}, "EUC-JP"),
        ({b"LANG": b"de_DE.ISO-8859-1", b"LC_CTYPE": b"de_DE.utf8"}, ""),
        ({b"LANG": b"C"}, ""),
        ({}, ""),
    ],
)
def test_a_terminal_with_another_character_set_is_warned(house, variables, charset):
    class Elsewhere(TerminalPerson):
        environment = variables

    ann = Elsewhere(house)
    ann.joins("ann")
    told = f"-- Your locale says that this terminal has {charset}; everything here is UTF-8."
    assert ann.heard_of("Your locale") is bool(charset)
    assert not charset or ann.lines[0] == told


def test_the_room_may_come_from_the_environment(house):
    person = NoColour(house)
    person.joins("carl")

    assert person.heard_of("You are in #dev.")


def test_screen_readers_are_read_whole_lines(house, ann):
    ann.types("/plain on")
    before = len(ann.shown)
    house.join("bob").types("hello")
    ann.waits()

    assert b"\x1b" not in ann.shown[before:] and b"hello" in ann.shown[before:]


@pytest.mark.parametrize("kind", [TerminalPerson, Plain])
def test_what_stays_on_the_screen_as_it_was_typed_is_not_shown_again(comes, kind):
    """Screen readers would read it twice; what was typed elsewhere is shown."""
    ann = comes("ann", kind, keys=(LAPTOP,))
    ann.types("/plain on", "typed here")
    comes("ann", keys=(LAPTOP,)).types("typed there")
    ann.waits()

    assert ann.shown.count(b"typed here") == 1 and ann.shown.count(b"typed there") == 1


def test_colours_come_back_when_the_screen_reader_is_off_again(comes, house):
    ann, bob = comes("ann", Coloured), house.join("bob")
    ann.types("/plain on", "/plain off")
    before = len(ann.shown)
    bob.types("hello")
    ann.waits()

    assert re.search(rb"\x1b\[[0-9;]+m", ann.shown[before:])


def test_nothing_that_others_say_moves_the_cursor(house, ann):
    bob = house.join("bob")
    before = len(ann.shown)
    bob.types("a\x1b[2Jb\x9bc\x07\x08d", "\x1b]0;title\x07x")
    ann.waits()

    new = bytes(ann.shown[before:])
    assert b"[2J" not in new.replace(b"\x1b[J", b"") and b"title" not in new and b"\x9b" not in new


# Floods.


def test_keys_without_end_leave_others_their_turn(house, ann):
    bob = house.join("bob")
    ann.channel.write(b"x" * 20_000)
    bob.types("hello")
    for _ in range(60):
        ann.waits()

    assert ann.heard("<bob> hello") and not house.words()[1:]


@pytest.mark.slow
def test_a_terminal_that_never_reads_is_bounded(house, ann):
    bob = house.join("bob")
    ann.wire.stall()
    for n in range(300):
        bob.types(f"{n} {'x' * 1000}")
    [session] = [one for one in house.hub.sessions if one.door == "ssh"]
    assert len(ann.wire.held) + len(session.outlet._transport.dataBuffer) <= 2**17

    ann.wire.drain()
    for _ in range(20):
        ann.waits()
    assert [line.split()[1] for line in ann.talk] == [str(n) for n in range(300)]


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (2**31, 2**31), (3, 1), (1000, 1000)])
def test_any_size_will_do(house, size):
    class Odd(SshPerson):
        pass

    ann = Odd(house)
    ann.size = size
    ann.joins("ann")
    house.join("bob").types("hello there, all of you " * 5)
    ann.sends("ä北🎉\r".encode())
    ann.channel.conn.sendRequest(ann.channel, b"window-change", struct.pack(">4L", *size, 0, 0))
    ann.types("/who")

    assert house.words()[-1] == "ä北🎉"


def test_many_keys_at_once_are_drawn_once(ann):
    """Each of a thousand packets drew all that was typed, and nobody else had a turn meanwhile."""
    ann.sends("ä".encode() * 1000)
    before = len(ann.wire.received)
    for _ in range(200):
        ann.channel.write(b"\x02")
    assert len(ann.wire.received) - before < 1000

    ann.sends(b"|\r")
    assert ann.heard("<ann> " + "ä" * 800 + "|" + "ä" * 200)


def test_a_turn_has_fewer_keys_the_more_is_typed(house, ann):
    left = []
    for typed in (b"x" * 10, b"x" * 4000):
        ann.sends(b"\x15" + typed)
        ann.channel.write(b"\x02" * 1000)
        [session] = [one for one in house.hub.sessions if one.door == "ssh"]
        left.append(len(session.outlet._owner._unread))
        ann.waits()

    assert left[0] == 0 and left[1] > 950


def test_a_window_that_is_dragged_is_drawn_once_a_turn(ann):
    ann.sends("ä".encode() * 1000)
    before = len(ann.wire.received)
    for columns in (*range(200, 100, -1), 120):
        ann.screen.resize(60, columns)
        ann.channel.conn.sendRequest(ann.channel, b"window-change", struct.pack(">4L", columns, 60, 0, 0))
    assert len(ann.wire.received) - before < 5000

    ann.sends(b"|\r")
    assert ann.heard("<ann> " + "ä" * 1000 + "|")


def test_what_was_typed_before_the_input_ended_is_said(house, ann):
    for line in (b"one\r", b"two\r", b"three\r"):
        ann.channel.write(line)
    ann.channel.conn.sendEOF(ann.channel)
    ann.waits()

    assert house.words() == ["one", "two", "three"] and ann.gone


def test_the_end_of_the_input_is_no_password(house, ann):
    ann.types("/register")
    assert ann.rows[-2].startswith("Password")
    ann.channel.conn.sendEOF(ann.channel)
    ann.waits()

    assert ann.gone and not house.hub.core.accounts.of("ann")
