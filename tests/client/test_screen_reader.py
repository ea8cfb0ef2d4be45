"""Tests of lines for a screen reader, in memory, against a server that follows a script."""

from __future__ import annotations

import pytest
from twisted.internet.testing import StringTransport

from chatroom.client.conversation import Conversation
from chatroom.client.ui.pipe import MAX_UNANSWERED
from chatroom.client.ui.screen_reader import ScreenReader
from chatroom.client.ui_port import ConnectionState

from .scripted import Server, Source, entered, event, refused, said, welcome

WANTED = {"type": "password_wanted", "command": "login", "nick": "ann", "ref": "c1"}


class Reader:
    """Ann, whose terminal is read out to her."""

    def __init__(self, *, terminal: bool = True) -> None:
        self.files = StringTransport()
        self.echoes: list[bool] = []
        self.plain = ScreenReader(self.echoes.append if terminal else None)
        self.plain.makeConnection(self.files)
        self.ann = Conversation(self.plain, "ann", plain=True)
        self.server = Server(self.ann)
        self.plain.begin(self.ann)
        self.plain.pace(Source())

    def types(self, *lines: str) -> None:
        for line in lines:
            self.plain.dataReceived(line.encode() + b"\n")

    def take(self) -> list[str]:
        text = self.files.value().decode()
        self.files.clear()
        return text.splitlines()


@pytest.fixture
def reader() -> Reader:
    """One that has been let in."""
    reader = Reader()
    reader.server.lets_in()
    reader.take()
    return reader


def test_everything_comes_out_in_plain_words_and_in_order(reader: Reader):
    """What went wrong, too."""
    reader.server.says(said(11, "bob", "hi"), event("joined", 12, "carol"), said(13, "bob", "ho"))
    reader.types("/foo")
    reader.server.says(refused("unknown_command", "There is no command /foo.", ref="c1"))
    time, *lines = reader.take()
    assert time.startswith("Time: ")
    assert lines == [
        "bob says: hi",
        "Notice: In lobby, carol joined.",
        "bob says: ho",
        "Refused: There is no command /foo.",
    ]
    assert reader.plain.status == 0


def test_lines_are_taken_while_the_server_is_away(reader: Reader):
    """As on a terminal; but not without bound."""
    reader.server.breaks()
    reader.types("one", "two")
    assert reader.files.producerState == "producing"
    reader.server.connects()
    reader.server.says(welcome(resumed=True), entered(), {"type": "live"})
    assert [line["text"] for line in reader.server.heard()[-2:]] == ["one", "two"]
    assert reader.take() == ["Connection lost; reconnecting …", "Reconnected."]
    reader.server.breaks()
    reader.types(*["x"] * MAX_UNANSWERED)
    assert reader.files.producerState == "paused"
    assert reader.ann.waiting == MAX_UNANSWERED


def test_one_can_leave_while_the_server_is_away(reader: Reader):
    """Nobody is there to answer."""
    reader.server.breaks()
    reader.types("exit")
    assert reader.ann.state is ConnectionState.ENDED
    assert reader.files.disconnecting


def test_the_end_of_the_input_leaves(reader: Reader):
    """Ctrl-D does that."""
    reader.plain.readConnectionLost()
    assert reader.server.heard() == [{"type": "quit"}]


def test_another_nick_is_asked_for():
    """Once for each that cannot be had."""
    reader = Reader()
    for nick in ("ann", "anna"):
        assert reader.server.connects()["nick"] == nick
        reader.server.says(refused("nick_taken", f"The nick {nick} is taken."))
        assert reader.take() == [f"The nick {nick} is taken.", "Please type another nick."]
        reader.types("anna")
    assert reader.server.heard() == [{"type": "hello", "nick": "anna"}]


def test_a_password_is_the_next_line_and_not_shown(reader: Reader):
    """The echo is off as long as that takes."""
    reader.types("/login")
    reader.server.heard()
    reader.server.says(WANTED)
    [question] = reader.take()
    assert question.startswith("Password for ann: ")
    assert reader.echoes == [False]
    reader.types("s3cret12\r", "hello")
    assert reader.echoes == [False, True]
    login, line = reader.server.heard()
    assert login == {"type": "login", "nick": "ann", "password": "s3cret12", "ref": "c2"}
    assert line["text"] == "hello"


@pytest.mark.parametrize("answer", [b"\n", b"\xff\n"])
def test_no_password_is_sent_that_is_none(reader: Reader, answer: bytes):
    """Neither nothing nor what is no text."""
    reader.types("/login")
    reader.server.heard()
    reader.server.says(WANTED)
    reader.plain.dataReceived(answer)
    assert reader.echoes == [False, True]
    assert reader.server.heard() == []


def test_the_echo_is_on_again_in_the_end(reader: Reader):
    """The next user of the terminal may not know how to switch it on."""
    reader.types("/login")
    reader.server.says(WANTED)
    reader.ann.fail("Interrupted.")
    assert reader.echoes == [False, True]
    assert reader.plain.status == 1


def test_without_a_terminal_no_password_is_asked_for():
    """The next line is it; and there is no bell."""
    reader = Reader(terminal=False)
    reader.server.lets_in()
    reader.types("/login")
    reader.take()
    reader.server.says(WANTED, said(11, "bob", "ann!"))
    assert not any("assword" in line for line in reader.take())
    reader.types("s3cret12")
    assert reader.server.heard()[-1]["password"] == "s3cret12"
    assert "\a" not in reader.files.value().decode()


def test_the_bell_rings(reader: Reader):
    """The bell rings for mentions."""
    reader.server.says(said(11, "bob", "ann!"))
    assert reader.files.value().endswith(b"\a")


@pytest.mark.parametrize("echo", [None, lambda on: None])
def test_a_person_at_a_terminal_types_and_a_program_does_not(echo):
    assert ScreenReader(echo).is_typed is (echo is not None)
