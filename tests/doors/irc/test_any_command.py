"""Any command with any parameters: an answer or none, no bug, and nothing that others could not read."""

from __future__ import annotations

from random import Random

import pytest

from chatroom.dialects.irc.message import MAX_LINE
from chatroom.doors.irc.actions import TABLE
from chatroom.doors.irc.server import CAPABILITIES
from tests.doors.irc.raw import Irc

ODD = (
    *(
        "",
        "*",
        "#",
        "#tea",
        "#TEA",
        "@#tea",
        "+#tea",
        "#nope",
        "ann",
        "bob",
        "nobody",
        "0",
        "-1",
        "9" * 40,
        "+b",
        "-t+w",
        "é",
    ),
    *(
        "timestamp=2020-01-01T00:00:00.000Z",
        "timestamp=9999-99-99",
        "msgid=x",
        "msgid=00000000-1.001",
        "LATEST",
        "AROUND",
    ),
    *(
        "SET",
        "GET",
        "SUB",
        "SYNC",
        "CLEAR",
        "display-name",
        "C>1",
        "T<9",
        "!*",
        "#tea,#nope",
        ",",
        "a" * 300,
        "\u202e",
        "=",
        "$a:x",
    ),
)
TAGS = ("", "@label=x ", "@+draft/persist;+x=1 ", "@+draft/react=x;+draft/reply=00000000-1 ", "@batch=b ", "@label= ")


def line(random: Random, command: str) -> str:
    words = [random.choice(ODD) for _ in range(random.randrange(5))]
    middle = [word for word in words[:-1] if word and " " not in word and word[0] != ":"]
    return f"{random.choice(TAGS)}{' '.join([command, *middle])}{f' :{words[-1]}' if words else ''}"


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("command", sorted(TABLE))
def test_whatever_is_asked_is_answered_or_not_and_goes_on(house, ann, bob, program, command, named):
    random = Random(command)
    program.asks("say", text="hello", room="tea")
    client = None
    for _ in range(60):
        if client is None or client.gone:
            client = Irc(house, "", *CAPABILITIES)
            if named:
                client.says("NICK cat", "USER c 0 * :Cat", "CAP END", "JOIN #tea")
        client.new_lines()
        client.wire.carry(f"{line(random, command)}\r\n".encode())
        for one in (*client.new_lines(), *bob.new_lines()):
            rest = one.partition(" ")[2] if one.startswith("@") else one
            assert len(rest.encode()) <= MAX_LINE - 2 and rest.replace("\1", "").isprintable()
    assert bob.numbers("PING x")[-1] == "PONG" and not bob.gone
