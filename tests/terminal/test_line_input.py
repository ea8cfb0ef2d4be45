"""Tests of what is typed, without a screen."""

from __future__ import annotations

import pytest

from chatroom.terminal.actions import Action, Answer, Block, EndOfInput, Interrupt, Line, Shortcut, TooLong
from chatroom.terminal.completion import Completion
from chatroom.terminal.keys import Alt, Key, Paste, Pressed, Text
from chatroom.terminal.line_input import LineInput


class Display:
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def ring(self) -> None:
        self.asked.append("ring")

    def clear(self) -> None:
        self.asked.append("clear")

    def offer(self, offers: list[str]) -> None:
        self.asked.append(offers)

    def end_line(self, *, whole: bool) -> None:
        self.asked.append("line" if whole else "dropped")


class Typist:
    def __init__(self, limit: int = 20) -> None:
        self.display = Display()
        self.input = LineInput(self.display, complete, limit, lambda line: not line.startswith("/login"))

    def presses(self, *keys: Pressed | str) -> list[Action]:
        done = [self.input.press(Text(key) if isinstance(key, str) else key) for key in keys]
        return [action for action in done if action is not None]


def complete(text: str, cursor: int) -> Completion | None:
    return Completion(0, [one for one in ("bob ", "bobby ") if one.startswith(text)])


def paste(text: str) -> Paste:
    return Paste(text, len(text))


@pytest.mark.parametrize(
    ("keys", "actions", "asked"),
    [
        (["hello", Key.ENTER], [Line("hello")], ["line"]),
        ([paste("a\nb"), Key.ENTER], [Block("a\nb")], ["line"]),
        ([paste("\n\na\n"), Key.ENTER], [Line("a")], ["line"]),
        ([paste("a\x07\x1b[31mb\tc"), Key.ENTER], [Line("ab c")], ["line"]),
        ([paste("x" * 21)], [TooLong()], ["ring"]),
        (["12345678901", paste("x" * 10), Key.ENTER], [TooLong(), Line("12345678901")], ["ring", "line"]),
        # A line that isn't all of what was typed is not sent.
        (["x" * 20, "y", Key.LEFT, Key.ENTER], [TooLong()], ["ring", "line"]),
        (["x" * 20, "y", Key.BACKSPACE, "z", Key.ENTER], [Line("x" * 19 + "z")], ["ring", "line"]),
        (["old", Key.ENTER, "x" * 20, "y", Key.UP, Key.ENTER], [Line("old"), Line("old")], ["line", "ring", "line"]),
        (["x" * 20, "y", Key.ENTER, "z", Key.ENTER], [TooLong(), Line("z")], ["ring", "line", "line"]),
        (["x" * 20, "y", Key.INTERRUPT, "z", Key.ENTER], [Line("z")], ["ring", "dropped", "line"]),
        ([Alt("5")], [Shortcut("5")], []),
        ([Key.INTERRUPT], [Interrupt()], ["dropped"]),
        (["x", Key.INTERRUPT, Key.ENTER], [Line("")], ["dropped", "line"]),
        ([Key.END_OF_INPUT], [EndOfInput()], []),
        (["x", Key.END_OF_INPUT, Key.BACKSPACE, Key.END_OF_INPUT], [EndOfInput()], []),
        ([Key.UP], [], ["ring"]),
        (["x", Key.ENTER, Key.UP, Key.ENTER], [Line("x"), Line("x")], ["line", "line"]),
        (["/login x", Key.ENTER, Key.UP], [Line("/login x")], ["line", "ring"]),
        ([Key.CLEAR_SCREEN], [], ["clear"]),
        ([Key.CANCEL], [], []),
        (["b", Key.TAB, Key.TAB], [], [["bob", "bobby"]]),
        (["z", Key.TAB], [], ["ring"]),
    ],
)
def test_keys(keys: list[Pressed | str], actions: list[Action], asked: list[object]):
    typist = Typist()
    assert typist.presses(*keys) == actions
    assert typist.display.asked == asked


def test_a_message_of_several_lines_comes_back_from_the_history_as_it_was():
    """Up and Down go through it first."""
    typist = Typist()
    typist.presses("one", Key.ENTER, paste("a\nb"), Key.ENTER, Key.UP, Key.UP)
    assert (typist.input.line.text, typist.input.line.cursor) == ("a\nb", 1)
    typist.presses(Key.UP)
    assert typist.input.line.text == "one"


def test_an_answer_is_apart_from_the_line():
    typist = Typist()
    typist.presses("half")
    typist.input.ask("Password: ")
    assert typist.presses("secret", Key.TAB, Key.UP, Key.SEARCH, Key.ENTER) == [Answer("secret")]
    assert typist.display.asked == ["ring", "ring", "ring", "line"]
    assert typist.input.answered
    typist.input.ask(None)
    assert typist.presses(Key.ENTER, Key.UP, Key.UP) == [Line("half")]
    assert typist.input.line.text == "half"


@pytest.mark.parametrize(
    ("keys", "actions"),
    [
        ([Key.INTERRUPT], [Interrupt()]),
        (["x", Key.INTERRUPT, Key.ENTER], [Interrupt(), Answer("")]),
        ([Key.END_OF_INPUT], [EndOfInput()]),
        ([paste("one\ntwo"), Key.ENTER], [Answer("")]),
        ([paste("one\n"), Key.ENTER], [Answer("one")]),
    ],
)
def test_a_question_can_be_left(keys: list[Pressed | str], actions: list[Action]):
    """A paste of several lines isn't a password."""
    typist = Typist()
    typist.input.ask("Password: ")
    assert typist.presses(*keys) == actions
