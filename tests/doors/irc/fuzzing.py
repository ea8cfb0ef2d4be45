"""A house with IRC clients that send anything, and people at several doors who must be shown nothing bad of it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from chatroom.chat.people.accounts import Account
from chatroom.chat.policy import Policy
from chatroom.dialects.irc.message import MAX_LINE, parse
from chatroom.dialects.sanitize import clean_lines
from chatroom.doors.irc.server import CAPABILITIES
from tests.doors.irc.hostile import ADMIN, ADMIN_SECRET, CHANNELS, Stranger
from tests.house import START, House, failures
from tests.wires import Wire

STRANGERS = 3
AT_ONCE = 8
"""Lines that a stranger sends in one go."""
OPENINGS = {
    "nc": b"nc\n/join tea\n/numbers on\n",
    "program": b'{"type":"hello","nick":"program","rooms":["lobby","tea"]}\n',
    "reader": b"NICK reader\r\nUSER a 0 * :A\r\nJOIN #lobby,#tea\r\n",
    "bob": b"CAP REQ :%b\r\nCAP END\r\nNICK bob\r\nUSER a 0 * :A\r\nJOIN #lobby,#tea\r\n"
    % " ".join(CAPABILITIES).encode(),
}
"""What those who only look send when they come, or come again."""

QUESTIONS = {
    "nc": ("/whois {}", "/msg {} hi", "/history 30", "/who", "/rooms", "/search tea", "/seen {}"),
    "program": (
        '{{"type":"whois","nick":"{}"}}',
        '{{"type":"msg","to":"{}","text":"hi"}}',
        '{{"type":"history","count":30,"all":true}}',
        '{{"type":"who","room":"tea"}}',
    ),
    "reader": ("WHOIS {}", "PRIVMSG {} :hi", "CHATHISTORY LATEST #lobby * 30", "CHAT history 30", "MODE #tea b"),
    "bob": ("WHOWAS {}", "WHO {}", "CHATHISTORY LATEST #tea * 30", "WHO #lobby %tcuhnfar,1", "LIST", "NAMES #tea"),
}
"""What they ask about somebody now and then."""

_COMMAND = re.compile(r"[A-Z]{3,}|\d{3}")
_SOURCE = re.compile(r"[^ !@]+![^ !@]+@[^ !@]+|chatroom")
_SECRET = re.compile(rb"secret(\d+)x")
_UNSEEN = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFFF9, 0xFFFC))}
"""Characters that make text read backwards, or hide it; nobody is shown any."""


class Fuzz:
    """
    One house, one crowd.

    :param random: what everything is chosen by.
    """

    def __init__(self, random: Random) -> None:
        self.random = random
        self.house = House(rate=0, byte_rate=0, registrations=10_000, policy=Policy(plain_login=True))
        chief = Account(ADMIN, ADMIN, ADMIN, f"plain:{ADMIN_SECRET}", admin=True, since=START, seen=START)
        self.house.journal.change_from_outside([chief.kept()])
        self.house.settle()
        self.makers = [Stranger(random, number) for number in range(STRANGERS)]
        # The first one is the operator of #tea.
        self.strangers = [self._stranger(number) for number in range(STRANGERS)]
        self.people = {name: self._person(name) for name in OPENINGS}

    def _person(self, name: str) -> Wire:
        wire: Wire = self.house.connect()
        wire.carry(OPENINGS[name])
        self.house.advance(1)
        return wire

    def _stranger(self, number: int) -> Wire:
        """Let a stranger come, who has most often a nick, and is in rooms."""
        random = self.random
        wire: Wire = self.house.connect()
        core, nick = self.house.hub.core, f"s{number}"
        if nick in core.nicks or core.accounts.of(nick) is not None:
            nick += f"x{random.randrange(10**6)}"
        some = f"CAP LS 302\r\nCAP REQ :{' '.join(random.sample(list(CAPABILITIES), 9))}\r\nCAP END\r\n"
        named = f"NICK {nick}\r\nUSER s 0 * :S\r\nJOIN #tea,#lobby,{random.choice(CHANNELS)}\r\n"
        wire.carry(random.choice([named] * 6 + [some + named] * 12 + ["CAP LS\r\n"]).encode())
        self.house.settle()
        return wire

    def run(self, lines: int) -> None:
        """Let strangers send about so many *lines*, and look at what comes of them."""
        random = self.random
        with failures() as broken:
            for _ in range(0, lines, AT_ONCE):
                number = random.randrange(STRANGERS)
                wire = self.strangers[number]
                if wire.cut:
                    wire = self.strangers[number] = self._stranger(number)
                data = b"".join(self.makers[number].line() for _ in range(AT_ONCE))
                for piece in _cut(random, data):
                    wire.carry(piece)
                    if random.random() < 0.3:
                        self.house.settle()
                self._goes_on(wire)
                self.house.settle()
                assert not broken, f"{data!r}\n{broken[0]}"
                self.check()
            self.house.advance(120)
            self.check()
        assert not broken, broken[0]

    def _goes_on(self, wire: Wire) -> None:
        """Let time pass now and then, or a stranger go."""
        what = self.random.randrange(30)
        if what == 0:
            wire.vanish()
        elif what == 1:
            wire.half_close()
        elif what == 2:
            self.house.advance(self.random.choice([1, 20, 100]))

    def check(self) -> None:
        """Let somebody ask something, and look at what everyone has been shown since the last time."""
        name = self.random.choice(list(QUESTIONS))
        whom = self.random.choice(["s0", *(person.nick for person in self.house.hub.core.people.values())])
        self.people[name].carry(self.random.choice(QUESTIONS[name]).format(whom).encode() + b"\n")
        self.house.settle()
        for name, wire in self.people.items():
            CHECKS.get(name, _check_irc)(_read(wire))
            if wire.cut:
                self.people[name] = self._person(name)
        for number, wire in enumerate(self.strangers):
            _check_irc(_read(wire), str(number).encode())


def _cut(random: Random, data: bytes) -> Iterator[bytes]:
    places = sorted(random.randrange(len(data) + 1) for _ in range(random.choice([0, 1, 8])))
    return (data[start:end] for start, end in pairwise([0, *places, len(data)]))


def _read(wire: Wire) -> bytes:
    """Take what *wire* has received; some of the last line may be missing."""
    end = wire.received.rfind(b"\n") + 1
    data = bytes(wire.received[:end])
    del wire.received[:end]
    return data


def _check_secrets(data: bytes, own: bytes = b"") -> None:
    others = set(_SECRET.findall(data)) - {own}
    assert not others, f"a password of {others}: {data!r}"


def _check_text(data: bytes) -> None:
    _check_secrets(data)
    for line in data.decode().split("\n"):
        bad = [one for one in line if one in _UNSEEN or unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
        assert not bad, line


def _check_objects(data: bytes) -> None:
    _check_secrets(data)
    for line in data.decode().split("\n")[:-1]:
        for text in _texts(json.loads(line)):
            assert clean_lines(text) == text, line


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        yield from _texts([*value, *value.values()])


def _check_irc(data: bytes, own: bytes = b"") -> None:
    """Check that each line is one of IRC, from the server or a person, and short enough."""
    _check_secrets(data, own)
    assert not data or data.endswith(b"\r\n")
    for line in data.decode().split("\r\n")[:-1]:
        message, shown = parse(line), line.partition(" ")[2] if line.startswith("@") else line
        assert len(shown.encode()) <= MAX_LINE - 2 and len(line.encode()) - len(shown.encode()) <= 8191, line
        assert _COMMAND.fullmatch(message.command) and (not message.source or _SOURCE.fullmatch(message.source)), line
        last = message.params[-1] if message.params else ""
        action = last.startswith("\1ACTION ") and last.endswith("\1") and len(last) > 9
        assert line.count("\1") == (2 if action else 0), line
        bad = [
            one for one in line if one != "\1" and (one in _UNSEEN or unicodedata.category(one) in ("Cc", "Zl", "Zp"))
        ]
        assert not bad, line


CHECKS = {"nc": _check_text, "program": _check_objects}
"""How to look at what those have been shown who have no IRC client."""
