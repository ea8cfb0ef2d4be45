"""Stand-ins for both ends of a conversation: a user interface that remembers, and a server with a script."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from chatroom.chat.command_table import moving, secrets, usages
from chatroom.client.conversation import Conversation
from chatroom.client.ui_port import UserInterface

AT = "2026-11-23T12:34:56.789Z"
CLOCK = time.strftime("%H:%M", time.localtime(1_795_437_296))
"""`AT` as a person here reads it."""


class Ear(UserInterface):
    """A user interface that remembers what it was given."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.complaints: list[str] = []
        self.rings = 0
        self.questions: list[str] = []
        self.preferred: list[tuple[bool | None, bool]] = []
        self.ended = 0

    def show(self, line: str) -> None:
        self.lines.append(line)

    def complain(self, line: str) -> None:
        self.complaints.append(line)

    def ring(self) -> None:
        self.rings += 1

    def want_password(self, question: str) -> None:
        self.questions.append(question)

    def prefer(self, *, coloured: bool | None, plain: bool) -> None:
        self.preferred.append((coloured, plain))

    def end(self) -> None:
        self.ended += 1

    def take(self) -> list[str]:
        """Return the lines shown since the last time."""
        lines, self.lines = self.lines, []
        return lines


class Server:
    """A scripted server without a network."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.sent: list[dict[str, Any]] = []
        self.dropped = False
        self._seq = 0

    # What the conversation calls.

    def send(self, values: Mapping[str, Any]) -> None:
        assert not self.dropped
        # As the other end reads it: lists for tuples, and nothing that changes later.
        self.sent.append(json.loads(json.dumps(values)))

    def drop(self) -> None:
        self.dropped = True

    # What the test calls.

    def connects(self) -> dict[str, Any]:
        """Make the connection; return the hello."""
        self.dropped = False
        self.conversation.connected(self)
        return self.heard()[0]

    def breaks(self) -> None:
        """Lose the connection."""
        self.conversation.lost()

    def says(self, *objects: Mapping[str, Any]) -> None:
        """Send *objects* in one piece."""
        for values in objects:
            self.conversation.receive(json.loads(json.dumps(values)))
        self.conversation.flush()

    def lets_in(self, **changes: Any) -> None:
        """Connect, welcome, enter the lobby, be live."""
        self.connects()
        self.says(welcome(**changes), entered(), {"type": "live"})

    def heard(self) -> list[dict[str, Any]]:
        """Return what was sent since the last time."""
        sent, self.sent = self.sent, []
        return sent

    def answers(self) -> None:
        """Let every line that was sent since the last time be said in the lobby."""
        for line in self.heard():
            self._seq += 1
            self.says(said(10 + self._seq, "ann", line["text"], ref=line["ref"]))


class Source:
    """Something that can be paused."""

    def pauseProducing(self) -> None: ...

    def resumeProducing(self) -> None: ...

    def stopProducing(self) -> None: ...


class Chat:
    """Ann's conversation, her user interface, and the server at the other end."""

    def __init__(self, *rooms: str, echo: bool = False) -> None:
        self.ui = Ear()
        self.ann = Conversation(self.ui, "ann", rooms, echo=echo)
        self.server = Server(self.ann)


def objects(data: bytes) -> list[dict[str, Any]]:
    """Read JSON lines."""
    return [json.loads(line) for line in data.splitlines()]


def wire(*objects: Mapping[str, Any]) -> bytes:
    """Write *objects* as JSON lines."""
    return b"".join(json.dumps(values).encode() + b"\n" for values in objects)


def welcome(nick: str = "ann", **changes: Any) -> dict[str, Any]:
    values = {"type": "welcome", "nick": nick, "resume": "TOKEN", "lasts": 60, "resumed": False, "server": "x"}
    known = {"commands": usages(), "secrets": secrets(), "moves": moving()}
    return {**values, **known, **changes}


def entered(room: str = "lobby", people: Sequence[str] = ("ann", "bob"), seq: int = 10, **more: Any) -> dict[str, Any]:
    return {"type": "room", "room": room, "topic": "", "people": list(people), "seq": seq, "recent": [], **more}


def event(kind: str, seq: int, nick: str, room: str = "lobby", **more: Any) -> dict[str, Any]:
    return {"type": kind, "room": room, "seq": seq, "at": AT, "nick": nick, **more}


def said(seq: int, nick: str, text: str, room: str = "lobby", **more: Any) -> dict[str, Any]:
    return event("said", seq, nick, room, text=text, **more)


def refused(code: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": "refused", "code": code, "text": text, **more}
