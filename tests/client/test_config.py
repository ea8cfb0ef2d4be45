"""Tests of the client's configuration file, and of its example."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from chatroom.client.config import DEFAULTS, config_path, read_defaults
from chatroom.client.options import Options, parse

EXAMPLE = Path(__file__).parents[2] / "docs" / "client.example.toml"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of configuration files, with the client's in it."""
    (tmp_path / "chatroom").mkdir()
    return tmp_path


@pytest.fixture
def options(home: Path) -> Callable[..., Options]:
    """Parse arguments with the configuration *text*."""

    def parsed(text: str, *arguments: str) -> Options:
        (home / "chatroom" / "client.toml").write_text(text)
        return parse(arguments, {"XDG_CONFIG_HOME": str(home)})

    return parsed


def test_the_file_is_where_such_files_are(home: Path):
    """In XDG_CONFIG_HOME if that is a path from the root."""
    usual = Path(os.path.expanduser("~/.config/chatroom/client.toml"))
    assert config_path({"XDG_CONFIG_HOME": str(home)}) == home / "chatroom" / "client.toml"
    assert config_path({}) == config_path({"XDG_CONFIG_HOME": "relative"}) == usual
    assert read_defaults(home / "chatroom" / "client.toml") == {}


def test_the_file_gives_defaults_and_the_command_line_wins(options: Callable[..., Options]):
    """Name by name."""
    text = 'host = "chat.example:99"\nnick = "ann"\nrooms = ["lobby", "#Games"]\ntls = true\ncolor = false\nlog = "x"'
    chosen = options(text)
    assert (chosen.where, chosen.nick, chosen.rooms) == ("chat.example:99", "ann", ("lobby", "games"))
    assert (chosen.tls, chosen.color, chosen.log, chosen.chosen) == (True, False, Path("x"), True)
    other = options(text, "--nick", "bob", "--room", "dev", "--no-tls", "--color", "--no-log")
    assert (other.nick, other.rooms, other.tls, other.color, other.log) == ("bob", ("dev",), False, True, None)
    assert other.where == "chat.example:99"


def test_what_belongs_to_one_server_does_not_hold_for_another(options: Callable[..., Options]):
    """No password goes to another server, but encryption is not lost."""
    text = 'host = "chat.example"\nport = 99\nrooms = ["dev"]\nlogin = true\ntls = true\nca = "mine.pem"\nnick = "ann"'
    other = options(text, "localhost")
    assert (other.where, other.rooms, other.login, other.ca) == ("localhost:2428", (), False, None)
    assert (other.tls, other.nick) == (True, "ann")
    same = options(text, "CHAT.example")
    assert (same.port, same.rooms, same.login, same.ca) == (99, ("dev",), True, Path("mine.pem"))
    assert options("port = 99", "chat.example").where == "chat.example:99"
    assert options("port = 99", "chat.example:98").where == "chat.example:98"


def test_nobody_has_chosen_a_server_without_a_host(options: Callable[..., Options]):
    """Other defaults choose none."""
    assert not options("port = 99").chosen
    assert options("", "localhost").chosen


def test_paths_may_begin_at_home(options: Callable[..., Options]):
    """No shell has replaced it."""
    assert options('log = "~/chat.log"').log == Path(os.path.expanduser("~/chat.log"))


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ('nick = "ann"\nnickname = "x"', 2, "nickname is unknown; did you mean nick?"),
        ("\n\nport = 0", 3, "port must be a whole number of at least 1"),
        ("port = 65536", 1, "port is too large: at most 65535"),
        ('host = "a:1"\nport = 2', 2, "port is given twice: host has a port, too"),
        ('host = "a b"', 1, "host is not valid: 'a b' is not an address such as localhost:2428 or [::1]:2428."),
        ("bell = 1", 1, "bell must be true or false"),
        ('rooms = "lobby"', 1, 'rooms must be a list of rooms, such as ["lobby", "games"]'),
        ('rooms = [\n  "a",\n  "b c",\n]', 3, "rooms is not valid: "),
        ('notifications = "osc8"', 1, "notifications must be 'off', 'osc9' or 'osc777'"),
        ("notifications = []", 1, "notifications must be 'off', 'osc9' or 'osc777'"),
        ('log = ""', 1, "log must be the name of a file"),
        ("[colours]\nnick = 1", 1, "colours is unknown; "),
        ('nick = "a', 1, "(at the end of the file)"),
        ("nick = a", 1, "column 8: Invalid value"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(
    home: Path, options: Callable[..., Options], capsys: pytest.CaptureFixture[str], text: str, line: int, why: str
):
    """The file, the line, and the reason; the status is 2, as for the command line."""
    with pytest.raises(SystemExit) as leaving:
        options(text)
    [error] = capsys.readouterr().err.splitlines()
    assert leaving.value.code == 2
    assert error.startswith(f"chatroom: error: {home}/chatroom/client.toml, line {line}")
    assert why in error


@pytest.mark.parametrize("content", [b'nick = "\xff"', b"\x00", b"[" * 100_000])
def test_any_file_is_refused_in_one_line(home: Path, capsys: pytest.CaptureFixture[str], content: bytes):
    """Whatever is in it."""
    (home / "chatroom" / "client.toml").write_bytes(content)
    with pytest.raises(SystemExit):
        parse([], {"XDG_CONFIG_HOME": str(home)})
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_is_no_file_is_refused(home: Path, capsys: pytest.CaptureFixture[str]):
    """A folder, a pipe nobody writes to, a link to nowhere."""
    path = home / "chatroom" / "client.toml"
    for make in (path.mkdir, lambda: os.mkfifo(path), lambda: path.symlink_to("nowhere")):
        make()
        with pytest.raises(SystemExit):
            parse([], {"XDG_CONFIG_HOME": str(home)})
        assert len(capsys.readouterr().err.splitlines()) == 1
        path.rmdir() if path.is_dir() else path.unlink()


def test_the_example_changes_nothing_and_names_everything(home: Path):
    """Each name has its default, unless the words above it end with "for example:"."""
    path = home / "chatroom" / "client.toml"
    text = EXAMPLE.read_text("utf-8")
    path.write_text(text)
    assert read_defaults(path) == {}
    path.write_text(re.sub(r"^#(?! )", "", text, flags=re.MULTILINE))
    everything = read_defaults(path)
    examples = set(re.findall(r"[Ff]or example:\n#([a-z]+)", text))
    assert everything.keys() == DEFAULTS.keys()
    assert {name for name in DEFAULTS if everything[name] != DEFAULTS[name]} == examples
