"""One reader of typed input: the same line is the same command, or refusal, from every client."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatroom.chat.commands.messages import Say
from chatroom.chat.commands.server import Quit
from chatroom.chat.refusals import Refusal
from chatroom.client.conversation import Conversation
from chatroom.client.ui_port import ConnectionState
from chatroom.dialects.json.dialect import JsonDialect
from chatroom.dialects.json.websocket import WebSocketJsonDialect
from chatroom.dialects.sanitize import clean
from chatroom.dialects.text.dialect import TextDialect
from chatroom.dialects.text.paste import pasted
from tests.client.scripted import Ear
from tests.house import House, JsonPerson, LinePerson
from tests.web_person import WebPerson

NC, JSON, WEB = TextDialect(), JsonDialect(64), WebSocketJsonDialect(64)

SLASHES = "/／⁄∕⧸"
INVISIBLE = " \t\xa0\u3000\u2009\u200b\u200d\u200f\u2060\ufeff\xad\u2800\u3164\u115f\ufe0f\u034f\u061c\U000e0020"
COMMANDS = [
    "me waves",
    "login leaky secret",
    "join dev key",
    "w",
    "J dev",
    "msg bob hi",
    "nonsense",
    "quit",
    "ban a 3 days",
]
SEQUENCES = ["\x1b[A", "\x1bOA", "\x1b[1;5C", "\x1b]0;title\x07", "\x1bb", "\x1b[[A", "\x9bA", "\x07", "\x1b"]

PIECES = st.one_of(
    st.sampled_from(SLASHES),
    st.sampled_from(INVISIBLE),
    st.sampled_from(COMMANDS),
    st.sampled_from(SEQUENCES),
    st.sampled_from(["exit", "//", "hello", "שלום", "🙂", "* end */"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=3),
)
LINES = st.lists(PIECES, max_size=6).map("".join)


def outcome(command: Any) -> Any:
    """Return what comes of a line, whichever room it is for; nothing, if it has nothing that can be seen."""
    if isinstance(command, Refusal):
        return None if "needs a" in str(command) else (type(command), str(command))
    return replace(command, room=None) if hasattr(command, "room") and type(command) is not Quit else command


def from_nc(line: str) -> Any:
    return outcome(NC.decode(line.encode(), True).command)


def from_program(line: str) -> Any:
    return outcome(JSON.decode(json.dumps({"type": "line", "text": line}).encode(), True).command)


def from_page(line: str) -> Any:
    values = {"type": "line", "text": line, "room": "lobby", "ref": "1"}
    return outcome(WEB.decode(json.dumps(values, ensure_ascii=False).encode(), True).command)


class Sent:
    """The server's end of a conversation: keeps what is sent."""

    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []

    def send(self, values: dict[str, Any]) -> None:
        self.objects.append(values)

    def drop(self) -> None: ...


def from_client(line: str) -> Any:
    conversation, server = Conversation(Ear(), "ann"), Sent()
    conversation.connected(server)
    welcome = {"nick": "ann", "resume": "r", "lasts": 1, "resumed": False, "server": "s", "commands": {}}
    entered = {"room": "lobby", "topic": "", "people": ["ann"], "seq": 0, "recent": []}
    for values in ({"type": "welcome", **welcome}, {"type": "room", **entered}, {"type": "live"}):
        conversation.receive(values)
    assert conversation.state is ConnectionState.LIVE
    del server.objects[:]
    conversation.type(line)
    if not server.objects:
        return None
    [values] = server.objects
    return outcome(JSON.decode(json.dumps(values).encode(), True).command)


def is_invisible(character: str) -> bool:
    return character.isspace() or character in INVISIBLE or unicodedata.category(character) in ("Cc", "Cf")


@given(LINES)
@example(" /login leaky secret")
@example("\u200b／login leaky secret")
@example("\ufeff//me x")
@example("\x1b[A")
@example("\u3164\ufe0f")
@example(" exit")
def test_every_client_gets_the_same(line):
    read = from_nc(line)
    assert from_program(line) == read
    assert from_page(line) == read


@given(LINES)
@example(" //me x")
@example(" /login leaky secret")
@example("//me x ")
def test_the_terminal_client_gets_the_same(line):
    assert from_client(line) == from_nc(line)


@given(LINES)
@example("／login leaky secret")
@example("\u2800 \xad/nonsense")
def test_what_begins_with_a_slash_is_never_said_by_accident(line):
    typed = clean(line)
    visible = typed
    while visible and is_invisible(visible[0]):
        visible = visible[1:]
    read = from_nc(line)

    if isinstance(read, Say):
        assert visible[:1] not in SLASHES or typed.startswith("//") or not visible
    elif typed.startswith("//"):
        raise AssertionError(f"{line!r} begins with two slashes, and is not said")


BLOCKS = st.lists(
    LINES | st.sampled_from(["    // say hello", "/* end */", "  /me x", "exit 1"]), min_size=3, max_size=8
)


def ends(line: str) -> bool:
    """Return whether *line* is a known command, not indented, or exit; recognized otherwise than the reader does."""
    typed = clean(line)
    name = typed[1:].split()[0].lower() if typed[1:].split() else ""
    known = (
        typed[:1] in tuple(SLASHES) and not typed[1:2].isspace() and name in {"me", "login", "join", "w", "j", "msg"}
    )
    return known or typed.rstrip() == "exit" or (typed[:1] in tuple(SLASHES) and name in {"quit", "ban", "exit"})


@given(BLOCKS)
@example(["f() {", "    // say hello", "}", "/* end */"])
@example(["/* a", "*/", " /login leaky secret"])
@example(["//", "//", "/me waves"])
def test_every_line_of_a_block_but_a_command_is_said_unchanged(lines):
    data = "\n".join(lines).encode() + b"\n"
    first, _, rest = data.partition(b"\n")
    found = pasted(first, rest, lines=40, size=4096)
    if found is None:
        return
    said = found.text.split("\n")
    cleaned = [clean(line) for line in lines]
    assert said == cleaned[: len(said)]
    assert not any(map(ends, lines[: len(said)]))
    assert from_program(found.text) == from_page(found.text) == Say(found.text.removeprefix("\ufeff"))


@pytest.mark.parametrize("door", [LinePerson, JsonPerson, WebPerson])
@pytest.mark.parametrize(
    "line", [" /login leaky secret", "\u200b／register secret", "\t/nonsense", " //x", "\x1b[A", "\u2800"]
)
def test_nobody_hears_of_it_at_any_door(door, line):
    house = House()
    ann, bob = house.join("ann", door), house.join("bob")
    bob.forget()
    if door is LinePerson:
        ann.types(line)
    else:
        ann.asks("line", text=line)

    assert bob.lines == [] and house.words() == []
