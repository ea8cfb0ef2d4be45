"""Configuration reload while the server runs."""

from __future__ import annotations

import pytest

from chatroom.config.file import read_config
from chatroom.config.reload import Reloader, reread
from chatroom.config.settings import combined


class Running:
    """A server's configuration: the file, the command line, and the current values."""

    def __init__(self, file, text, **given):
        self.file = file
        self.applied = []
        self.writes(text)
        self.reloading = Reloader(file, given, combined(given, read_config(file)), self.applied.append)

    def writes(self, text):
        self.file.write_text(text)

    def reloads(self, text):
        self.writes(text)
        return self.reloading.reload()


@pytest.fixture
def start(tmp_path):
    return lambda text, **given: Running(tmp_path / "x.toml", text, **given)


def test_what_has_changed_comes_into_force_and_is_told_name_by_name(start, told):
    running = start("rate = 5\nburst = 9\nreserved = ['a']\n")

    running.reloads(
        "rate = 10\nmessage-of-the-day = 'Hello'\nreserved = ['b']\nallow-plain-login = true\n"
        "[keep]\ndays = 30\nlines = 1000000\n[keep-of.help]\ndays = 1\n"
    )

    [values] = running.applied
    assert (values["rate"], values["burst"], values["message-of-the-day"]) == (10, 50, ("Hello",))
    assert told == [
        f"Reloaded {running.file}: 7 settings changed.",
        "rate: 5 → 10",
        "burst: 9 → 50",
        "allow-plain-login: false → true",
        "message-of-the-day: 0 given → 1 given",
        "reserved: changed",
        "keep: everything → days 30, lines 1000000",
        "keep-of: 0 given → 1 given",
    ]


def test_nothing_is_done_when_nothing_has_changed(start, told):
    running = start("rate = 5\n")

    running.reloads("# the same\nrate = 5.0\n")

    assert running.applied == [] and told == [f"Reloaded {running.file}: nothing changed."]


def test_what_cannot_be_changed_while_the_server_runs_is_told_and_stays_until_a_restart(start, told):
    running = start("stall = 300\nrate = 5\n")

    running.reloads("stall = 60\nrate = 6\ndata = '/srv/chat'\nlisten = ['tcp:1', 'tcp:2']\n")

    [values] = running.applied
    assert (values["stall"], values["rate"], values["data"], values["listen"]) == (300, 6, None, [])
    restarts = [
        "listen: 0 given → 2 given, which needs a restart",
        'data: not set → "/srv/chat", which needs a restart',
        "stall: 300 → 60, which needs a restart",
    ]
    assert told == [
        f"Reloaded {running.file}: 1 setting changed.",
        *restarts[:2],
        "rate: 5 → 6",
        restarts[2],
    ]

    del told[:]
    running.reloading.reload()
    assert told == [f"Reloaded {running.file}: nothing changed.", *restarts], "still so"
    assert len(running.applied) == 1


def test_an_address_with_a_password_is_not_logged(start, told):
    running = start("database = 'postgresql://ann:hunter2@db.example/talk'\n")

    running.reloads("database = 'postgresql://ann:hunter3@db.example/talk'\n")
    running.reloads("rate = 6\n")

    assert "database: changed, which needs a restart" in told
    assert "database: set → not set, which needs a restart" in told
    assert "hunter" not in " ".join(told)


def test_another_port_needs_a_restart_and_a_wrong_place_to_listen_is_told(start, told):
    running = start("rate = 5\n")

    running.reloads("port = 4440\npublic = true\n")
    running.reloads("rate = 5\nlisten = ['4440',\n 'chat.example:1']\n")
    running.reloads("port = 4440\nlisten = ['4440']\n")

    assert told[1:3] == ["port: 2428 → 4440, which needs a restart", "public: false → true, which needs a restart"]
    assert told[3].startswith(f"Keeping the old configuration. {running.file}, line 3: listen must be a port, ")
    assert told[3].endswith("; chat.example is not an address of this machine")
    assert told[4].endswith("line 2: listen and port exclude each other") and running.applied == []


def test_a_wrong_file_changes_nothing_and_the_line_and_the_reason_are_told(start, told):
    running = start("rate = 5\n")

    running.reloads("rate = 10\nburst = 0\n")
    assert told == [
        f"Keeping the old configuration. {running.file}, line 2: burst must be a whole number of at least 1"
    ]
    running.reloads("")
    assert told[1:] == [f"Keeping the old configuration. {running.file}: the file is empty"]
    running.file.unlink()
    running.reloading.reload()
    assert told[2:] == [f"Keeping the old configuration. {running.file}: No such file or directory"]
    assert running.applied == []

    del told[:]
    running.reloads("rate = 10\n")
    assert told[1:] == ["rate: 5 → 10"] and running.applied[0]["rate"] == 10


def test_the_command_line_holds_whatever_the_file_says(start, told):
    running = start("rate = 7\n", rate=5.0, public=True)

    running.reloads("rate = 10\nburst = 60\nlisten = ['tcp:1']\n")

    [values] = running.applied
    assert (values["rate"], values["burst"], values["public"], values["listen"]) == (5, 60, True, [])
    assert told == [
        f"Reloaded {running.file}: 1 setting changed.",
        "burst: 50 → 60",
        "listen: 1 given in the file is ignored; the command line overrides it.",
        "rate: 10 in the file is ignored; the command line overrides it.",
    ]


def test_what_is_nothing_without_something_else_changes_nothing(start, told):
    running = start("rate = 5\n")

    running.reloads("rate = 6\ntls-only = true\n")
    running.reloads("rate = 6\ntls-only = true\ntls-cert = 'cert.pem'\n")

    assert told[0] == f"Keeping the old configuration. {running.file}: tls-only needs tls-cert"
    assert 'tls-cert: not set → "cert.pem", which needs a restart' in told and len(running.applied) == 1


def test_without_a_file_there_is_nothing_to_read(told):
    answer = Reloader(None, {}, combined({}, {}), pytest.fail).reload()

    assert [answer] == told == ["There is no configuration to reload: the server was started without --config."]


def test_a_mistake_of_ours_leaves_the_server_running(start, told):
    running = start("rate = 5\n")
    running.reloading._apply = lambda values: 1 / 0

    running.reloads("rate = 6\n")

    assert told == ["The new configuration could not be applied."]
    assert running.reloading.values["rate"] == 5


def test_who_asks_is_told_in_a_sentence_what_came_of_it(start):
    running = start("rate = 5\n")
    assert running.reloads("rate = 6\n") == f"Reloaded {running.file}: 1 setting changed."
    assert running.reloads("rate = 6\nstall = 9\n").endswith(": nothing changed. After a restart: stall.")
    assert running.reloads("rate = no\n").startswith("Keeping the old configuration. ")
    running.reloading._apply = lambda values: 1 / 0
    assert running.reloads("rate = 7\n") == "The new configuration could not be applied; the log says why."


def test_what_needs_something_that_comes_with_a_restart_comes_then_too(start, told):
    running = start("rate = 5\n")

    outcome = running.reloads("rate = 6\ntls-cert = '/etc/cert.pem'\nirc-sts = 3600\n")

    [values] = running.applied
    assert (values["rate"], values["tls-cert"], values["irc-sts"]) == (6, None, 0)
    assert outcome == f"Reloaded {running.file}: 1 setting changed. After a restart: tls-cert, irc-sts."
    assert "irc-sts: 0 → 3600, which needs a restart" in told


def test_a_process_beside_leaves_that_too(tmp_path):
    file = tmp_path / "x.toml"
    file.write_text("rate = 6\ntls-cert = '/etc/cert.pem'\nirc-sts = 3600\n")

    values = reread(file, {}, combined({}, {}))

    assert (values["rate"], values["tls-cert"], values["irc-sts"]) == (6, None, 0)
