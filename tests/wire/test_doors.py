"""A server with ``--doors``: its processes are killed, stopped and replaced while people chat."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import made

from .clients import JsonClient, TextClient
from .processes import PATIENCE, Started, program, run, wait_until
from .server import Server, command_of, open_files
from .test_twistd import FREE, GOODBYE, Daemon, cannot_start

pytestmark = pytest.mark.slow


class Processes:
    """The processes of a server."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def all(self, role: str = "") -> set[int]:
        """Return the numbers of those that are ``house`` or ``door``, or of both."""
        return set(self.server.children(role))

    def of(self, client: TextClient | JsonClient) -> int:
        """Return the door at which *client* is."""
        here, there = client.socket.getsockname()[1], client.socket.getpeername()[1]
        ends = f"0100007F:{there:04X} 0100007F:{here:04X} "
        [inode] = [line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines() if ends in line]
        # While it moves, two have it.
        return next(door for door in self.all("door") if f"socket:[{inode}]" in open_files(door))

    def kill(self, pid: int) -> None:
        """Kill one, as ``kill -9`` does."""
        assert pid in self.all()
        os.kill(pid, signal.SIGKILL)

    def become(self, role: str, count: int, *, without: set[int]) -> set[int]:
        """Wait until there are so many of *role*, none of them one of *without*."""
        wait_until(lambda: len(self.all(role) - without) == count, lambda: self.server.log)
        return self.all(role) - without


def wait_until_gone(pids: set[int]) -> None:
    wait_until(lambda: not any(map(command_of, pids)), lambda: f"still there: {[*map(command_of, pids)]}")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path, "--doors", "2") as running:
        yield running


@pytest.fixture
def processes(server: Server) -> Processes:
    return Processes(server)


@pytest.fixture
def two(server: Server, processes: Processes) -> Iterator[list[TextClient]]:
    """Two people at different doors."""
    ann = TextClient(server.port, "ann")
    others = []
    while True:
        # The kernel chooses.
        others.append(TextClient(server.port, f"bob{len(others)}"))
        if processes.of(others[-1]) != processes.of(ann):
            break
    yield [ann, others[-1]]
    for client in (ann, *others):
        client.socket.close()


def test_the_log_says_what_runs(server: Server, processes: Processes) -> None:
    assert "Running 3 processes: the house and 2 doors." in server.log
    assert len(processes.all("house")) == 1 and len(processes.all("door")) == 2
    assert (server.data / "link").stat().st_mode & 0o777 == 0o700
    assert len(re.findall("Listening on", server.log)) == 1


def test_people_at_different_doors_hear_each_other_and_of_a_shutdown(
    server: Server, processes: Processes, two: list[TextClient]
) -> None:
    ann, bob = two
    ann.type("hello there")
    bob.until("<ann> hello there")
    bob.type("and you")
    ann.until("> and you")
    pids = processes.all()

    assert server.stop() == 0

    for one in two:
        assert one.rest()[-2] == f"-- {GOODBYE}"
    assert not any(map(command_of, pids))
    assert "Traceback" not in server.log and "house: Stopped: everything that anyone has seen is stored." in server.log
    with Server(server.folder) as again, TextClient(again.port, "eve") as eve:
        eve.type("/history")
        eve.until("<ann> hello there")
        assert "ended without shutting down" not in again.log


def test_a_signal_to_all_processes_is_no_different(server: Server, processes: Processes) -> None:
    with TextClient(server.port, "ann") as ann, JsonClient(server.port, "bob") as bob:
        # As systemd does, and Ctrl-C.
        for pid in processes.all():
            os.kill(pid, signal.SIGTERM)
        assert server.stop() == 0
        assert ann.rest()[-2] == f"-- {GOODBYE}"
        assert bob.until("goodbye")[-1]["text"] == GOODBYE
    assert "ended by signal" not in server.log


def test_a_door_that_is_killed_comes_back(server: Server, processes: Processes, two: list[TextClient]) -> None:
    ann, bob = two
    doors, house = processes.all("door"), processes.all("house")
    killed = processes.of(ann)

    processes.kill(killed)

    server.process.until(r"Door \d was ended by signal 9\. Starting door \d again now\.")
    processes.become("door", 1, without=doors)
    bob.type("still here?")
    bob.type("/time")
    bob.until("-- ")
    for number in range(8):
        with TextClient(server.port, f"eve{number}"):
            pass
    assert processes.all("house") == house and processes.of(bob) in doors


def test_a_house_that_is_killed_comes_back_and_nobody_is_disconnected(
    server: Server, processes: Processes, two: list[TextClient]
) -> None:
    doors, house = processes.all("door"), processes.all("house")
    two[0].type("before")
    two[1].until("<ann> before")

    processes.kill(*house)

    server.process.until(r"The house was ended by signal 9\. Starting the house again now\.")
    processes.become("house", 1, without=house)
    two[0].type("after")
    two[1].until("<ann> after")
    with JsonClient(server.port, "eve") as eve:
        said = [event["text"] for event in eve.history("lobby").values() if event["type"] == "said"]
    assert said == ["before", "after"]
    assert processes.all("door") == doors
    assert server.stop() == 0
    for one in two:
        assert one.rest()[-2] == f"-- {GOODBYE}"


def spare_of(server: Server) -> int:
    """Wait for a spare house."""
    wait_until(server.spares, lambda: server.log, 2 * PATIENCE)
    [spare] = server.spares()
    return spare


def test_a_spare_house_takes_over_and_another_one_is_loaded(
    server: Server, processes: Processes, two: list[TextClient]
) -> None:
    [house], spare = processes.all("house"), spare_of(server)
    two[0].type("before")
    two[1].until("<ann> before")

    processes.kill(house)
    two[0].type("after")

    two[1].until("<ann> after")
    assert processes.all("house") == {spare}
    assert spare_of(server) not in (house, spare)
    assert server.stop() == 0


def test_a_spare_house_holds_nothing_and_ends_with_the_supervisor(server: Server) -> None:
    spare = spare_of(server)
    server.process.until("A spare process of the house is ready")
    assert not [file for file in open_files(spare) if str(server.folder) in file]
    server.tell(signal.SIGKILL)
    wait_until_gone({spare})


def test_an_upgrade_ends_the_spare_house(server: Server, processes: Processes) -> None:
    spare = spare_of(server)
    server.tell(signal.SIGUSR2)
    server.process.until("All processes have been replaced", seconds=3 * PATIENCE)
    wait_until_gone({spare})
    assert len(processes.all("house")) == 1


def test_all_processes_end_with_the_supervisor(server: Server, processes: Processes) -> None:
    pids = processes.all()
    with TextClient(server.port, "ann") as ann:
        server.tell(signal.SIGKILL)
        assert ann.rest()[-2].startswith("-- The server is shutting down: ")
    wait_until_gone(pids)
    server.start()


def test_a_hangup_has_all_processes_read_the_configuration(tmp_path: Path) -> None:
    file = tmp_path / "chatroom.toml"
    file.write_text("rate = 5\ndoors = 2\n")
    with Server(tmp_path, "--config", str(file)) as server:
        file.write_text("rate = 10\ndoors = 3\n")
        server.tell(signal.SIGHUP)
        server.process.until("house: rate: 5 → 10")
        server.process.until("house: doors: 2 → 3, which needs a restart")
        assert server.stop() == 0
        assert server.log.count("rate: 5") == 1


def test_an_upgrade_replaces_all_processes_and_hands_over_who_cannot_resume(
    server: Server, processes: Processes, two: list[TextClient]
) -> None:
    before, house = processes.all(), processes.all("house")
    command = [program("twistd"), "chatroom", "--data", server.data, "--upgrade"]

    assert f"Told process {server.process.pid}" in run(command)

    server.process.until("All processes have been replaced", seconds=2 * PATIENCE)
    wait_until_gone(house)
    assert len(processes.all("house")) == 1 and len(processes.all("door") - before) == 2
    wait_until_gone(before)
    for one, other in (two, reversed(two)):
        one.type("still here")
        other.until("> still here")
    assert not {processes.of(one) for one in two} & before
    with TextClient(server.port, "eve") as eve:
        assert processes.of(eve) not in before
    assert server.stop() == 0
    assert "house: Stopped: everything that anyone has seen is stored." in server.log
    for one in two:
        assert one.rest()[-2] == f"-- {GOODBYE}"


def test_who_can_neither_move_nor_resume_stays_at_the_old_door_which_ends_then(tmp_path: Path) -> None:
    certificate, key = made("localhost").write(tmp_path)
    context = ssl.create_default_context(cafile=certificate)
    options = ("--doors", "1", "--tls-cert", str(certificate), "--tls-key", str(key))
    with Server(tmp_path, *options) as server:
        processes = Processes(server)
        with TextClient(server.port, "ann", context) as ann, TextClient(server.port, "bob") as bob:
            [old] = processes.all("door")
            server.tell(signal.SIGUSR2)
            server.process.until("All processes have been replaced", seconds=2 * PATIENCE)
            ann.type("hello")
            bob.until("<ann> hello")
            [new] = processes.all("door") - {old}
            wait_until(lambda: processes.of(bob) == new, "it has not moved")
            assert processes.of(ann) == old
        wait_until_gone({old})
        assert processes.all("door") == {new}


def test_new_code_that_does_not_run_replaces_nothing(tmp_path: Path) -> None:
    file = tmp_path / "chatroom.toml"
    file.write_text("doors = 1\n")
    with Server(tmp_path, "--config", str(file)) as server, TextClient(server.port, "ann"):
        before = Processes(server).all()
        file.write_text("nonsense = 1\n")
        server.tell(signal.SIGUSR2)
        server.process.until("Not all processes could be replaced: .*nonsense is unknown.*Those that run go on")
        assert Processes(server).all() == before


# -- Obstacles.


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path)
    yield daemon
    daemon.signal(signal.SIGKILL)


@pytest.mark.parametrize("as_daemon", [False, True], ids=["in the foreground", "as a daemon"])
def test_what_keeps_it_from_starting_is_named_in_one_line(as_daemon: bool, daemon: Daemon) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"tcp:{other.getsockname()[1]}:interface=127.0.0.1"
        options = ("--doors", "2", "--data", "data")
        cannot_start(daemon, as_daemon, f"{listen} is in use", *options, "--listen", listen)
    cannot_start(daemon, as_daemon, "with --doors, use ports, ", *options, "--listen", "unix:/tmp/none")
    (daemon.folder / "file").write_text("not a folder")
    cannot_start(daemon, as_daemon, "file: Not a directory", *options, "--data", "file", "--listen", FREE)
    (daemon.folder / "data" / "journal.sqlite3").write_text("Dear diary, " * 1000)
    cannot_start(daemon, as_daemon, "journal.sqlite3: this is not a database", *options, "--listen", FREE)
    # It has let go of everything.
    (daemon.folder / "data" / "journal.sqlite3").unlink()
    with Server(daemon.folder):
        cannot_start(daemon, as_daemon, "data is in use by another chatroom", *options, "--listen", FREE)


def test_two_with_doors_in_one_folder_get_in_each_others_way(server: Server, daemon: Daemon) -> None:
    reason = rf"data is in use by another chatroom server \(process {server.process.pid}\)"
    cannot_start(daemon, False, reason, "--doors", "1", "--data", "data", "--listen", FREE)
    with TextClient(server.port, "ann"):
        pass


def test_as_a_daemon_it_has_one_log_and_takes_its_pid_file_away(daemon: Daemon) -> None:
    assert daemon.start("--doors", "2", "--data", "data", "--listen", FREE) == ""
    with TextClient(daemon.port, "ann") as ann:
        daemon.stop()
        assert ann.rest()[-2] == f"-- {GOODBYE}"
    assert "house: Stopped: everything that anyone has seen is stored." in daemon.log
    assert "Traceback" not in daemon.log


def test_with_twist_it_runs_and_stops_just_the_same(tmp_path: Path) -> None:
    command = [program("twist"), "--log-format=text", "chatroom", "--doors", "1", "--data", "data", "--listen", FREE]
    with Started(command, cwd=tmp_path) as server:
        port = int(server.until(r"Listening on 127\.0\.0\.1:(\d+)")[1])
        with TextClient(port, "ann") as ann:
            server.process.send_signal(signal.SIGTERM)
            assert ann.rest()[-2] == f"-- {GOODBYE}"
        assert server.ended() == 0
