"""The QR code on the terminal."""

from __future__ import annotations

import io
import os
import pty
import struct
from contextlib import contextmanager
from fcntl import ioctl
from termios import TIOCSWINSZ

import pytest

from chatroom.server.qr_code import qr_lines, show_qr_code

PAGE = "http://192.168.1.7:2428/"


@contextmanager
def terminal(columns, rows, encoding="utf-8"):
    """A terminal of this size, to write to, and a function that reads what has been shown."""
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.set_blocking(ours, False)

    def shown():
        try:
            return os.read(ours, 65_536).decode().replace("\r\n", "\n")
        except BlockingIOError:
            return ""

    with os.fdopen(theirs, "w", encoding=encoding) as out:
        yield out, shown
    os.close(ours)


def test_the_code_is_drawn_with_the_address_below():
    with terminal(80, 24) as (out, shown):
        show_qr_code(PAGE, out, "xterm")

        blank, *code, address, end = shown().split("\n")[:-1]
    assert (blank, address, end) == ("", PAGE, "")
    assert [line.removeprefix("\x1b[97;40m").removesuffix("\x1b[0m") for line in code] == qr_lines(PAGE)


def test_the_code_is_square_and_has_its_three_corners():
    lines = qr_lines(PAGE)

    assert {len(line) for line in lines} == {29} and len(lines) == 15
    assert lines[1].count(" ▄▄▄▄▄ ") >= 2 and " ▄▄▄▄▄ " in lines[10][:10]


@pytest.mark.parametrize(
    ("columns", "rows", "encoding", "term"),
    [(29, 24, "utf-8", "xterm"), (80, 15, "utf-8", "xterm"), (80, 24, "ascii", "xterm"), (80, 24, "utf-8", "dumb")],
)
def test_where_it_does_not_fit_nothing_is_drawn(columns, rows, encoding, term):
    with terminal(columns, rows, encoding) as (out, shown):
        show_qr_code(PAGE, out, term)

        assert shown() == ""


def test_without_a_terminal_nothing_is_drawn(tmp_path):
    log = io.StringIO()
    show_qr_code(PAGE, log)
    show_qr_code(PAGE, None)
    with (tmp_path / "log").open("w") as file:
        show_qr_code(PAGE, file)
    show_qr_code(PAGE, file)

    assert log.getvalue() == "" == (tmp_path / "log").read_text()
