"""Tests of the terminal's settings, on a terminal that nobody sits at."""

from __future__ import annotations

import os
import termios
from collections.abc import Iterator

import pytest

from chatroom.client.ui.tty import borrowed


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
    with borrowed(terminal) as echo:
        assert echo is not None
        echo(False)
        assert not echoes(terminal)
        echo(True)
        assert echoes(terminal)


def test_everything_is_put_back(terminal: int):
    """Also that reading waits, even if our own descriptor is closed by then."""
    ours = os.dup(terminal)
    before = termios.tcgetattr(terminal)
    with borrowed(ours) as echo:
        assert echo is not None
        echo(False)
        os.set_blocking(ours, False)
        os.close(ours)
    assert termios.tcgetattr(terminal) == before
    assert os.get_blocking(terminal)


def test_what_is_no_terminal_has_no_echo():
    """And is left alone."""
    reading, writing = os.pipe()
    with borrowed(reading) as echo:
        assert echo is None
    os.close(reading)
    os.close(writing)
