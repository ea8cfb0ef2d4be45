"""Tests of the terminal's settings, on a terminal that nobody sits at."""

from __future__ import annotations

import os
import signal
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


def test_the_terminal_reports_its_focus_only_while_this_runs():
    """Not while the shell is in front, nor at the end, however that comes about."""
    outer, inner = os.openpty()
    with terminal_mode(inner) as mode:
        assert mode is not None
        mode.report_focus()
        assert os.read(outer, 100) == b"\x1b[?1004h"
        mode.give_back()
        assert os.read(outer, 100) == b"\x1b[?1004l"
        mode.asked_to_continue(signal.SIGCONT, None)
        assert os.read(outer, 100) == b"\x1b[?1004h"
        with pytest.raises(SystemExit):
            mode.asked_to_end(signal.SIGTERM, None)
    assert os.read(outer, 100) == b"\x1b[?1004l"
    os.close(outer)
    os.close(inner)


def test_a_terminal_that_was_not_asked_is_not_told_to_stop():
    """Such as that of a screen reader, which may read it out."""
    outer, inner = os.openpty()
    os.set_blocking(outer, False)
    with terminal_mode(inner):
        pass
    with pytest.raises(BlockingIOError):
        os.read(outer, 100)
    os.close(outer)
    os.close(inner)
