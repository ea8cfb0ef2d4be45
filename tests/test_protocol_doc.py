"""docs/protocol.md is correct and complete: its examples are run, and every type and field is in it."""

from __future__ import annotations

import dataclasses
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.internet.error import ConnectionLost
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from chatroom.chat.commands import TABLE
from chatroom.chat.events import EVENTS, names_of
from chatroom.chat.hub import Hub
from chatroom.chat.policy import Policy
from chatroom.chat.refusals import Refusal
from chatroom.chat.replies import Reply
from chatroom.doors.line import JsonFactory, LineFactory, TextFactory
from chatroom.doors.outlets.fan_out import fan_out
from chatroom.journal.memory import MemoryJournal
from chatroom.server.runtime import TwistedRuntime
from tests.stand_ins import PlainPasswords

DOC = (Path(__file__).parent.parent / "docs" / "protocol.md").read_text("utf-8")
NOW = 1795437296.789
"""2026-11-23T12:34:56.789Z"""


@pytest.fixture(autouse=True)
def utc() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


class Speaker:
    """One name in an example, connected through a door."""

    def __init__(self, factory: LineFactory, clock: Clock) -> None:
        self._factory = factory
        self._clock = clock
        self.token = ""
        self.connect()

    def connect(self) -> None:
        self._transport = StringTransport()
        self._door = self._factory.buildProtocol(None)
        self._door.makeConnection(self._transport)
        self.unread: list[str] = []

    def breaks(self) -> None:
        self._door.connectionLost(Failure(ConnectionLost()))

    def says(self, line: str) -> None:
        self._door.dataReceived(line.replace("TOKEN", self.token).encode() + b"\n")
        # As many turns as a command may take: to look a room up, to commit, to go live.
        for _ in range(10):
            self._clock.advance(0)

    def hears(self) -> str:
        self.unread += self._transport.value().decode().splitlines()
        self._transport.clear()
        line = self.unread.pop(0) if self.unread else "(nothing)"
        token = re.search(r'"resume":"([^"]+)"', line)
        self.token = token[1] if token else self.token
        return line


def sessions() -> list[tuple[str, str]]:
    return re.findall(r"```(text|json)\n(.*?)```", DOC, re.DOTALL)


@pytest.mark.parametrize(("language", "session"), sessions())
def test_each_example_happens_as_it_is_written(language: str, session: str) -> None:
    clock = Clock()
    clock.advance(NOW)
    journal = MemoryJournal(clock.callLater)
    hub = Hub(TwistedRuntime(clock, clock.seconds), journal, Policy(), "chatroom 1.2.3", fan_out, PlainPasswords())
    hub.open()
    factory = TextFactory(hub, clock) if language == "text" else JsonFactory(hub, clock)
    speakers: dict[str, Speaker] = {}
    for line in session.splitlines():
        name, sign, what = re.fullmatch(r"(\w+)([<>]? )(.*)", line).groups()
        if name not in speakers:
            speakers[name] = Speaker(factory, clock)
        speaker = speakers[name]
        # Somebody's further session has the token from the others.
        speaker.token = speaker.token or next((one.token for one in speakers.values() if one.token), "")
        if sign == "> ":
            speaker.says(what)
        elif sign == "< ":
            heard = speaker.hears().replace(speaker.token or "TOKEN", "TOKEN" if "TOKEN" in what else speaker.token)
            pattern = ".*".join(re.escape(part) for part in what.split("…"))
            assert re.fullmatch(pattern, heard), f"{line}\nbut heard: {heard}"
        elif what == "breaks":
            speaker.breaks()
        else:
            speaker.connect()
    for name, speaker in speakers.items():
        assert speaker.hears() == "(nothing)", name


def row(kind: str, heading: str) -> str:
    section = DOC.split(f"### {heading}\n")[-1].split("\n#")[0]
    found = re.search(rf"^\| `{kind}`.*$", section, re.MULTILINE)
    assert found, f"{kind} has no row under {heading}"
    return found[0]


@pytest.mark.parametrize("name", TABLE)
def test_every_command_is_written_down_with_its_fields(name: str) -> None:
    for field in dataclasses.fields(TABLE[name].make):
        assert f"`{field.name}`" in row(name, "Commands")


@pytest.mark.parametrize("name", [name for name, entry in TABLE.items() if entry.typed])
def test_every_command_that_is_typed_is_written_down_with_its_usage(name: str) -> None:
    # A bar in a table's cell has to be escaped.
    assert f"| `{TABLE[name].usage}`" in DOC.replace(r"\|", "|")


@pytest.mark.parametrize("kind", EVENTS)
def test_every_event_is_written_down_with_its_fields(kind: str) -> None:
    for field in names_of(EVENTS[kind]):
        assert f"`{field}`" in row(kind, "Events")


REPLIES = [one for one in Reply.__subclasses__() if one.__module__.startswith("chatroom.chat")]
"""Those of the house; the IRC door has others, which no program gets."""


@pytest.mark.parametrize("reply", REPLIES, ids=lambda reply: reply.type)
def test_every_reply_is_written_down_with_its_fields(reply: type[Reply]) -> None:
    for field in dataclasses.fields(reply):
        if not field.metadata.get("sent", True):
            continue
        assert f"`{field.name}`" in row(reply.type, "Replies")


REFUSALS = [one for one in Refusal.__subclasses__() if one.__module__.startswith("chatroom.chat")]
"""Those of the house; a door in another process passes them on."""


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.code)
def test_every_code_of_a_refusal_is_written_down(refusal: type[Refusal]) -> None:
    assert f"`{refusal.code}`" in DOC
