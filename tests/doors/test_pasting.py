"""Pasting at the line door: a paste is one message, typed lines are not, and order is kept."""

from __future__ import annotations

import pytest

from chatroom.chat.limits import Limits
from tests.house import JsonPerson, failures

BURST, RATE = Limits().burst, Limits().rate


@pytest.fixture
def house(houses):
    with failures() as broken:
        yield houses()
    assert not broken, broken[0]


@pytest.fixture
def ann(house):
    person = house.join("ann")
    house.advance(1)
    return person


def of(count: int, word: str = "line") -> bytes:
    return b"".join(b"%s %d\n" % (word.encode(), n) for n in range(count))


def text(count: int, word: str = "line") -> str:
    return of(count, word).decode().removesuffix("\n")


def test_a_pasted_block_is_one_event_and_shown_as_such(house, ann):
    bob = house.join("bob")
    ann.sends(b"def f():\n    return 1\n\nf()\n")

    assert house.words() == ["def f():\n    return 1\n\nf()"]
    assert bob.lines[-4:] == ["<ann> def f():", "      |     return 1", "      | ", "      | f()"]


def test_one_or_two_lines_may_have_been_typed(house, ann):
    ann.sends(b"one\ntwo\n")

    assert house.words() == ["one", "two"]


@pytest.mark.parametrize("size", [1, 7])
def test_lines_that_come_one_by_one_were_typed(house, ann, size):
    data = of(5)
    for n in range(0, len(data), size):
        ann.sends(data[n : n + size])

    assert house.words() == [f"line {n}" for n in range(5)]


def test_a_line_begun_before_belongs_to_the_block(house, ann):
    ann.sends(b"begin")
    ann.sends(b"ning\ntwo\nthree\nfo")
    ann.sends(b"ur\n")

    assert house.words() == ["beginning\ntwo\nthree", "four"]


def test_commands_keep_their_place_among_what_is_pasted(house, ann):
    ann.sends(of(3, "a") + b"/me waves\n" + of(3, "b") + b"/topic Tea\n" + of(2, "c") + b"/leave nope\n" + of(3, "d"))

    told = [(event.type, getattr(event, "text", "")) for _, event in house.stored()][1:]
    assert told == [
        ("said", text(3, "a")),
        ("acted", "waves"),
        ("said", text(3, "b")),
        ("topic", ""),
        ("said", "c 0"),
        ("said", "c 1"),
        ("said", text(3, "d")),
    ]
    assert ann.heard_of("!! You are not in #nope.")


@pytest.mark.parametrize(
    "block", ["f() {\n    // say hello\n}\n/* end */", "/* a\n */\n  /me b", "//a\n/b\n ／me c\nexit 1"]
)
def test_every_other_line_of_a_block_is_said_unchanged(house, ann, block):
    ann.sends(block.encode() + b"\n")

    assert house.words() == [block]


@pytest.mark.parametrize("command", ["msg ann", "say", "reply"])
def test_each_line_of_any_block_is_paid_for(house, command):
    """A block that goes to one person costs as much as one that is said."""
    bob, program = house.join("bob"), house.join("program", JsonPerson)
    bob.types("/msg program hi")
    house.advance(20)
    kind, *to = command.split(" ")
    for _ in range(2):
        program.asks(kind, text=text(40), **({"to": "bob"} if to else {}))

    assert program.wire.producerState == "paused"


def test_exit_after_a_block_leaves_after_it(house, ann):
    ann.sends(of(4) + b"exit\nand more\n" + of(3))

    assert house.words() == [text(4)] and ann.gone


def test_a_block_has_so_many_lines_and_the_next_takes_the_rest(house, ann):
    ann.sends(of(45))

    assert house.words() == [text(40), "\n".join(f"line {n}" for n in range(40, 45))]


def test_a_block_fits_into_the_bytes_that_a_text_may_have(houses):
    house = houses(rate=0, line=100)
    ann = house.join("ann")
    ann.sends(b"x" * 30 + b"\n" + b"y" * 30 + b"\n" + b"z" * 30 + b"\nmore\n" + b"w" * 200 + b"\nlast\n")

    assert [len(words) for words in house.words()] == [97, 4]
    assert sum("100 bytes" in line for line in ann.lines) == 1


def test_before_there_is_a_nick_nothing_is_pasted(house):
    wire = house.connect()
    wire.carry(b"bob\n" + of(4))
    house.settle()

    assert house.words() == [f"line {n}" for n in range(4)]


def test_with_a_limit_of_one_line_every_line_is_said_alone(houses):
    house = houses(paste=1)
    house.join("ann").sends(of(5))

    assert house.words() == [f"line {n}" for n in range(5)]


def test_lines_of_a_block_are_paid_for_one_by_one(house, ann):
    ann.sends(of(40))
    ann.sends(of(40))
    assert ann.wire.producerState == "paused" and house.words() == [text(40)] * 2

    ann.sends(b"after\n")
    house.advance((80 - BURST) / RATE)
    assert house.words()[-1] != "after"
    house.advance(1)
    assert house.words()[-1] == "after"


def test_lines_of_a_program_are_paid_for_one_by_one_too(house):
    program = house.join("program", JsonPerson)
    house.advance(2)
    program.asks("say", text=text(40))
    assert program.wire.producerState == "producing"
    program.asks("line", text=text(20))
    assert program.wire.producerState == "paused" and house.words() == [text(40), text(20)]


def test_a_refused_block_does_not_lose_what_follows_it(house, ann):
    house.journal.broken = None
    ann.sends(b"\xfe\n" + of(3) + b"/me waves\n")

    assert ann.heard_of("not UTF-8") and house.words() == [text(3), "waves"]


def test_a_block_from_telnet(house, ann):
    ann.sends(b"\xff\xf1one\r\ntwo\r\0three\r\n")

    assert house.words() == ["one\ntwo\nthree"]
