"""Tests of where rows are after the width has changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from prompt_toolkit.layout.screen import Char, Screen
from prompt_toolkit.utils import get_cwidth
from twisted.internet.interfaces import IDelayedCall
from twisted.internet.task import Clock

from chatroom.client.ui.reflow import SETTLING_TIME, Settling, reflows, rows_above, rows_of


def drawn(*rows: str) -> Screen:
    """Draw *rows* as prompt_toolkit does: a wide character has an empty cell behind it, a mark none of its own."""
    screen = Screen()
    for y, row in enumerate(rows):
        x = 0
        for character in row:
            width = get_cwidth(character)
            if width == 0:
                before = screen.data_buffer[y][x - 1]
                screen.data_buffer[y][x - 1] = Char(before.char + character, before.style)
                continue
            screen.data_buffer[y][x] = Char(character)
            if width == 2:
                screen.data_buffer[y][x + 1] = Char("\0")
            x += width
    return screen


@pytest.mark.parametrize(
    ("rows", "x", "width", "above"),
    [
        (["x" * 60, "x" * 10], 10, 60, 1),
        (["x" * 60, "x" * 10], 10, 40, 2),
        (["x" * 60, "x" * 10], 10, 20, 3),
        (["x" * 60, "x" * 30], 30, 20, 4),
        (["x" * 60, "x" * 40], 40, 20, 5),
        (["漢" * 30, ""], 0, 20, 3),
        # No half of a wide character stands at the end of a row.
        (["漢" * 30, ""], 0, 21, 3),
        (["漢" * 30, ""], 0, 19, 4),
        (["e\u0301" * 60, ""], 0, 30, 2),
        (["short", ""], 0, 20, 1),
        (["", ""], 0, 20, 1),
    ],
)
def test_rows_that_are_too_long_now_are_several(rows: list[str], x: int, width: int, above: int):
    """The cursor was in the last one."""
    assert rows_above(drawn(*rows), x, len(rows) - 1, width) == above


def test_a_window_without_any_width_is_no_error():
    """Some terminals have none for a moment."""
    assert rows_of([1, 1, 2], 0) == 4


@pytest.mark.parametrize(
    ("environment", "does"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TERM": "tmux-256color"}, True),
        ({"TERM": "linux"}, False),
        ({"TERM": "xterm", "XTERM_VERSION": "XTerm(390)"}, False),
        ({"TERM": "screen", "STY": "1.host"}, False),
    ],
)
def test_a_few_terminals_leave_rows_as_they_are(environment: dict[str, str], does: bool):
    """They cut them off."""
    assert reflows(environment) is does


def test_nothing_is_drawn_while_the_size_changes():
    """Each change starts the wait anew; what is left then is drawn once, if the prompt is still there."""
    clock, prompt, drawn = FakeLoop(), FakePrompt(), []
    prompt.loop = clock
    settling = Settling(cast(Any, prompt), lambda: drawn.append(clock.now))
    settling.begin()
    clock.advance(SETTLING_TIME - 0.1)
    settling.begin()
    clock.advance(SETTLING_TIME - 0.1)
    assert settling.pending and not drawn
    clock.advance(0.1)
    assert not settling.pending and len(drawn) == 1
    settling.begin()
    prompt.is_running = False
    clock.advance(SETTLING_TIME)
    assert not settling.pending and len(drawn) == 1


class FakePrompt:
    """A prompt that is shown."""

    loop: FakeLoop
    is_running = True


class FakeLoop:
    """An event loop with one timer, whose time passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self._clock = Clock()

    def call_later(self, seconds: float, call: Callable[[], object]) -> IDelayedCall:
        return self._clock.callLater(seconds, call)

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self._clock.advance(seconds)
