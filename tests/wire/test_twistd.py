"""Starting and stopping with twistd: messages, exit status, and files left behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chatroom import __version__

from .clients import Client, JsonClient, TextClient
from .processes import Started, program, run, wait_until
from .server import Server

GOODBYE = "The server is shutting down: it was asked to stop. You have been disconnected."
FREE = "tcp:0:interface=127.0.0.1"
GRACE = 5.0
"""Seconds that somebody who does not read may hold up the end."""


class Daemon:
    """A server that has gone to the background in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pid_file = folder / "pid"
        self.log_file = folder / "log"

    def start(self, *options: str, ok: bool = True) -> str:
        """Start it; return what was printed until it went to the background."""
        command = [program("twistd"), "--pidfile", "pid", "--logfile", "log", "chatroom", *options]
        return run(command, ok=ok, cwd=self.folder)

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    @property
    def port(self) -> int:
        listening = r"Listening on 127\.0\.0\.1:(\d+)"
        # Its parent ends before it says that.
        wait_until(lambda: re.search(listening, self.log), lambda: self.log)
        return int(re.findall(listening, self.log)[0])

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.pid_file.exists():
            os.kill(int(self.pid_file.read_text()), number)

    def stop(self) -> None:
        """Tell it to stop, and wait until it has taken its pid file away."""
        self.signal(signal.SIGTERM)
        wait_until(lambda: not self.pid_file.exists(), lambda: self.log)


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path)
    yield daemon
    daemon.signal(signal.SIGKILL)


@pytest.mark.parametrize("command", [("twistd", "-n"), ("twist",)])
def test_it_tells_its_version_and_how_to_use_it(command: tuple[str, ...], tmp_path: Path):
    command = (program(command[0]), *command[1:], "chatroom")
    assert run([*command, "--version"], cwd=tmp_path).startswith(f"chatroom {__version__} (Twisted ")
    help = run([*command, "--help"], cwd=tmp_path)
    for option in ("--listen", "--port", "--public", "--data", "--ephemeral", "--config", "--rate", "--burst"):
        assert option in help
    assert "nc localhost 2428" in " ".join(help.split())


LOG_LINE = r"^\d{4}-\d\d-\d\dT\S+ "
"""How a line of the log begins."""


def printed(output: str) -> list[str]:
    """Return the lines of *output* that are not of the log."""
    return [line for line in output.splitlines() if not re.match(LOG_LINE, line)]


@pytest.mark.parametrize("command", [("twistd", "-n"), ("twistd",), ("twist",)], ids=" ".join)
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--rate", "-1"), "--rate must be a number of at least 0."),
        (("--publik",), "--publik is unknown; did you mean --public?"),
        (("--data",), "--data needs a value."),
        (("--config", "none.toml"), "{folder}/none.toml: No such file or directory"),
        (("--config", "wrong.toml"), "{folder}/wrong.toml, line 2: rat is unknown; did you mean rate?"),
        (
            ("--listen", "chat.example:1"),
            "--listen must be a port, .*; chat.example is not an address of this machine.",
        ),
        (("--listen", "tcp:many"), "--listen tcp:many: .*"),
        (("--listen", "systemd:domain=INET:index=0"), "--listen systemd:domain=INET:index=0: list index out of range"),
        (("4440",), "there is no option before '4440'; did you mean --port 4440?"),
    ],
)
def test_a_mistake_on_the_command_line_is_all_that_is_printed(
    command: tuple[str, ...], options: tuple[str, ...], reason: str, tmp_path: Path
):
    (tmp_path / "wrong.toml").write_text("burst = 1\nrat = 1\n")
    output = run([program(command[0]), *command[1:], "chatroom", *options], ok=False, cwd=tmp_path)
    [line] = printed(output)
    pattern = re.escape(reason.format(folder=tmp_path)).replace(r"\.\*", ".*")
    assert re.fullmatch(f"chatroom cannot start: {pattern}", line)


@pytest.mark.parametrize("background", [False, True])
def test_a_file_of_twistd_that_cannot_be_written_is_all_that_is_printed(background: bool, tmp_path: Path):
    foreground = () if background else ("-n",)
    for option, reason in (
        (
            ("--pidfile", "none/pid"),
            "cannot write the pid file .*/none/pid: No such file or directory. Run twistd with .*",
        ),
        (
            ("--pidfile", "words"),
            ".*/words does not contain the number of a process. Remove it, or run twistd with .*",
        ),
        (("--pidfile=", "--rundir", "none"), "cannot run in none: No such file or directory"),
        (("--pidfile=", "--logfile", "none/log"), "cannot write the log file .*/none/log: No such file or directory"),
    ):
        (tmp_path / "words").write_text("words")
        output = run([program("twistd"), *foreground, *option, "chatroom", "--ephemeral"], ok=False, cwd=tmp_path)
        assert re.fullmatch(f"chatroom cannot start: {reason}\n", output)


def test_two_servers_in_one_folder_get_in_each_others_way_in_one_line(daemon: Daemon):
    assert daemon.start("--ephemeral", "--listen", "0") == ""
    output = daemon.start("--ephemeral", "--listen", "0", ok=False)
    pid = daemon.pid_file.read_text()
    assert re.fullmatch(rf"chatroom cannot start: process {pid}.* is running, and .*/pid names it: .*\n", output)

    daemon.signal(signal.SIGKILL)
    wait_until(lambda: not Path(f"/proc/{pid}").exists(), "it is still there")
    assert daemon.start("--ephemeral", "--listen", "0") == "", "the pid file was stale"
    daemon.stop()


@pytest.mark.parametrize(
    ("listen", "reason"),
    [
        ("tcp:99999", "port must be 0-65535"),
        ("unix:/no/such/folder/chat", "No such file or directory"),
        ("tcp:0:interface=203.0.113.1", "Cannot assign requested address"),
    ],
)
def test_an_endpoint_that_is_none_is_explained_in_one_line(listen: str, reason: str, tmp_path: Path):
    command = [program("twistd"), "-n", "--pidfile=", "chatroom", "--ephemeral", "--listen", listen]
    output = run(command, ok=False, cwd=tmp_path)
    assert printed(output) == [], "it is in the log, which is shown"
    assert re.fullmatch(
        f"{LOG_LINE}.*chatroom cannot start: .*{re.escape(listen)}.*{reason}.*", output.splitlines()[-1]
    )
    assert run([command[0], "-n", "--logfile=log", *command[2:]], ok=False, cwd=tmp_path).count("\n") == 1


def test_the_log_says_where_it_listens_what_it_keeps_and_how_to_join(server: Server):
    assert f"Listening on 127.0.0.1:{server.port}." in server.log
    assert "Storing everything in data." in server.log
    assert f"Join with:  nc localhost {server.port}   telnet localhost {server.port}   " in server.log
    client = program("chatroom") if shutil.which("chatroom") is None else "chatroom"
    assert f"   {client} localhost:{server.port}   http://localhost:{server.port}/\n" in server.log


def test_the_log_holds_nothing_that_was_said(server: Server):
    with TextClient(server.port, "ann") as ann:
        ann.type("abracadabra")
        ann.type("/abracadabra")
        ann.until("!! There is no command")
        ann.send(b"abracadabra \xfe\n")
        ann.until("!! That line is not UTF-8")
        ann.type("abracadabra " * 500)
        ann.until("!! That line has more than")
        ann.vanish()
    assert server.stop() == 0
    assert "abracadabra" not in server.log


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_says_goodbye_to_everyone_and_ends_with_success(server: Server, number: signal.Signals):
    with TextClient(server.port, "ann") as ann, JsonClient(server.port, "bob") as bob, Client(server.port) as nobody:
        assert b"What is your nick?" in nobody.line()
        assert server.stop(number) == 0
        assert ann.rest()[-2] == f"-- {GOODBYE}"
        assert bob.until("goodbye")[-1]["text"] == GOODBYE
        assert nobody.line().decode() == f"-- {GOODBYE}"
    assert "Traceback" not in server.log
    server.start()
    assert "ended without shutting down" not in server.log


def test_what_is_said_while_it_stops_is_said_to_all_or_to_none(server: Server):
    with JsonClient(server.port, "ann") as ann, JsonClient(server.port, "bob") as bob:
        with ThreadPoolExecutor() as at_once:
            all_heard = at_once.submit(bob.until, "goodbye")
            for n in range(500):
                ann.ask("say", text=str(n))
            assert server.stop() == 0
        heard = [one["text"] for one in all_heard.result() if one["type"] == "said"]
    server.start()
    with JsonClient(server.port, "eve") as eve:
        stored = [event["text"] for event in eve.history("lobby").values() if event["type"] == "said"]
    assert heard == stored == [str(n) for n in range(len(heard))]


def test_who_never_reads_holds_up_the_end_for_no_more_than_the_grace_time(server: Server):
    with (
        TextClient(server.port, "ann") as ann,
        TextClient(server.port, "tom"),
        JsonClient(server.port, "eve"),
    ):
        flood(ann, 16_000_000)
        begun = time.monotonic()
        assert server.stop() == 0
        assert GRACE / 2 < time.monotonic() - begun < GRACE + 3
        assert f"-- {GOODBYE}" in ann.rest()
    assert "Not everything could be written out in 5.0 seconds." in server.log


def flood(speaker: TextClient, size: int) -> None:
    """Have *speaker* say so many bytes, all of which the others have been shown at the end."""
    line = "x" * 4000
    for _ in range(size // 400_000):
        speaker.send(f"{line}\n".encode() * 100)
        speaker.type("/time")
        speaker.until("-- ")


def test_with_twist_it_runs_and_stops_just_the_same(tmp_path: Path):
    command = [program("twist"), "--log-format=text", "chatroom", "--data", "data", "--listen", FREE]
    with Started(command, cwd=tmp_path) as server:
        port = int(server.until(r"Listening on 127\.0\.0\.1:(\d+)")[1])
        # Twist opens before the reactor runs, so that a signal would still find nobody to take it.
        with TextClient(port, "ann") as ann:
            server.process.send_signal(signal.SIGTERM)
            assert ann.rest()[-2] == f"-- {GOODBYE}"
        assert server.ended() == 0


def test_as_a_daemon_it_leaves_a_pid_file_and_a_log_and_takes_the_pid_file_away_in_the_end(daemon: Daemon):
    assert daemon.start("--data", "data", "--listen", FREE) == ""
    with TextClient(daemon.port, "ann") as ann:
        ann.type("hello")
        ann.type("/who")
        ann.until("-- ann")
        daemon.stop()
        assert ann.rest()[-2] == f"-- {GOODBYE}"
    assert "Stopped: everything that anyone has seen is stored." in daemon.log
    assert "Traceback" not in daemon.log

    # Port and folder are free again.
    with Server(daemon.folder) as server, TextClient(server.port, "bob") as bob:
        bob.type("/history")
        assert bob.until("<ann> ").endswith("<ann> hello")
    assert daemon.start("--data", "data", "--listen", f"tcp:{daemon.port}:interface=127.0.0.1") == ""
    daemon.stop()


# -- Obstacles.


def a_file(folder: Path) -> str:
    (folder / "data").write_text("not a folder")
    return "data: Not a directory"


def no_database(folder: Path) -> str:
    (folder / "data").mkdir()
    (folder / "data" / "journal.sqlite3").write_text("Dear diary, " * 1000)
    return "data/journal.sqlite3: this is not a database"


def a_damaged_database(folder: Path) -> str:
    with Server(folder) as server:
        server.stop()
    path = folder / "data" / "journal.sqlite3"
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * 4000 + whole[4100:])
    return "data/journal.sqlite3: the journal is damaged"


def a_newer_database(folder: Path) -> str:
    with Server(folder) as server:
        server.stop()
    with sqlite3.connect(folder / "data" / "journal.sqlite3") as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    return r"data/journal.sqlite3: written by a newer chatroom \(version 99; this one knows \d+\)"


@pytest.mark.parametrize("as_daemon", [False, True], ids=["in the foreground", "as a daemon"])
@pytest.mark.parametrize("obstacle", [a_file, no_database, a_damaged_database, a_newer_database])
def test_data_that_it_cannot_use_is_named_in_one_line(
    obstacle: Callable[[Path], str], as_daemon: bool, daemon: Daemon
):
    reason = obstacle(daemon.folder)
    cannot_start(daemon, as_daemon, reason, "--data", "data", "--listen", FREE)


@pytest.mark.parametrize("as_daemon", [False, True], ids=["in the foreground", "as a daemon"])
def test_a_folder_that_another_server_uses_is_left_to_it(as_daemon: bool, server: Server, daemon: Daemon):
    reason = rf"data is in use by another chatroom server \(process {server.process.pid}\)"
    cannot_start(daemon, as_daemon, reason, "--data", "data", "--listen", FREE)
    with TextClient(server.port, "ann"):
        pass


@pytest.mark.parametrize("as_daemon", [False, True], ids=["in the foreground", "as a daemon"])
def test_a_port_that_is_taken_is_named_in_one_line(as_daemon: bool, daemon: Daemon):
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"tcp:{other.getsockname()[1]}:interface=127.0.0.1"
        cannot_start(daemon, as_daemon, f"{listen} is in use", "--data", "data", "--listen", listen)
    # It has let go of the folder again.
    with Server(daemon.folder):
        pass


def cannot_start(daemon: Daemon, as_daemon: bool, reason: str, *options: str) -> None:
    """Try to start; nothing but *reason* may be printed, in one line, and nothing be left running."""
    line = f"chatroom cannot start: .*{reason}.*"
    if as_daemon:
        printed = daemon.start(*options, ok=False)
        # Twistd adds its first hundred bytes, and where the log is.
        start = "An error has occurred: .*chatroom cannot start: .*"
        assert re.fullmatch(f"{line}\n{start}\nPlease look at log file for more information.\n", printed), printed
        log = daemon.log
        assert not daemon.pid_file.exists()
    else:
        log = run([program("twistd"), "-n", "--pidfile=", "chatroom", *options], ok=False, cwd=daemon.folder)
    assert len(re.findall(line, log)) == 1, log
    assert "Traceback" not in log
    assert "Listening" not in log
