"""Tests of what happens beside the screen: the title, notifications, the bell and the times."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from chatroom.client.conversation import Conversation
from chatroom.client.options import Options, parse
from chatroom.client.ui.attention import MAX_TEXT, MAX_TITLE, osc9, osc777
from chatroom.client.ui.layers import layered
from chatroom.client.ui.status import title

from .scripted import CLOCK, Ear, Server, entered, event, said


class Desk:
    """Ann, with *arguments* on her command line."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None) -> None:
        self.ear = Ear()
        self.clock = Clock()
        options: Options = parse(["there", *arguments])
        ui = layered(
            self.ear,
            options,
            self.clock,
            {"TERM": "xterm", **(environment or {})},
            lambda: title(self.ann, options.where),
        )
        self.ann = Conversation(ui, "ann")
        self.server = Server(self.ann)
        self.server.lets_in()


def test_usually_there_is_nothing_but_the_bell():
    """Escape sequences are for those who want them."""
    desk = Desk()
    desk.server.says(said(11, "bob", "ann!"))
    assert (desk.ear.escapes, desk.ear.rings) == ([], 1)
    assert f"{CLOCK} <bob> ann!" in desk.ear.lines


def test_the_title_names_the_place_and_what_is_unread():
    """And the one before comes back at the end."""
    desk = Desk("--title")
    desk.server.says(entered("games", ["ann", "bob"], 0, ref="c9"))
    desk.server.says(said(1, "bob", "hi", "games"), said(11, "bob", "hi"), said(12, "bob", "ann!"))
    desk.ann.go("lobby")
    desk.ann.end()
    keep, *titles, back = desk.ear.escapes
    assert keep == "\x1b[22;2t"
    assert titles == [
        "\x1b]2;there:2428\x1b\\",
        "\x1b]2;#lobby · there:2428\x1b\\",
        "\x1b]2;#games · there:2428\x1b\\",
        "\x1b]2;(1) #games · there:2428\x1b\\",
        "\x1b]2;(2!) #games · there:2428\x1b\\",
        "\x1b]2;#lobby · there:2428\x1b\\",
    ]
    assert back == "\x1b]2;\x1b\\\x1b[23;2t"


@pytest.mark.parametrize(
    ("kind", "sequence"),
    [("osc9", "\x1b]9;bob in #lobby: ann!\x1b\\"), ("osc777", "\x1b]777;notify;bob in #lobby;ann!\x1b\\")],
)
def test_what_is_meant_for_one_is_notified(kind: str, sequence: str):
    """Not what is said to others; and a flood makes no flood."""
    desk = Desk("--notifications", kind)
    desk.server.says(said(11, "bob", "hi"))
    desk.server.says(said(12, "bob", "ann!"))
    desk.server.says(said(13, "bob", "ann!"))
    assert desk.ear.escapes == [sequence]
    desk.clock.advance(2)
    desk.server.says(event("whispered", 1, "bob", "@a:b", text="psst", to="ann"))
    assert re.sub(r"[:;]psst", ": psst", desk.ear.escapes[-1].replace(": ", ":")).endswith("bob: psst\x1b\\")


def test_tmux_passes_a_notification_on():
    """With every escape doubled."""
    desk = Desk("--notifications", "osc9", environment={"TMUX": "/tmp/tmux-0/default,1,0"})
    desk.server.says(said(11, "bob", "ann!"))
    assert desk.ear.escapes == ["\x1bPtmux;\x1b\x1b]9;bob in #lobby: ann!\x1b\x1b\\\x1b\\"]


@pytest.mark.parametrize("terminal", ["dumb", "linux", ""])
def test_terminals_without_windows_are_sent_nothing(terminal: str):
    """They would show it."""
    desk = Desk("--notifications", "osc9", "--title", environment={"TERM": terminal})
    desk.server.says(said(11, "bob", "ann!"))
    desk.ann.end()
    assert desk.ear.escapes == []


def test_no_notification_is_taken_for_a_progress_bar():
    """OSC 9 with a number and a semicolon is one elsewhere."""
    assert osc9("4;1;50", "x") == "\x1b]9;chatroom: 4;1;50: x\x1b\\"
    assert osc9(" 9 ;", "x").startswith("\x1b]9;chatroom: ")
    assert osc777("a;b", "c;d") == "\x1b]777;notify;a,b;c;d\x1b\\"


@given(st.text(), st.text())
def test_no_text_can_end_a_sequence_or_begin_another(who: str, text: str):
    """Whoever wrote it, and however long it is."""
    for sequence, longest in ((osc9(who, text), MAX_TEXT + 10), (osc777(who, text), MAX_TITLE + MAX_TEXT + 10)):
        inside = sequence.removeprefix("\x1b]").removesuffix("\x1b\\")
        assert inside.isprintable()
        assert len(inside) <= longest + 10
        assert not re.match(r"9;\s*\d+\s*;", inside)


def test_the_bell_can_be_silent():
    """Notifications remain."""
    desk = Desk("--no-bell", "--notifications", "osc9")
    desk.server.says(said(11, "bob", "ann!"))
    assert (desk.ear.rings, len(desk.ear.escapes)) == (0, 1)


def test_times_can_be_hidden(tmp_path: Path):
    """In front of whatever has one, and only there; the log has them."""
    desk = Desk("--no-timestamps", "--log", str(tmp_path / "log"))
    desk.ear.take()
    desk.server.says(said(11, "bob", "at 12:34 <ann>"), event("joined", 12, "carol"), said(13, "x", "12:34 -- no"))
    assert desk.ear.take() == ["<bob> at 12:34 <ann>", "-- carol joined #lobby", "<x> 12:34 -- no"]
    assert f" {CLOCK} <bob> at 12:34 <ann>\n" in (tmp_path / "log").read_text()
