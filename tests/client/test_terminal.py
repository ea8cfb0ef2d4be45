"""Tests of the terminal: a keyboard made of a pipe, and a screen that nobody looks at."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from prompt_toolkit import PromptSession
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from chatroom.client.conversation import Conversation
from chatroom.client.ui.chat_keys import LEAVE_HINT
from chatroom.client.ui.terminal import Terminal
from chatroom.client.ui_port import ConnectionState

from .scripted import CLOCK, Server, entered, event, refused, said

WANTED = {"type": "password_wanted", "command": "login", "nick": "ann", "ref": "c1"}


class Screen(DummyOutput):
    """A screen of 80 columns that remembers everything written to it."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, data: str) -> None:
        self.text += data

    write_raw = write

    def erase_screen(self) -> None:
        self.text += "<cleared>"

    def ask_for_cpr(self) -> None:
        raise AssertionError("nobody reads the answer")


class FakeTerminal:
    """Ann at her terminal."""

    def __init__(self, keys: PipeInput, coloured: bool) -> None:
        self.keys = keys
        self.screen = Terminal("there:2428", coloured=coloured)
        self.ann = Conversation(self.screen, "ann", echo=True)
        self.server = Server(self.ann)

    async def types(self, keys: str) -> None:
        """Press *keys*, and wait until they have been read."""
        self.keys.send_text(keys)
        await self.rests()

    async def rests(self) -> None:
        """Let everything happen that can happen now."""
        for _ in range(30):
            await asyncio.sleep(0)

    @property
    def prompt(self) -> PromptSession[str]:
        """The current question."""
        assert self.screen._prompt is not None
        return self.screen._prompt

    def history(self) -> list[str]:
        """What can be called back."""
        return self.prompt.history.get_strings()

    def sent(self) -> list[str]:
        return [values.get("text", values["type"]) for values in self.server.heard()]


def at_a_terminal(play: Callable[[FakeTerminal], Awaitable[None]], coloured: bool = False) -> str:
    """Run *play* with a terminal whose prompt is shown; it must end the conversation. Return what was shown."""
    output = Screen()

    async def run() -> None:
        with create_pipe_input() as keys, create_app_session(input=keys, output=output):
            terminal = FakeTerminal(keys, coloured)
            running = asyncio.ensure_future(terminal.screen.run(terminal.ann))
            await terminal.rests()
            await play(terminal)
            await asyncio.wait_for(running, 10)

    asyncio.run(run())
    return output.text


def test_what_is_typed_is_sent_and_ctrl_d_leaves():
    """Only on an empty line; ctrl-C empties it."""

    async def play(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        await terminal.types("hello\r")
        assert terminal.sent() == ["hello"]
        await terminal.types("half typed\x03")
        await terminal.types("again\r")
        assert terminal.sent() == ["again"]
        await terminal.types("\x04")
        assert terminal.sent() == ["quit"]
        terminal.server.says({"type": "goodbye", "text": "Goodbye."})

    at_a_terminal(play)


def test_ctrl_c_on_an_empty_line_says_how_to_leave_and_twice_leaves():
    """In a row: what is typed in between means to stay."""

    async def play(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        await terminal.types("\x03")
        await terminal.types("hello\r")
        await terminal.types("\x03")
        await terminal.types("oops\x03")
        await terminal.types("\x03")
        assert terminal.sent() == ["hello"]
        await terminal.types("\x03")
        assert terminal.sent() == ["quit"]
        terminal.server.says({"type": "goodbye", "text": "Goodbye."})

    assert at_a_terminal(play).count(LEAVE_HINT) == 3


def test_ctrl_c_twice_leaves_wherever_one_is():
    """Also where no server answers, and while a nick is asked for."""

    async def offline(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        terminal.server.breaks()
        await terminal.types("\x03\x03")
        assert terminal.ann.state is ConnectionState.ENDED

    async def nameless(terminal: FakeTerminal) -> None:
        terminal.server.connects()
        terminal.server.says(refused("nick_taken", "Taken."))
        await terminal.types("\x03\x03")
        assert terminal.ann.state is ConnectionState.ENDED

    at_a_terminal(offline)
    at_a_terminal(nameless)


def test_alt_and_a_number_go_to_a_room_and_alt_a_to_the_most_urgent():
    """What is half typed comes along."""

    async def play(terminal: FakeTerminal) -> None:
        screen, server = terminal.screen, terminal.server
        server.lets_in()
        server.says(entered("games", ["ann"], 0, ref="c8"), entered("dev", ["ann"], 0, ref="c9"))
        server.says(said(1, "bob", "hi", "games"), said(11, "bob", "ann!"))
        assert screen._status().startswith(" ann · #dev · [1:lobby 1! 2:games 1] · 1 person")
        await terminal.types("half\x1ba")
        assert screen._invitation() == "#lobby> "
        await terminal.types("\x1ba")
        assert screen._invitation() == "#games> "
        await terminal.types("\x1ba\x1b9\x1b3 typed\r")
        assert screen._invitation() == "#dev> "
        assert [line["room"] for line in server.heard()] == ["dev"]
        server.says(event("whispered", 1, "bob", "@a:b", text="psst", to="ann"))
        await terminal.types("\x1b4hello\r")
        assert screen._invitation() == "@bob> "
        assert screen._status() == " ann · @bob · connected to there:2428"
        assert [line["room"] for line in server.heard()] == ["@a:b"]
        terminal.ann.end()

    at_a_terminal(play)


def test_clear_clears_the_screen():
    """Once, and no server hears of it; the terminal is asked nothing that nobody would read the answer to."""

    async def play(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        await terminal.types("/clear\r")
        assert terminal.sent() == []
        terminal.ann.end()

    assert at_a_terminal(play).count("<cleared>") == 1


def test_several_pasted_lines_are_said_as_one():
    """Bracketed paste brings them together, and Enter sends them together."""

    async def play(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        await terminal.types("\x1b[200~one\n  two\x1b[201~\r")
        assert terminal.sent() == ["one\n  two"]
        terminal.ann.end()

    at_a_terminal(play)


def test_a_password_is_asked_for_unseen():
    """It is not among what was typed, and whatever was typed before the question belongs to it."""

    async def play(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        await terminal.types("/login\r")
        terminal.server.heard()
        assert (terminal.prompt.is_password, terminal.prompt.message) == (True, "Waiting for the server: ")
        await terminal.types("s3cr")
        terminal.server.says(WANTED)
        await terminal.rests()
        prompt = terminal.prompt
        assert (prompt.is_password, prompt.message) == (True, "Password for ann: ")
        await terminal.types("et12\r")
        assert terminal.server.heard() == [{"type": "login", "nick": "ann", "password": "s3cret12", "ref": "c2"}]
        await terminal.types("and sent\r")
        assert terminal.sent() == ["and sent"]
        assert not terminal.prompt.is_password
        assert terminal.history() == ["/login", "and sent"]
        terminal.ann.end()

    at_a_terminal(play)


@pytest.mark.parametrize("keys", ["\r", "s3cret12\x03", "\x04"])
def test_no_password_need_be_given(keys: str):
    """An empty answer, ctrl-C and ctrl-D let it be, and nobody leaves for that."""

    async def play(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        await terminal.types("/login\r")
        terminal.server.heard()
        terminal.server.says(WANTED)
        await terminal.rests()
        await terminal.types(keys)
        await terminal.types("hello\r")
        assert terminal.sent() == ["hello"]
        terminal.ann.end()

    at_a_terminal(play)


def test_a_password_question_ends_with_the_conversation():
    """Whatever stands in it."""

    async def play(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        await terminal.types("/login\r")
        terminal.server.says(WANTED)
        await terminal.types("s3cr")
        terminal.ann.fail("Interrupted.")

    at_a_terminal(play)


def test_what_holds_a_password_cannot_be_called_back():
    """Everything else can."""

    async def play(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        await terminal.types("hello\r")
        for ref, line in enumerate(("/login ann s3cret12", " /login ann s3cret12", "／login ann s3cret12"), 2):
            await terminal.types(f"{line}\r")
            terminal.server.says({"type": "logged_in", "account": "ann", "role": "", "resume": "T", "ref": f"c{ref}"})
            await terminal.rests()
        await terminal.types("/join dev sesame\r/join tea\r")
        terminal.server.says(entered(ref="c5"), entered(ref="c6"))
        await terminal.rests()
        assert terminal.history() == ["hello", "/join tea"]
        await terminal.types("\x1b[A\x1b[A\r")
        assert terminal.sent()[-1] == "hello"
        terminal.ann.end()

    at_a_terminal(play)


def test_who_prefers_it_plain_has_no_status_line_and_no_colours(capsys: pytest.CaptureFixture[str]):
    """And has them again when they like."""

    async def play(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        terminal.screen.prefer(coloured=None, plain=True)
        assert terminal.prompt.bottom_toolbar is None
        terminal.screen.show("12:34 <bob> plain")
        terminal.screen.prefer(coloured=None, plain=False)
        assert terminal.prompt.bottom_toolbar is not None
        terminal.ann.end()

    at_a_terminal(play, coloured=True)
    screen = Terminal("there:2428", coloured=True)
    screen.show("12:34 <bob> coloured")
    screen.prefer(coloured=False, plain=False)
    screen.show("12:34 <bob> uncoloured")
    screen.prefer(coloured=True, plain=True)
    screen.show("12:34 <bob> plain")
    coloured, uncoloured, plain = capsys.readouterr().out.splitlines()[-3:]
    assert "\x1b[" in coloured
    assert (uncoloured, plain) == ("12:34 <bob> uncoloured", "12:34 <bob> plain")


def test_the_status_line_says_what_one_is_if_there_is_room():
    """An account, an operator of this room, or an admin."""

    async def play(terminal: FakeTerminal) -> None:
        screen, server = terminal.screen, terminal.server
        server.lets_in()
        server.says(entered(role="account"))
        assert screen._status() == " ann (account) · #lobby · 2 people · connected to there:2428"
        server.says(entered(role="operator"))
        assert screen._status().startswith(" ann (op) · ")
        server.says({"type": "logged_in", "account": "ann", "role": "admin", "resume": "T"})
        assert screen._status().startswith(" ann (admin) · ")
        server.says(entered("a" * 32, role="operator", ref="c9"))
        assert screen._status().startswith(" ann · #aaa")
        terminal.ann.end()

    at_a_terminal(play)


def test_a_conversation_that_ends_takes_the_prompt_with_it():
    """Whatever stands in it."""

    async def play(terminal: FakeTerminal) -> None:
        terminal.server.lets_in()
        await terminal.types("half typed")
        terminal.ann.fail("Interrupted.")

    at_a_terminal(play)


def test_a_conversation_that_has_ended_shows_no_prompt():
    """The server could not be reached."""

    async def run() -> None:
        screen = Terminal("there:2428", coloured=True)
        ann = Conversation(screen, "ann")
        ann.fail("Cannot reach it.")
        with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
            await screen.run(ann)

    asyncio.run(run())


def test_a_conversation_may_end_while_the_prompt_is_coming_up():
    """Then the prompt goes again at once."""

    async def run() -> None:
        with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
            terminal = FakeTerminal(keys, coloured=False)
            running = asyncio.ensure_future(terminal.screen.run(terminal.ann))
            await asyncio.sleep(0)
            terminal.ann.end()
            await asyncio.wait_for(running, 10)

    asyncio.run(run())


def test_the_prompt_and_the_status_line_say_where_one_is():
    """And whether anyone hears."""

    async def play(terminal: FakeTerminal) -> None:
        screen, server = terminal.screen, terminal.server
        assert screen._invitation() == "> "
        server.connects()
        server.says(refused("nick_taken", "Taken."))
        assert screen._invitation() == "Your nick: "
        assert screen._status() == " ann · waiting for a nick, there:2428"
        terminal.ann.type("anna")
        server.lets_in(nick="anna")
        assert screen._invitation() == "#lobby> "
        assert screen._status() == " anna · #lobby · 2 people · connected to there:2428"
        server.says(entered("dev", ["anna"], ref="c9"))
        server.breaks()
        terminal.ann.type("one")
        assert screen._status() == " anna · #dev · 1 person · reconnecting to there:2428 · 1 line waiting"
        terminal.ann.type("two")
        assert screen._status().endswith("2 lines waiting")
        server.lets_in(nick="anna")
        terminal.ann.leave()
        assert "saying goodbye" in screen._status()
        terminal.ann.leave()
        assert terminal.ann.state is ConnectionState.ENDED

    at_a_terminal(play)


@pytest.mark.parametrize("coloured", [False, True])
def test_lines_are_printed_clean(capsys: pytest.CaptureFixture[str], coloured: bool):
    """Whatever a server sends; colours only if they are wanted; a bell for what is meant for one."""
    screen = Terminal("there:2428", coloured=coloured)
    ann = Conversation(screen, "ann", echo=True)
    screen.show("12:34 <bob> one\x1b[2J\x07")
    server = Server(ann)
    server.lets_in()
    server.says(said(11, "bob", "ann!"))
    out = capsys.readouterr().out
    assert ("\x1b[" in out) is coloured
    assert "\x1b[2J" not in out
    assert out.count("\a") == 1
    if not coloured:
        assert f"{CLOCK} <bob> ann!\n" in out


def test_a_screen_without_a_conversation_says_nothing():
    """It has not begun."""
    screen = Terminal("there:2428", coloured=False)
    screen.changed()
    assert (screen._status(), screen._invitation()) == ("", "> ")
