"""Tests of the client's command line."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from chatroom import __version__
from chatroom.client.options import address, nick_from_login, parse


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("localhost", "localhost", 2428),
        ("chat.example.org:99", "chat.example.org", 99),
        ("127.0.0.1:2429", "127.0.0.1", 2429),
        ("[::1]", "::1", 2428),
        ("[::1]:2429", "::1", 2429),
        ("[fe80::1%eth0]:2429", "fe80::1%eth0", 2429),
        ("::1", "::1", 2428),
        ("2001:db8::7", "2001:db8::7", 2428),
    ],
)
def test_an_address_is_a_host_and_perhaps_a_port(text: str, host: str, port: int):
    """IPv6 with brackets, or without them and a port."""
    assert address(text) == (host, port)


@pytest.mark.parametrize("text", ["", "a b", "host:", "host:port", "host:0", "host:65536", "[::1", "http://host"])
def test_what_is_no_address_is_refused(text: str):
    """With an example of one."""
    with pytest.raises(ValueError, match="is not a"):
        address(text)


def test_everything_has_a_default():
    """The lobby of the server on this machine, as oneself."""
    options = parse([], login="ann")
    assert (options.host, options.port, options.nick, options.rooms) == ("localhost", 2428, "ann", ())
    assert options.where == "localhost:2428"


def test_what_is_shown_is_usually_coloured_and_nobody_logs_in():
    """Each is an option, and none takes a password."""
    usual = parse([], login="ann")
    assert (usual.login, usual.plain, usual.coloured) == (False, False, True)
    other = parse(["--login", "--plain", "--no-color"], login="ann")
    assert (other.login, other.plain, other.coloured) == (True, True, False)
    with pytest.raises(SystemExit):
        parse(["--login=s3cret12"], login="ann")


def test_encryption_is_asked_for_and_so_is_a_file_of_authorities(capsys: pytest.CaptureFixture[str]):
    """The one without the other makes no sense."""
    usual = parse([], login="ann")
    assert (usual.tls, usual.authorities) == (False, None)
    secure = parse(["--tls", "chat.example", "--ca", "mine.pem"], login="ann")
    assert (secure.tls, secure.authorities, secure.where) == (True, Path("mine.pem"), "chat.example:2428")
    with pytest.raises(SystemExit):
        parse(["--ca", "mine.pem"], login="ann")
    assert "--ca needs --tls." in capsys.readouterr().err


def test_everything_can_be_chosen():
    """A room with or without its mark."""
    options = parse(["[::1]:99", "--nick", "Bob", "--room", "#Dev"], login="ann")
    assert (options.host, options.port, options.nick, options.rooms) == ("::1", 99, "Bob", ("dev",))
    assert options.where == "[::1]:99"


@pytest.mark.parametrize("arguments", [["a b"], ["--room", "a b"], ["--nonsense"], ["one", "two"]])
def test_a_mistake_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    """And the status is 2, as everywhere."""
    with pytest.raises(SystemExit) as leaving:
        parse(arguments, login="ann")
    assert leaving.value.code == 2
    assert "chatroom: error: " in capsys.readouterr().err


def test_the_version_can_be_asked_for(capsys: pytest.CaptureFixture[str]):
    """And the help."""
    with pytest.raises(SystemExit):
        parse(["--version"])
    assert capsys.readouterr().out == f"chatroom {__version__}\n"
    with pytest.raises(SystemExit):
        parse(["--help"])
    assert "HOST[:PORT]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("login", "nick"),
    [
        ("ann", "ann"),
        ("Ann Smith", "Ann-Smith"),
        ("ann@example.org", "ann"),
        ("DOMAIN\\ann", "DOMAIN-ann"),
        ("-.-", "guest"),
        ("root", "guest"),
        ("a" * 50, "a" * 32),
        ("аnn", "guest"),  # Cyrillic and Latin
    ],
)
def test_a_login_name_is_made_a_nick(login: str, nick: str):
    """Or else one is a guest."""
    assert nick_from_login(login) == nick


def test_who_has_no_login_name_is_a_guest(monkeypatch: pytest.MonkeyPatch):
    """In a container there may be none."""

    def unknown() -> str:
        raise KeyError("no such user")

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert parse([]).nick == "guest"
    monkeypatch.setattr(getpass, "getuser", lambda: "ann")
    assert parse([]).nick == "ann"
