"""The command line of the server, completed by the configuration file."""

from __future__ import annotations

import pytest

from chatroom import __version__
from chatroom.chat.policy import Policy
from chatroom.config.settings import SETTINGS, policy
from chatroom.server.errors import CannotStart
from chatroom.tap import Options


def parsed(*arguments):
    options = Options()
    options.parseOptions(list(arguments))
    return options


def test_without_options_the_defaults_are_taken():
    options = parsed()

    assert (options["rate"], options["burst"], options["max-per-address"]) == (5.0, 50, 16)
    assert options["listen"] == [] and not options["public"] and not options["ephemeral"]
    assert options["data"] is None and options["allow-plain-login"] is False
    assert (options["byte-rate"], options["byte-burst"], options["flood-kick"]) == (4096.0, 65_536, 0.0)
    assert options.given == {} and options.file is None
    assert policy(options) == Policy()


def test_what_is_given_is_taken():
    options = parsed(
        *("--listen", "tcp:1", "--listen", "tcp:2", "--ephemeral", "--rate", "0", "--burst", "9"),
        *("--max-per-address", "0", "--lag", "7", "--stall", "1.5", "--allow-plain-login"),
        *("--byte-rate", "0", "--byte-burst", "20000", "--flood-kick", "2.5"),
        *(
            "--listen-irc",
            "tcp:6",
            "--listen-ssh",
            "tcp:7",
            "--listen-web",
            "tcp:3",
            "--listen-web",
            "unix:/web",
            "--web-prefix",
            "/chat/",
        ),
    )

    assert options["listen"] == ["tcp:1", "tcp:2"] and options["ephemeral"]
    assert (options["rate"], options["burst"], options["max-per-address"]) == (0.0, 9, 0)
    assert (options["lag"], options["stall"]) == (7, 1.5) and options["allow-plain-login"] is True
    assert (options["byte-rate"], options["byte-burst"], options["flood-kick"]) == (0, 20_000, 2.5)
    assert options["listen-irc"] == ["tcp:6"] and options["listen-ssh"] == ["tcp:7"]
    assert options["listen-web"] == ["tcp:3", "unix:/web"] and options["web-prefix"] == "/chat"
    assert options.given.keys() == {
        *("listen", "ephemeral", "rate", "burst", "max-per-address", "lag", "stall"),
        *(
            "allow-plain-login",
            "byte-rate",
            "byte-burst",
            "flood-kick",
            "listen-irc",
            "listen-ssh",
            "listen-web",
            "web-prefix",
        ),
    }


@pytest.mark.parametrize(
    ("arguments", "mistake"),
    [
        (["--burst", "0"], "--burst must be a whole number of at least 1."),
        (["--burst", "1.5"], "--burst must be a whole number of at least 1."),
        (["--burst", "9" * 5000], "--burst must be a whole number of at least 1."),
        (["--burst", "9" * 50], "--burst is too large: at most 1000000000."),
        (["--byte-burst", "100"], "--byte-burst must be a whole number of at least 16384."),
        (["--byte-rate", "-1"], "--byte-rate must be a number of at least 0."),
        (["--flood-kick", "soon"], "--flood-kick must be a number of at least 0."),
        (["--rate", "-1"], "--rate must be a number of at least 0."),
        (["--lag", "-1"], "--lag must be a whole number of at least 0."),
        (["--stall", "-0.1"], "--stall must be a number of at least 0."),
        (["--max-per-address", "-1"], "--max-per-address must be a whole number of at least 0."),
        (["--rate", "nan"], "--rate must be a number of at least 0."),
        (["--stall", "inf"], "--stall is too large: at most 1000000000."),
        (["--public", "--listen", "tcp:1"], "--public and --listen exclude each other."),
        (["--ephemeral", "--data", "x"], "--ephemeral and --data exclude each other."),
        (["--tls-only"], "tls-only needs tls-cert, the file with the certificate."),
        (["--standby"], "standby needs database."),
        (["--cluster"], "cluster needs database."),
        (["--cluster", "--database", "x=y"], "cluster needs link-cert, the file with the certificate."),
        (["--cluster", "--database", "x=y", "--link-cert", "x"], "cluster needs link-ca."),
        (["--role", "door"], "role needs cluster."),
        (["--role", "both"], "--role must be house or door; without it, a machine has both."),
        (["--tls-key", "key.pem"], "tls-key needs tls-cert, the file with the certificate."),
        (["--burst", "many"], "--burst must be a whole number of at least 1."),
        (["--rate", "fast"], "--rate must be a number of at least 0."),
        (["--web-prefix", "chat"], "--web-prefix must be a path, such as /chat."),
        (["--nope"], "--nope is unknown; --help lists all options."),
        (["--publik"], "--publik is unknown; did you mean --public?"),
        (["--max_per_address", "1"], "--max_per_address is unknown; did you mean --max-per-address?"),
        (["-x"], "-x is unknown; --help lists all options."),
        (["--p"], "--p is short for --port and --public."),
        (["--data"], "--data needs a value."),
        (["--data", "--ephemeral"], "--data needs a value before --ephemeral."),
        (["--config", "--public"], "--config needs a value before --public."),
        (["--listen", "--public"], "--listen needs a value before --public."),
        (["--public=yes"], "--public takes no value."),
        (["--data", ""], "--data must not be empty."),
        (["--config", ""], "--config must not be empty."),
        (["--reserved", "boss"], "--reserved can only be set in the configuration file; see --config."),
        (["extra"], "there is no option before 'extra'"),
        (["--public", "4440"], "there is no option before '4440'; did you mean --port 4440?"),
        (["extra\n\x1b[2J", "more"], "there is no option before 'extra\\n\\x1b[2J'"),
        (["--no\npe"], "--no\\npe is unknown"),
        (["--port", "0"], "--port must be a whole number of at least 1."),
        (["--port", "65536"], "--port is too large: at most 65535."),
        (["--port", "http"], "--port must be a whole number of at least 1."),
        (["--port", "1", "--listen", "2"], "--port and --listen exclude each other."),
        (["--listen", "127.0.0.1"], "127.0.0.1 has no port."),
        (["--listen", "localhost"], "localhost has no port."),
        (["--listen", "[::1]"], "[::1] has no port."),
        (["--listen", "::1"], "::1 needs brackets around the address, and a port."),
        (["--listen", "::1:4440"], "::1:4440 needs brackets around the address, and a port."),
        (["--listen", ":4440"], "'' is not an address of this machine."),
        (["--listen", "chat.example:4440"], "chat.example is not an address of this machine."),
        (["--listen", "[127.0.0.1]:4440"], "[127.0.0.1] is not an address of this machine."),
        (["--listen", "127.0.0.1:99999"], "--listen must have a port of at most 65535; 127.0.0.1:99999 has not."),
        (["--listen", "4440x"], "4440x is none of them."),
        (["--listen", "٤٤"], "٤٤ is none of them."),
        (["--listen", "9" * 5000], "is none of them."),
        (["--listen", ""], "'' is none of them."),
        (["--listen-web", "tcp"], "--listen-web must be a port, "),
        (["--config", "/nowhere/chatroom.toml"], "/nowhere/chatroom.toml: No such file or directory"),
    ],
)
def test_a_mistake_is_told_in_one_line(arguments, mistake):
    with pytest.raises(CannotStart) as caught:
        parsed(*arguments)

    line = str(caught.value)
    assert mistake in line and line.isprintable() and line.startswith("chatroom cannot start: ") and len(line) < 510


class Twistd(dict):
    """The options of twistd itself, which come before the word chatroom."""

    synonyms = {"pidfile": "pidfile", "nodaemon": "nodaemon", "n": "nodaemon"}


@pytest.mark.parametrize("option", ["-n", "--pidfile", "--nodaemon"])
def test_an_option_of_twistd_is_told_its_place(option):
    options = Options()
    options.parent = Twistd()

    with pytest.raises(CannotStart, match=rf"{option} is an option of twistd: write it before the word chatroom\."):
        options.parseOptions([option])


def test_the_files_of_twistd_are_looked_at_before_it_writes_them(tmp_path):
    options = Options()
    options.parent = Twistd(nodaemon=True, pidfile=str(tmp_path / "none" / "pid"))

    with pytest.raises(CannotStart, match=r"cannot write the pid file .*/none/pid: No such file or directory"):
        options.parseOptions([])


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


@pytest.mark.parametrize(
    ("filed", "arguments", "expected"),
    [
        ("port = 4440\npublic = true", [], (4440, True, [])),
        ("port = 4440", ["--public"], (4440, True, [])),
        ("public = true", ["--port", "5550"], (5550, True, [])),
        ("listen = ['4440']", ["--port", "5550"], (5550, False, [])),
        ("port = 4440\npublic = true", ["--listen", "5550"], (2428, False, ["5550"])),
        ("listen = ['4440', '[::1]:4441', 'unix:/x']", [], (2428, False, ["4440", "[::1]:4441", "unix:/x"])),
    ],
)
def test_where_to_listen_is_said_by_the_file_the_command_line_or_both(tmp_path, filed, arguments, expected):
    (tmp_path / "x.toml").write_text(filed)

    options = parsed("--config", str(tmp_path / "x.toml"), *arguments)

    assert (options["port"], options["public"], options["listen"]) == expected


def test_the_command_line_overrides_the_file_also_where_it_says_nought_or_uses_another_name(tmp_path):
    file = tmp_path / "chatroom.toml"
    file.write_text('rate = 9\nmax-per-address = 3\nlisten = ["tcp:4000"]\ndata = "/srv/chat"\n')
    options = parsed("--config", str(file), "--rate", "0", "--max-per-address", "0", "--public", "--ephemeral")
    assert (options["rate"], options["max-per-address"]) == (0, 0)
    assert options["public"] and options["listen"] == []
    assert options["ephemeral"] and options["data"] is None


@pytest.mark.parametrize(
    "text",
    [
        "rate = 'x'",
        "nope = 1",
        "burst = 0",
        "public = true\nlisten = ['tcp:1']",
        "= 1",
        "listen = ['tcp']",
        "data = ''",
        "port = 0",
    ],
)
def test_a_mistake_in_the_configuration_file_is_told_in_one_line(tmp_path, text):
    file = tmp_path / "chatroom.toml"
    file.write_text(text)

    with pytest.raises(CannotStart) as caught:
        parsed("--config", str(file))

    assert "\n" not in str(caught.value)


def test_the_certificate_may_be_named_in_the_file_and_needed_by_the_command_line(tmp_path):
    file = tmp_path / "chatroom.toml"
    file.write_text("tls-cert = 'cert.pem'\n")

    options = parsed("--config", str(file), "--tls-only", "--tls-key", "key.pem")

    assert (options["tls-cert"], options["tls-key"], options["tls-only"]) == ("cert.pem", "key.pem", True)
    assert (parsed()["tls-cert"], parsed()["tls-only"]) == (None, False)


def test_in_a_folder_that_is_gone_the_reason_is_told(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    with pytest.raises(CannotStart, match=r"--config x\.toml cannot be found from here: No such file or directory"):
        parsed("--config", "x.toml")


def test_the_version_can_be_asked_for(capsys):
    with pytest.raises(SystemExit) as caught:
        parsed("--version")

    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith(f"chatroom {__version__} (Twisted ")


def test_what_only_the_file_can_say_stands_beside_what_the_command_line_says(tmp_path, monkeypatch):
    (tmp_path / "chatroom.toml").write_text("login-within = 9\nreserved = ['Boss']\nallow-plain-login = true\n")
    monkeypatch.chdir(tmp_path)

    options = parsed("--config", "chatroom.toml", "--rate", "2")

    assert policy(options).limits.login_within == 9 and policy(options).limits.rate == 2
    assert policy(options).reserved == {"boss"} and policy(options).plain_login
    assert options.given == {"rate": 2.0}
    assert options.file == tmp_path / "chatroom.toml", "found again wherever the process goes"


def test_help_tells_of_every_option():
    text = " ".join(str(Options()).split())

    for name in ("config", "listen", "version", *(name for name, setting in SETTINGS.items() if setting.help)):
        assert f"--{name}" in text
    assert "[default: 65536]" in text and "$STATE_DIRECTORY or else ~/.local/state/chatroom]" in text
    assert "[default: none]" in text and "--reserved" not in text
