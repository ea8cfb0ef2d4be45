"""The command line of the server, and how the parts are put together."""

from __future__ import annotations

from pathlib import Path

import pytest
from twisted.application.service import IServiceMaker
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.endpoints import TCP4ServerEndpoint, TCP6ServerEndpoint, UNIXServerEndpoint
from twisted.plugin import getPlugins
from twisted.python import usage

from chatroom import __version__, tap
from chatroom.journal.memory import MemoryJournal
from chatroom.journal.sqlite import SqliteJournal
from chatroom.service import CannotStart, ChatService
from chatroom.tap import Options, announcement, client_command, data_folder, makeService


def parsed(*arguments):
    options = Options()
    options.parseOptions(list(arguments))
    return options


class Port:
    """A port that is listening somewhere."""

    def __init__(self, address):
        self._address = address

    def getHost(self):
        return self._address


# Options.


def test_without_options_the_defaults_are_taken():
    options = parsed()

    assert (options["rate"], options["burst"], options["max-per-address"]) == (5.0, 50, 16)
    assert options["listen"] == [] and not options["public"] and not options["ephemeral"]
    assert options["data"] is None


def test_what_is_given_is_taken():
    options = parsed(
        *("--listen", "tcp:1", "--listen", "tcp:2", "--ephemeral", "--rate", "0", "--burst", "9"),
        *("--max-per-address", "0", "--lag", "7", "--stall", "1.5"),
    )

    assert options["listen"] == ["tcp:1", "tcp:2"] and options["ephemeral"]
    assert (options["rate"], options["burst"], options["max-per-address"]) == (0.0, 9, 0)
    assert (options["lag"], options["stall"]) == (7, 1.5)


@pytest.mark.parametrize(
    ("arguments", "mistake"),
    [
        (["--burst", "0"], "--burst must be at least 1."),
        (["--rate", "-1"], "--rate must be a number from 0 up."),
        (["--lag", "-1"], "--lag must be a number from 0 up."),
        (["--stall", "-0.1"], "--stall must be a number from 0 up."),
        (["--max-per-address", "-1"], "--max-per-address must be a number from 0 up."),
        (["--rate", "nan"], "--rate must be a number from 0 up."),
        (["--stall", "inf"], "--stall must be a number from 0 up."),
        (["--public", "--listen", "tcp:1"], "--public and --listen exclude each other."),
        (["--ephemeral", "--data", "x"], "--ephemeral keeps nothing, so it has no use for --data."),
        (["--burst", "many"], "invalid literal for int"),
        (["--rate", "fast"], "could not convert string to float"),
        (["--nope"], "option --nope not recognized"),
        (["extra"], ""),
        (["--config", "/nowhere/chatroom.toml"], "/nowhere/chatroom.toml: No such file or directory"),
    ],
)
def test_a_mistake_is_told_in_one_line(arguments, mistake):
    with pytest.raises(usage.UsageError) as caught:
        parsed(*arguments)

    assert mistake in str(caught.value) and "\n" not in str(caught.value)


def test_the_configuration_file_fills_in_what_the_command_line_leaves_open(tmp_path):
    file = tmp_path / "chatroom.toml"
    file.write_text(
        'rate = 2\nburst = 7\nmax-per-address = 3\nlisten = ["tcp:4"]\ndata = "/d"\n'
        "lag = 10\nstall = 20\npublic = false\n"
    )

    options = parsed("--config", str(file), "--burst", "9", "--data", "/e", "--listen", "tcp:5")

    assert (options["rate"], options["burst"], options["max-per-address"]) == (2, 9, 3)
    assert options["listen"] == ["tcp:5"] and options["data"] == "/e"
    assert (options["lag"], options["stall"]) == (10, 20)


def test_the_command_line_overrides_the_file_also_where_it_says_nought_or_uses_another_name(tmp_path):
    file = tmp_path / "chatroom.toml"
    file.write_text('rate = 9\nmax-per-address = 3\nlisten = ["tcp:4000"]\ndata = "/srv/chat"\n')
    options = parsed("--config", str(file), "--rate", "0", "--max-per-address", "0", "--public", "--ephemeral")
    assert (options["rate"], options["max-per-address"]) == (0, 0)
    assert options["public"] and options["listen"] == []
    assert options["ephemeral"] and options["data"] is None


@pytest.mark.parametrize("text", ["rate = 'x'", "nope = 1", "burst = 0", "public = true\nlisten = ['tcp:1']", "= 1"])
def test_a_mistake_in_the_configuration_file_is_told_in_one_line(tmp_path, text):
    file = tmp_path / "chatroom.toml"
    file.write_text(text)

    with pytest.raises(usage.UsageError) as caught:
        parsed("--config", str(file))

    assert "\n" not in str(caught.value)


def test_the_version_can_be_asked_for(capsys):
    with pytest.raises(SystemExit) as caught:
        parsed("--version")

    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith(f"chatroom {__version__} (Twisted ")


def test_help_tells_of_every_option():
    text = str(Options())

    for name in ("listen", "public", "data", "ephemeral", "config", "rate", "burst", "max-per-address", "version"):
        assert f"--{name}" in text


# Where things are kept.


@pytest.mark.parametrize(
    ("given", "environment", "folder"),
    [
        ("/srv/chat", {"STATE_DIRECTORY": "/var/lib/chatroom"}, "/srv/chat"),
        ("relative", {}, "relative"),
        (None, {"STATE_DIRECTORY": "/var/lib/chatroom"}, "/var/lib/chatroom"),
        (None, {"STATE_DIRECTORY": "/var/lib/a:/var/lib/b", "XDG_STATE_HOME": "/x"}, "/var/lib/a"),
        (None, {"XDG_STATE_HOME": "/x"}, "/x/chatroom"),
        (None, {"XDG_STATE_HOME": "not/absolute"}, "~/.local/state/chatroom"),
        (None, {}, "~/.local/state/chatroom"),
        ("~/chat", {}, "~/chat"),
    ],
)
def test_where_everything_is_kept(given, environment, folder):
    assert data_folder(given, environment) == Path(folder).expanduser()


# What is said at the start.


@pytest.mark.parametrize(
    ("addresses", "listening", "joining"),
    [
        (
            [IPv4Address("TCP", "127.0.0.1", 2428), IPv6Address("TCP", "::1", 2428)],
            "Listening on 127.0.0.1:2428, [::1]:2428.",
            "Join with:  nc localhost 2428   telnet localhost 2428   chatroom",
        ),
        (
            [IPv4Address("TCP", "127.0.0.1", 4000)],
            "Listening on 127.0.0.1:4000.",
            "Join with:  nc localhost 4000   telnet localhost 4000   chatroom localhost:4000",
        ),
        (
            [IPv4Address("TCP", "203.0.113.5", 2428)],
            "Listening on 203.0.113.5:2428.",
            "Join with:  nc 203.0.113.5 2428   telnet 203.0.113.5 2428   chatroom 203.0.113.5",
        ),
    ],
)
def test_the_very_commands_to_join_are_told(addresses, listening, joining):
    lines = announcement([Port(address) for address in addresses], "/srv/chat", 0, "chatroom")

    assert lines == [listening, "Keeping in /srv/chat.", joining]


def test_the_clients_command_is_told_as_it_can_be_typed(tmp_path):
    server = tmp_path / "twistd"
    assert client_command(str(server), None) == "chatroom"

    (tmp_path / "chatroom").touch()
    assert client_command(str(server), None) == str(tmp_path / "chatroom")
    assert client_command(str(server), "/usr/bin/chatroom") == "chatroom"


@pytest.mark.parametrize("address", [IPv4Address("TCP", "0.0.0.0", 2428), IPv6Address("TCP", "::", 2428)])
def test_listening_everywhere_the_name_of_this_machine_is_told(address):
    line = announcement([Port(address)], "/srv/chat", 0, "chatroom")[-1]

    assert line.startswith("Join with:  nc ") and "0.0.0.0" not in line and "::" not in line


def test_a_bad_end_of_the_last_run_is_told():
    assert announcement([], "/srv/chat", 3, "chatroom")[-1] == (
        "The last run ended badly: 3 who were here are recorded as having left."
    )


def test_a_socket_of_this_machine_is_named_but_cannot_be_joined_with_nc():
    lines = announcement([Port(UNIXAddress(b"/run/chat")), Port(UNIXAddress(b""))], "x", 0, "chatroom")

    assert lines[0].startswith("Listening on /run/chat, ") and not any("Join" in line for line in lines)


# Putting together.


def test_building_opens_nothing(tmp_path):
    data = tmp_path / "data"

    service = makeService(parsed("--data", str(data)))

    assert isinstance(service, ChatService) and not service.running and service.ports == []
    assert not data.exists()
    assert isinstance(service._hub.journal, SqliteJournal)


def test_ephemeral_keeps_nothing():
    assert isinstance(makeService(parsed("--ephemeral"))._hub.journal, MemoryJournal)


def test_limits_come_from_the_options():
    service = makeService(parsed("--ephemeral", "--rate", "1.5", "--burst", "3", "--lag", "4", "--stall", "6"))

    limits = service._hub.limits
    assert (limits.rate, limits.burst, limits.lag, limits.stall) == (1.5, 3, 4, 6.0)


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        ([], [TCP4ServerEndpoint, TCP6ServerEndpoint]),
        (["--listen", "tcp:0:interface=127.0.0.1"], [TCP4ServerEndpoint]),
        (["--listen", "unix:/run/x", "--listen", "tcp6:0"], [UNIXServerEndpoint, TCP6ServerEndpoint]),
    ],
)
def test_where_it_is_going_to_listen(arguments, kinds):
    service = makeService(parsed("--ephemeral", *arguments))

    assert [type(one.endpoint) for one in service._listeners] == kinds
    assert [one.optional for one in service._listeners] == ([False, True] if not arguments else [False] * len(kinds))


@pytest.mark.parametrize(("ipv6", "kind"), [(True, TCP6ServerEndpoint), (False, TCP4ServerEndpoint)])
def test_in_public_it_listens_everywhere(monkeypatch, ipv6, kind):
    monkeypatch.setattr(tap, "_can_listen", lambda address: ipv6)

    [listener] = makeService(parsed("--ephemeral", "--public"))._listeners

    assert type(listener.endpoint) is kind and listener.description == "port 2428"


def test_whether_an_address_can_be_had_is_tried():
    assert not tap._can_listen("2001:db8::1")


@pytest.mark.parametrize("endpoint", ["nonsense:1", "tcp:many", "tcp"])
def test_an_endpoint_that_is_none_is_told_in_one_line(endpoint):
    with pytest.raises(CannotStart, match=f"--listen {endpoint}: ") as caught:
        makeService(parsed("--ephemeral", "--listen", endpoint))

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("opening", "name"),
    [
        (b"\xff", "line"),
        (b"{", "json"),
        (b"hello", "line"),
        (b"GET / ", "HTTP/1.1 200"),
        (b"NICK x", "IRC"),
        (b"SSH-2.0", "SSH"),
        (b"\x16\x03\x01", "TLS"),
    ],
)
def test_every_language_has_its_door(opening, name):
    front = makeService(parsed("--ephemeral"))._front

    door = front.door_for(opening)

    assert getattr(door, "name", "") == name or name.encode() in door.answer


def test_the_announcement_is_logged(monkeypatch):
    said = []
    monkeypatch.setattr(tap.log, "info", lambda form, **fields: said.append(form.format(**fields)))

    makeService(parsed("--ephemeral"))._announce([Port(IPv4Address("TCP", "127.0.0.1", 2428))], 0)

    assert said[:2] == ["Listening on 127.0.0.1:2428.", "Keeping in nothing: what is said is forgotten."]


def test_twistd_finds_the_plugin():
    [maker] = [one for one in getPlugins(IServiceMaker) if one.tapname == "chatroom"]

    assert maker.module == "chatroom.tap" and maker.options is Options
