"""A child process as the supervisor starts it, without one."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import pytest

from chatroom.composition.supervision import fixed
from chatroom.server.command_line import Options
from chatroom.server.launch import command

pytestmark = pytest.mark.wire


def started(role: str, *words: str, **begin: object) -> subprocess.Popen[bytes]:
    """Start a process, and tell it how to begin."""
    options = Options()
    options.parseOptions([])
    settings = {**fixed(options), **begin.pop("settings", {})}
    process = subprocess.Popen(command(role, words), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    tell(process, "begin", {"name": "it", "sockets": [], "goes_on": False, "settings": settings, **begin})
    return process


def tell(process: subprocess.Popen[bytes], *message: object) -> None:
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()


def said(process: subprocess.Popen[bytes]) -> list[object]:
    """Return what it says next."""
    return json.loads(process.stdout.readline())


def end(process: subprocess.Popen[bytes]) -> int:
    """Wait for its end, and return its exit status."""
    status = process.wait(30)
    for pipe in (process.stdin, process.stdout):
        pipe.close()
    return status


def test_it_waits_for_the_word_with_everything_loaded_and_nothing_opened(tmp_path: Path) -> None:
    process = started("house", link=str(tmp_path / "house"), settings={"data": str(tmp_path / "data")})
    assert said(process) == ["loaded"] and not (tmp_path / "data").exists()

    tell(process, "stop", "why not")

    assert end(process) == 0 and not (tmp_path / "data").exists()


@pytest.mark.parametrize("role", ["house", "door"])
def test_neither_signals_nor_anything_else_ends_it_but_the_supervisor(role: str, tmp_path: Path) -> None:
    process = started(role, link=str(tmp_path / "house"), settings={"data": str(tmp_path / "data")})
    said(process)
    tell(process, "go")
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR2):
        process.send_signal(number)
    found = said(process)
    while found != ["beat"]:
        found = said(process)
    assert process.poll() is None

    process.stdin.close()

    assert end(process) == 0


def test_what_is_wrong_with_its_settings_is_said_in_one_line() -> None:
    process = started("house", "--rate", "fast")

    assert said(process) == ["failed", "--rate must be a number of at least 0."]
    assert end(process) == 1


def test_what_keeps_it_from_working_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    process = started("house", link=str(tmp_path / "house"), settings={"data": str(tmp_path / "file")})
    assert said(process) == ["loaded"]
    tell(process, "go")

    assert said(process) == ["failed", f"{tmp_path}/file: Not a directory"]
    assert end(process) == 1


def test_a_supervisor_that_ends_at_once_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(command("door", []), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdin.close()

    assert end(process) in (0, 1)
