"""``kill -9`` while people with several sessions chat: each screen shows each line once, all in one order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from .clients import JsonClient, Object
from .processes import Started, program, wait_until
from .server import Server
from .terminals import Terminal, Terminals
from .test_web import Tab

pytestmark = pytest.mark.slow

LINES, KILLS = 1000, 5
PASSWORD = "tulips-in-the-rain"
LINE = re.compile(r"> (line \d+)\r?$", re.MULTILINE)
"""A numbered line on a screen."""


class Device:
    """
    A session that can resume, and what it was shown.

    :param door: `JsonClient` or `Tab`.
    """

    def __init__(self, nick: str, door: type[Any], **hello: Any) -> None:
        self.nick, self.door = nick, door
        self.hello = hello
        """What it says when it comes for the first time."""
        self.shown: list[Object] = []
        self.sent: list[str] = []
        """All that it has said; the refs count them."""
        self.unanswered: dict[str, str] = {}
        self.client: Any = None
        self.token = ""

    def connect(self, port: int) -> None:
        """Come in, or come back and say again what was not stored."""
        asked = self.hello
        if self.token:
            asked = {"resume": self.token, "seen": {"lobby": self.shown[-1]["seq"]}}
        self.client = self.door(port, self.nick, **asked)
        self.token = self.client.welcome["resume"]
        for value in self.client.met:
            self._told(value)
        for ref, text in self.unanswered.items():
            self._say(ref, text)

    def says(self, text: str) -> None:
        """Say *text*, and do not wait for anything."""
        ref = str(len(self.sent))
        self.sent.append(text)
        self.unanswered[ref] = text
        self._say(ref, text)

    def reads_until(self, seq: int) -> None:
        """Read until the event *seq* was shown."""
        while self.shown[-1]["seq"] < seq:
            self._told(self.client.object())

    def reads_answers(self) -> None:
        """Read until all that it has said was answered."""
        while self.unanswered:
            self._told(self.client.object())

    def reads_to_the_end(self) -> None:
        """The server is dead: read what it had sent."""
        with suppress(EOFError, ConnectionError, ConnectionClosed):
            while True:
                self._told(self.client.object())

    @property
    def lines(self) -> list[str]:
        """The numbered lines that it was shown."""
        return [value["text"] for value in self.shown if value["type"] == "said"]

    def _say(self, ref: str, text: str) -> None:
        ask = self.client.asks if self.door is Tab else self.client.ask
        ask("say", room="lobby", text=text, ref=ref)

    def _told(self, value: Object) -> None:
        if value["type"] == "logged_in":
            self.token = value["resume"]
        if value["type"] in ("room", "read") or value.get("room") != "lobby" or "seq" not in value:
            return
        assert not self.shown or value["seq"] == self.shown[-1]["seq"] + 1, (self.shown[-1], value)
        self.shown.append(value)
        ref = value.get("ref")
        if value["type"] == "said":
            # Its own with its ref and no others, and of those by its person's other sessions, that they are its own.
            mine = value["text"] in self.sent
            assert (ref is not None and self.sent[int(ref)] == value["text"]) if mine else ref is None, value
            assert value.get("own", False) is (value["nick"] == self.nick and not mine), value
        self.unanswered.pop(ref, None)


class Typist:
    """dora with a program that cannot resume: nc, or telnet; use it in a ``with`` statement."""

    def __init__(self, name: str, port: int) -> None:
        self.started = Started([program(name), "127.0.0.1", str(port)])
        self.started.until("What is your nick")
        self.started.type("dora\n")
        self.started.until("Password for dora")
        self.started.type(f"{PASSWORD}\n")
        self.started.until("Logged in as dora")


def check_screen(screen: str, stored: list[str]) -> None:
    """Check that *screen* has no line twice, and all in the order in which they are *stored*."""
    places = [stored.index(line) for line in LINE.findall(screen)]
    assert places == sorted(set(places)), screen


def sit_down(terminals: Terminals, port: int) -> Terminal:
    """Let dora come in with the terminal client."""
    terminal = terminals.open("chatroom", program("chatroom"), f"localhost:{port}", "--nick", "dora")
    terminal.until("dora is a registered nick")
    terminal.type(PASSWORD)
    terminal.until("Logged in as dora")
    return terminal


def settle_accounts(port: int) -> None:
    for nick in ("dora", "bob"):
        with JsonClient(port, nick) as person:
            person.ask("register", password=PASSWORD)
            person.until("logged_in", account=nick)
            person.ask("quit")
            person.until("goodbye")


@pytest.fixture
def devices() -> list[Device]:
    """Those who can resume: two of dora, two of bob, and a guest."""
    known = {"password": PASSWORD, "rooms": ["lobby"]}
    return [
        Device("dora", JsonClient, **known),
        Device("dora", Tab, **known),
        Device("bob", JsonClient, **known),
        Device("bob", Tab, **known),
        Device("eve", JsonClient, rooms=["lobby"]),
    ]


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    with Terminals(tmp_path) as terminals:
        yield terminals


@pytest.mark.timeout(180)
def test_each_line_is_once_and_in_one_order_on_every_screen(
    server: Server, devices: list[Device], terminals: Terminals
):
    random, screens = Random(2428), []
    settle_accounts(server.port)
    numbers, speakers = iter(range(LINES)), cycle(devices)
    terminal = None
    for killed in range(KILLS + 1):
        for device in devices:
            device.connect(server.port)
        terminal = terminal or sit_down(terminals, server.port)
        with ExitStack() as stack:
            for name in ("nc", "telnet"):
                typist = Typist(name, server.port)
                stack.enter_context(typist.started)
                screens.append(typist.started)
            for _ in range(LINES // (KILLS + 1) + 1):
                number = next(numbers, None)
                if number is not None:
                    next(speakers).says(f"line {number}")
            if killed < KILLS:
                watcher = random.choice(devices)
                watcher.reads_until(watcher.shown[-1]["seq"] + random.randrange(LINES // (KILLS + 1)))
                server.kill()
                for device in devices:
                    device.reads_to_the_end()
                server.start()
            else:
                for device in devices:
                    device.reads_answers()
                last = max(device.shown[-1]["seq"] for device in devices)
                for device in devices:
                    device.reads_until(last)
                stored = devices[0].lines
                for one in screens[-2:]:
                    one.until(re.escape(stored[-1]))

    assert sorted(stored, key=lambda line: int(line.split()[1])) == [f"line {number}" for number in range(LINES)]
    for device in devices:
        assert device.lines == stored, device.nick
    wait_until(lambda: LINE.findall(terminal.screen) == stored, lambda: terminal.screen)
    for one in screens:
        check_screen(one.output, stored)
    assert "Traceback" not in server.log
