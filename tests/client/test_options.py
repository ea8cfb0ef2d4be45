"""Tests of the client's command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatroom import __version__
from chatroom.client.options import parse


def test_everything_has_a_default():
    """The lobby of the server on this machine; the nick is found later."""
    options = parse([])
    assert (options.host, options.port, options.nick, options.rooms) == ("localhost", 2428, "", ())
    assert options.where == "localhost:2428"


def test_what_is_shown_is_usually_coloured_and_nobody_logs_in():
    """Each is an option, and none takes a password."""
    usual = parse([])
    assert (usual.login, usual.plain, usual.color) == (False, False, True)
    other = parse(["--login", "--plain", "--no-color"])
    assert (other.login, other.plain, other.color) == (True, True, False)
    with pytest.raises(SystemExit):
        parse(["--login=s3cret12"])


def test_encryption_is_asked_for_and_so_is_a_file_of_authorities(capsys: pytest.CaptureFixture[str]):
    """The one without the other makes no sense."""
    usual = parse([])
    assert (usual.tls, usual.ca) == (False, None)
    secure = parse(["--tls", "chat.example", "--ca", "mine.pem"])
    assert (secure.tls, secure.ca, secure.where) == (True, Path("mine.pem"), "chat.example:2428")
    with pytest.raises(SystemExit):
        parse(["--ca", "mine.pem"])
    assert "--ca needs --tls." in capsys.readouterr().err


def test_everything_can_be_chosen():
    """A room with or without its mark."""
    options = parse(["[::1]:99", "--nick", "Bob", "--room", "#Dev"])
    assert (options.host, options.port, options.nick, options.rooms) == ("::1", 99, "Bob", ("dev",))
    assert options.where == "[::1]:99"


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (["chat.example", "99"], "chat.example:99"),
        (["::1", "99"], "[::1]:99"),
        (["[::1]:99"], "[::1]:99"),
        (["chat.example:99"], "chat.example:99"),
        (["--nick", "ann", "127.0.0.1", "99", "--plain"], "127.0.0.1:99"),
    ],
)
def test_the_port_may_stand_alone_as_for_netcat(arguments: list[str], where: str):
    """Or behind a colon."""
    assert parse(arguments).where == where


def test_several_rooms_may_be_entered():
    """Each once."""
    assert parse(["--room", "dev", "--room", "#Games", "--room", "Dev"]).rooms == ("dev", "games")


@pytest.mark.parametrize(
    "arguments",
    [
        ["a b"],
        ["--room", "a b"],
        ["--nonsense"],
        ["one", "two"],
        ["one", "0"],
        ["one:1", "2"],
        ["::1", "65536"],
        ["one", "2", "3"],
        ["--notifications", "osc8"],
    ],
)
def test_a_mistake_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    """In one line, and the status is 2, as everywhere."""
    with pytest.raises(SystemExit) as leaving:
        parse(arguments)
    assert leaving.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("chatroom: error: ")


def test_the_version_can_be_asked_for(capsys: pytest.CaptureFixture[str]):
    """And the help."""
    with pytest.raises(SystemExit):
        parse(["--version"])
    assert capsys.readouterr().out == f"chatroom {__version__}\n"
    with pytest.raises(SystemExit):
        parse(["--help"])
    assert "HOST[:PORT]" in capsys.readouterr().out
