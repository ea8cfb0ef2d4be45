"""Tests of the log."""

from __future__ import annotations

import os
import resource
import signal
import stat
from pathlib import Path

import pytest

from chatroom.client.conversation import Conversation
from chatroom.client.log_file import CannotLog, LogFile
from chatroom.client.ui.logged import Logged

from .scripted import CLOCK, Ear, Server, refused, said

NOW = 1_795_910_400.0
"""Sunday, 2026-11-29, at midnight, in the tests' time zone."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the log goes."""
    return tmp_path / "chat.log"


def opened(path: Path) -> LogFile:
    return LogFile(path, lambda: NOW)


class Writer:
    """Ann, whose chat is logged."""

    def __init__(self, log: LogFile) -> None:
        self.ear = Ear()
        self.ann = Conversation(Logged(self.ear, log), "ann")
        self.server = Server(self.ann)
        self.server.lets_in()


def test_what_is_shown_is_appended_with_its_date(path: Path):
    """At once, and also what failed."""
    path.write_text("before\n")
    ann = Writer(opened(path))
    ann.server.says(said(11, "bob", "hi"), refused("x", "No."))
    before, *_, said_line, refusal = path.read_text().splitlines()
    assert before == "before"
    assert said_line == f"2026-11-29 00:00:00 {CLOCK} <bob> hi"
    assert refusal == "2026-11-29 00:00:00 !! No."


def test_only_its_owner_can_read_it(path: Path):
    """Private messages are in it; a file that exists stays as it is."""
    umask = os.umask(0)
    try:
        opened(path).close()
    finally:
        os.umask(umask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    opened(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_no_secret_is_in_it(path: Path):
    """Neither what is typed, nor the question."""
    ann = Writer(opened(path))
    ann.ann.type("/login ann s3cret12")
    ann.server.says(refused("wrong_password", "Wrong nick or password.", ref="c1"))
    ann.ann.type("/login")
    ann.server.says({"type": "password_wanted", "command": "login", "nick": "ann", "ref": "c2"})
    ann.ann.requests.give_password("s3cret34")
    ann.ann.end()
    assert ann.ear.questions == ["Password for ann: "]
    text = path.read_text()
    assert "s3cret" not in text and "Password for" not in text and "/login ann" not in text
    assert text.splitlines()[-1].endswith("1 line was not acknowledged.")


def test_several_clients_may_append_to_one_file(path: Path):
    """Line by line."""
    first, second = opened(path), opened(path)
    for number in range(3):
        first.write(f"first {number}")
        second.write(f"second {number}")
    assert [line.split(" ", 2)[2] for line in path.read_text().splitlines()] == [
        f"{name} {number}" for number in range(3) for name in ("first", "second")
    ]


def test_a_write_that_fails_is_told_once_and_tried_again(path: Path):
    """The file may have as many bytes as it has now, then more again; a line that was cut does not cut the next."""
    ann = Writer(opened(path))
    ann.server.says(said(11, "bob", "one"))
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 24, usual[1]))
        ann.server.says(said(12, "bob", "two"), said(13, "bob", "three"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
        signal.signal(signal.SIGXFSZ, handler)
    [notice] = ann.ear.complaints
    assert notice.startswith(f"!! Cannot write the log {path}: ")
    ann.server.says(said(14, "bob", "four"))
    *_, one, cut, four = path.read_text().splitlines()
    assert (one[-9:], cut, four[-10:]) == ("<bob> one", "2026-11-29 00:00:00 12:3", "<bob> four")
    assert [line.split("> ")[1] for line in ann.ear.take()[-3:]] == ["two", "three", "four"]


@pytest.mark.parametrize("name", ["missing/chat.log", ".", "pipe", "a\0b", "x" * 300])
def test_what_cannot_be_a_log_is_refused_in_one_line(tmp_path: Path, name: str):
    """And opening it does not wait for anybody."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CannotLog) as caught:
        opened(tmp_path / name)
    assert str(caught.value).startswith("Cannot write the log ")
    assert "\n" not in str(caught.value)


def test_what_cannot_be_encoded_is_logged_all_the_same(path: Path):
    """A lone surrogate is no reason to stop."""
    log = opened(path)
    assert log.write("a\udc80b") is None
    assert path.read_text() == "2026-11-29 00:00:00 a?b\n"
