"""Tests of the client in a pipeline, in memory, against a server that follows a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.testing import StringTransport

from chatroom.client.conversation import Conversation
from chatroom.client.ui.pipe import MAX_UNANSWERED, Pipe
from chatroom.client.ui.wrapped import Silent, Untimed
from chatroom.client.ui_port import ConnectionState, UserInterface

from .scripted import CLOCK, Server, Source, entered, refused, said, welcome


class Pipeline:
    """A pipe between standard files that remember, and a server."""

    def __init__(self, wrap: Callable[[UserInterface], UserInterface] = lambda ui: ui) -> None:
        self.files = StringTransport()
        self.errors: list[str] = []
        self.pipe = Pipe(self.errors.append)
        self.pipe.makeConnection(self.files)
        self.ann = Conversation(wrap(self.pipe), "ann")
        self.server = Server(self.ann)
        self.pipe.begin(self.ann)
        self.pipe.pace(Source())

    def take(self) -> list[str]:
        text = self.files.value().decode()
        self.files.clear()
        return text.splitlines()

    def sent(self) -> list[str]:
        return [values.get("text", values["type"]) for values in self.server.sent]


@pytest.fixture
def line() -> Pipeline:
    """A pipe that has been let in."""
    line = Pipeline()
    line.server.lets_in()
    line.take()
    return line


def test_plain_lines_come_out():
    """What the text door shows."""
    line = Pipeline()
    line.server.lets_in()
    line.server.says(said(11, "bob", "grüezi"))
    welcomed, room, text = line.take()
    assert welcomed.startswith("-- Welcome, ann.")
    assert room.startswith("-- You are in #lobby.")
    assert text == f"{CLOCK} <bob> grüezi"
    assert line.files.producer is not None


def test_plain_lines_go_in_once_we_are_let_in():
    """In any split; a carriage return is no part of a line."""
    line = Pipeline()
    line.pipe.dataReceived(b"on")
    line.pipe.dataReceived(b"e\r\ntwo\n\nthr")
    line.server.connects()
    line.server.says(welcome(), entered())
    assert line.sent() == []
    line.server.says({"type": "live"})
    assert line.sent() == ["one", "two"]
    line.pipe.dataReceived(b"ee\n")
    assert line.sent() == ["one", "two", "three"]


@pytest.mark.parametrize("wrap", [lambda ui: ui, Silent, lambda ui: Untimed(Silent(ui))])
def test_lines_of_a_program_are_no_corrections(wrap):
    """Whoever prefers s/old/new/ means what they type."""
    line = Pipeline(wrap)
    line.server.lets_in()
    line.pipe.dataReceived(b"s/a/b/\n")
    sent = line.server.heard()[-1]
    assert sent["typed"] is False


def test_the_end_of_the_input_waits_for_every_answer(line: Pipeline):
    """The last line need not have an end."""
    assert IHalfCloseableProtocol.providedBy(line.pipe)
    line.pipe.dataReceived(b"one\ntwo")
    line.pipe.readConnectionLost()
    assert line.sent() == ["one", "two"]
    line.server.answers()
    assert line.sent() == ["quit"]
    line.server.says({"type": "goodbye", "text": "Goodbye."})
    assert line.take() == ["-- Goodbye."]
    assert line.files.disconnecting
    assert line.files.producer is None
    line.pipe.connectionLost()
    assert line.pipe.done.called
    assert (line.pipe.status, line.errors) == (0, [])


def test_no_input_at_all_is_no_mistake():
    """``chatroom < /dev/null`` shows who is there."""
    line = Pipeline()
    line.pipe.readConnectionLost()
    line.server.connects()
    line.server.says(welcome(), entered(), {"type": "live"})
    assert line.sent() == ["quit"]
    line.server.says({"type": "goodbye", "text": "Goodbye."})
    assert line.pipe.status == 0


def test_the_end_of_the_input_waits_for_a_lost_connection_to_come_back(line: Pipeline):
    """What has not arrived is sent again."""
    line.pipe.dataReceived(b"one\n")
    line.pipe.readConnectionLost()
    line.server.heard()
    line.server.breaks()
    assert not line.files.disconnecting
    line.server.connects()
    line.server.says(welcome(resumed=True), entered(), {"type": "live"})
    assert line.sent() == ["one"]
    line.server.answers()
    assert line.sent() == ["quit"]
    assert line.errors == ["-- Connection lost; reconnecting …", "-- Reconnected."]


def test_what_follows_exit_is_not_sent(line: Pipeline):
    """As in any shell."""
    line.pipe.dataReceived(b"hello\nexit\nnever\n")
    assert line.sent() == ["hello", "exit"]
    line.pipe.readConnectionLost()
    line.server.says(said(11, "ann", "hello", ref="c1"), {"type": "goodbye", "text": "Goodbye.", "ref": "c2"})
    assert line.pipe.status == 0
    assert line.files.disconnecting


def test_a_refusal_goes_to_the_errors_and_into_the_status(line: Pipeline):
    """The rest goes on."""
    line.pipe.dataReceived(b"/foo\nhello\n")
    line.pipe.readConnectionLost()
    line.server.says(refused("unknown_command", "No.", ref="c1"), said(11, "ann", "hello", ref="c2"))
    assert line.sent()[-1] == "quit"
    line.server.says({"type": "goodbye", "text": "Goodbye."})
    assert (line.errors, line.pipe.status) == (["!! No."], 1)


def test_what_is_no_text_or_too_long_is_refused_here(line: Pipeline):
    """Nobody keeps more of it than shows that it is too long."""
    line.pipe.dataReceived(b"\xff\n")
    for _ in range(100):
        line.pipe.dataReceived(b"x" * 1000)
    assert line.pipe._lines.buffer == b""
    line.pipe.dataReceived(b"\nok\n")
    assert line.sent() == ["ok"]
    assert line.errors == [
        "!! That line is not UTF-8 (at byte 1), so it was not sent.",
        "!! A line of more than 7,000 bytes cannot be sent.",
    ]
    assert line.pipe.status == 1


def test_input_waits_while_many_lines_are_unanswered(line: Pipeline):
    """``yes | chatroom`` needs no memory."""
    line.pipe.dataReceived(b"y\n" * 1000)
    assert len(line.server.sent) == MAX_UNANSWERED
    assert line.files.producerState == "paused"
    for _ in range(1000 // MAX_UNANSWERED):
        line.server.answers()
        assert len(line.ann.outbox) <= MAX_UNANSWERED
    assert line.files.producerState == "producing"
    line.server.answers()
    assert not line.ann.outbox


def test_input_waits_while_the_server_is_away(line: Pipeline):
    """And for as long as it takes."""
    line.server.breaks()
    line.pipe.dataReceived(b"one\n")
    assert line.files.producerState == "paused"
    line.server.connects()
    line.server.says(welcome(), entered(), {"type": "live"})
    assert line.sent() == ["one"]
    assert line.files.producerState == "producing"


def test_a_nick_that_cannot_be_had_ends_it():
    """Nobody is here to give another one."""
    line = Pipeline()
    line.server.connects()
    line.server.says(refused("nick_taken", "The nick ann is taken. ann2 is free."))
    assert line.errors == ["!! The nick ann is taken. ann2 is free.", "!! Choose another nick with --nick."]
    assert line.files.disconnecting
    assert line.pipe.status == 1


WANTED = {"type": "password_wanted", "command": "login", "nick": "ann", "ref": "c1"}


@pytest.mark.parametrize("early", [True, False])
def test_a_password_is_the_next_line(line: Pipeline, early: bool):
    """As in the text door, whether it comes before the question or after."""
    line.pipe.dataReceived(b"/login\n")
    if early:
        line.pipe.dataReceived(b"s3cret12\nhello\n")
    line.server.says(WANTED)
    if not early:
        line.pipe.dataReceived(b"s3cret12\nhello\n")
    assert line.sent() == ["/login", "login", "hello"]
    assert line.server.sent[1]["password"] == "s3cret12"
    assert (line.errors, line.pipe.status) == ([], 0)


def test_a_new_password_is_not_asked_for_twice(line: Pipeline):
    """No script mistypes it."""
    line.pipe.dataReceived(b"/register\ns3cret12\nhello\n")
    line.server.says({"type": "password_wanted", "command": "register", "nick": "", "ref": "c1"})
    assert line.sent() == ["/register", "register", "hello"]


def test_a_password_that_never_comes_is_an_error(line: Pipeline):
    """The status tells."""
    line.pipe.dataReceived(b"/login\n")
    line.server.says(WANTED)
    line.pipe.readConnectionLost()
    assert line.sent() == ["/login", "quit"]
    assert line.errors == ["!! There is no terminal to ask for the password: give it in the next line."]
    assert line.pipe.status == 1


def test_a_closed_output_ends_quietly(line: Pipeline):
    """As programs in a pipeline do; what was not acknowledged counts all the same."""
    line.pipe.dataReceived(b"one\n")
    line.pipe.writeConnectionLost()
    assert line.sent()[-1] == "quit"
    assert line.ann.state is ConnectionState.ENDED
    assert line.pipe.done.called
    assert (line.errors, line.pipe.status) == ([], 1)
    line.pipe.show("nobody reads this")
    line.pipe.connectionLost()


def test_a_closed_output_is_no_failure_if_all_was_answered(line: Pipeline):
    """``chatroom | head -3`` had what it wanted."""
    line.pipe.writeConnectionLost()
    assert line.pipe.status == 0


def test_a_pipe_that_never_began_has_failed():
    """There is no conversation."""
    pipe = Pipe(print)
    pipe.makeConnection(StringTransport())
    pipe.dataReceived(b"one\n")
    pipe.writeConnectionLost()
    assert pipe.status == 1
