"""Tests of the terminal's settings, on a terminal that nobody sits at."""

from __future__ import annotations

import os
import termios
from collections.abc import Iterator

import pytest

from chatroom.client.ui.terminal_mode import terminal_mode


@pytest.fixture
def terminal() -> Iterator[int]:
    """The file descriptor of a terminal."""
    outer, inner = os.openpty()
    yield inner
    os.close(outer)
    os.close(inner)


def echoes(number: int) -> bool:
    return bool(termios.tcgetattr(number)[3] & termios.ECHO)


def test_the_echo_can_be_switched(terminal: int):
    """Off and on."""
    with terminal_mode(terminal) as mode:
        assert mode is not None
        mode.echo(False)
        assert not echoes(terminal)
        mode.echo(True)
        assert echoes(terminal)


def test_everything_is_put_back(terminal: int):
    """Even if our own descriptor is closed by then."""
    ours = os.dup(terminal)
    before = termios.tcgetattr(terminal)
    with terminal_mode(ours) as mode:
        assert mode is not None
        mode.echo(False)
        os.close(ours)
    assert termios.tcgetattr(terminal) == before


def test_what_is_no_terminal_has_no_echo():
    """And is left alone."""
    reading, writing = os.pipe()
    with terminal_mode(reading) as mode:
        assert mode is None
    os.close(reading)
    os.close(writing)
