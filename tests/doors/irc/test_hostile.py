"""What strangers send to the IRC door, and what does not come of it."""

import gc

import pytest

from chatroom.dialects.irc.dialect import RENDERED
from chatroom.dialects.irc.message import MAX_LINE, MAX_TAGS
from chatroom.doors.irc.server import CAPABILITIES
from tests.doors.irc.raw import Irc
from tests.house import House, JsonPerson


def test_a_line_is_as_long_as_it_may_be_and_no_longer(ann, bob):
    room = MAX_LINE - 2 - len("PRIVMSG #tea :")
    shown = MAX_LINE - 2 - len(f":{mask_of(ann)} PRIVMSG #tea :")
    bob.new()
    assert ann.says(f"PRIVMSG #tea :{'x' * shown}") == [] and bob.new()[-1].params[-1] == "x" * shown
    assert ann.numbers(f"PRIVMSG #tea :{'x' * (shown + 1)}") == ["417"], "others could not be shown it in one line"
    assert ann.numbers(f"PRIVMSG #tea :{'x' * (room + 1)}") == ["417"] and bob.new() == []


def mask_of(ann):
    return ann.house.irc.server.mask(ann.house.hub.core.people.named("ann"))


def test_tags_are_as_long_as_they_may_be_and_no_longer(ann):
    assert ann.numbers(f"@{'a' * (MAX_TAGS - 2)} PING x") == ["PONG"]
    assert ann.numbers(f"@{'a' * (MAX_TAGS - 1)} PING x") == ["417"]
    assert ann.numbers("@" + "a" * 9000) == ["417"] and ann.numbers("PING x") == ["PONG"]


def test_what_is_not_utf8_is_told_and_not_shown(ann, bob):
    ann.wire.carry(b"PRIVMSG #tea :\xff\xfe\r\n")
    [failed] = ann.new()
    assert failed.params[:2] == ("PRIVMSG", "INVALID_UTF8") and bob.new() == []


@pytest.mark.parametrize(
    "data", [b"\r\n\r\n\n\r", b"   \r\n", b":\r\n", b"@\r\n", b":x\r\n", b"@a=b\r\n", b"@a :x \r\n"]
)
def test_what_is_no_message_is_passed_over(ann, data):
    ann.wire.carry(data)
    assert ann.numbers("PING x")[-1] == "PONG"


@pytest.mark.parametrize("text", ["a\x00b", "a\x1b[2Jb", "a\u202eb", "\x03" + "4red", "a\x02b"])
def test_nothing_that_damages_a_screen_is_passed_on(ann, bob, text):
    bob.says(f"PRIVMSG #tea :{text}", f"PRIVMSG #tea :\1ACTION {text}\1", f"PART #tea :{text}")
    lines = "".join(ann.new_lines())
    assert not set("\x00\x1b\u202e\x02\x03") & set(lines.replace("\1", ""))


def test_a_bare_cr_ends_a_line_and_begins_none_of_anothers(ann, bob):
    ann.wire.carry(b"PRIVMSG #tea :one\r:server 001 bob :two\r\n")
    ann.house.settle()
    assert [one.params[-1] for one in bob.new()] == ["one"]


def test_requests_from_client_to_client_are_not_passed_on(ann, bob):
    assert bob.says("PRIVMSG ann :\1VERSION\1", "PRIVMSG #tea :\1DCC SEND x\1") == [] and ann.new() == []


def test_a_flood_is_slowed_and_loses_nothing():
    house = House()
    ann, bob = Irc(house, "ann"), Irc(house, "bob")
    for one in (ann, bob):
        one.says("JOIN #tea")
    ann.new()
    bob.wire.carry(b"".join(b"PRIVMSG #tea :%d\r\n" % n for n in range(200)))
    house.settle()
    first = len([one for one in ann.new() if one.command == "PRIVMSG"])
    assert first < 60
    house.advance(60)
    assert first + len([one for one in ann.new() if one.command == "PRIVMSG"]) == 200


def test_who_does_not_read_is_told_little_and_misses_nothing(house, ann, bob, program):
    bob.wire.stall()
    for n in range(600):
        program.asks("say", text=f"{n} {'x' * 300}", room="tea")
    assert len(bob.wire.received) < 400_000
    bob.wire.drain()
    house.advance(2)
    said = [one.params[-1].split()[0] for one in bob.new() if one.command == "PRIVMSG"]
    assert said == [str(n) for n in range(600)]


def test_talk_is_rendered_a_few_times_whatever_clients_ask_for(house):
    """One rendering for each set of the capabilities that change it; what nobody uses any longer is forgotten."""
    names, server = sorted(CAPABILITIES), house.irc.server
    ann = Irc(house, "ann")
    for number in range(1, 600):
        ann.says("CAP REQ :" + " ".join(name if number >> at & 1 else f"-{name}" for at, name in enumerate(names)))
    gc.collect()
    assert len(server._dialects) <= 2 ** len(RENDERED) and len(server._looks) <= len(server._dialects) + 2

    everyone = [Irc(house, f"p{n}", *names[n:]) for n in range(len(names))]
    for one in (ann, *everyone):
        one.says("JOIN #tea")
    program = JsonPerson(house)
    program.joins("program", "tea")
    program.asks("say", text="hello", room="tea")
    assert all(one.new()[-1].params[-1] == "hello" for one in everyone)


def test_cap_loops_and_nick_storms_end(house):
    ann = Irc(house, "ann")
    for _ in range(50):
        ann.says("CAP LS 302", "CAP REQ :batch -batch", "CAP END", "NICK ann", "USER a b c :d")
    assert ann.numbers("PING x") == ["PONG"]


@pytest.mark.parametrize(
    "line", ["\1NOPE\1", "X :\1ACTION x\1", "CAP REQ :a :\1ACTION x\1", "NS \1VERSION\1", "JOIN \1"]
)
def test_what_a_client_sends_comes_back_without_control_characters(ann, line):
    ann.wire.carry(f"{line}\r\n".encode())
    lines = ann.new_lines()
    assert lines and "\1" not in "".join(lines)


def test_a_label_cannot_begin_another_tag(house):
    ann = Irc(house, "ann", "labeled-response")
    ann.wire.carry(b"@label=a\tb PING x\r\n@label=\x07 PING y\r\n")
    assert [line.partition(" :")[0] for line in ann.new_lines()] == ["@label=a\\sb", ":chatroom PONG chatroom"]
