"""A supervisor put together from the command line."""

from __future__ import annotations

import json
import os
import socket
import sys

import pytest
from twisted.internet.testing import MemoryReactorClock

from chatroom.composition import supervision
from chatroom.composition.supervision import fixed, supervise
from chatroom.config.settings import SETTINGS, from_json
from chatroom.server.command_line import Options
from chatroom.server.errors import CannotStart
from chatroom.server.shared_ports import Binder
from chatroom.server.supervisor import Supervisor


class Reactor(MemoryReactorClock):
    """The reactor in memory, with threads that are none."""

    def callFromThread(self, call, *arguments):
        call(*arguments)


class Launches:
    """Notes what would be started."""

    def __init__(self):
        self.all = []

    def __call__(self, reactor, words, begin, descriptors=()):
        def launch(received, finished):
            self.all.append((words, json.loads(begin), list(descriptors)))

        return launch


@pytest.fixture
def launches(monkeypatch):
    launches = Launches()
    monkeypatch.setattr(supervision, "launcher", launches)
    return launches


def put_together(*words):
    options = Options()
    options.parseOptions(["--doors", "2", *words])
    return supervise(options, Reactor(), None)


def test_what_is_fixed_is_what_json_has():
    options = Options()
    options.parseOptions([])
    values = {**options, "ssh-host-keys": ("one", "two"), "listen": ["1"]}

    found = json.loads(json.dumps(fixed(values)))

    assert found.keys() == {name for name, setting in SETTINGS.items() if not setting.live}
    assert found["ssh-host-keys"] == ["one", "two"] and found["data"] is None and found["port"] == 2428


def test_what_is_fixed_is_afterwards_what_the_readers_made():
    """A password is a secret still, and nothing seems to have changed."""
    options = Options()
    options.parseOptions(["--database", "postgresql://u:horse@h/n"])
    values = {**options, "ssh-host-keys": ("one",)}

    found = from_json(json.loads(json.dumps(fixed(values))))

    assert found == fixed(values)
    assert {name: type(value) for name, value in found.items()} == {
        name: type(value) for name, value in fixed(values).items()
    }


def test_all_processes_get_the_command_line_and_what_is_fixed(launches, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chatroom.toml").write_text("stall = 7\n")
    supervisor = put_together("--data", str(tmp_path), "--config", "chatroom.toml", "--listen", "0")
    supervisor._link.open()
    for listener in supervisor._chatting:
        listener.open(None)
    supervisor.house.load()
    supervisor.doors[1].load()
    supervisor._binder.close()
    supervisor._link.close()

    (house, house_begins, none), (door, door_begins, descriptors) = launches.all
    words = ["--doors", "2", "--data", str(tmp_path), "--config", "chatroom.toml", "--listen", "0"]
    # Absolute, too: twistd may have changed the folder.
    end = [*words, "--config", str(tmp_path / "chatroom.toml")]
    assert house == [sys.executable, "-P", "-m", "chatroom.process", "house", *end]
    assert door == [sys.executable, "-P", "-m", "chatroom.process", "door", *end]
    kind, about = house_begins
    assert (kind, about["name"], about["sockets"], none) == ("begin", "the house", [], [])
    assert about["settings"]["stall"] == 7 and about["link"] == str(supervisor._link.socket)
    _, about = door_begins
    assert about["name"] == "door 2" and about["sockets"] == [["127.0.0.1", 0, descriptors[0]]]


def test_a_port_for_one_door_has_sockets_for_all_doors_too(tmp_path):
    supervisor = put_together("--data", str(tmp_path), "--listen", "0", "--listen-irc", "0", "--listen-web", "0")
    for listener in (*supervisor._chatting, *supervisor._others):
        listener.open(None)

    passed = supervisor._binder.of(1)
    assert len(passed) == 3
    ports = {socket.socket(fileno=os.dup(one.descriptor)).getsockname()[1] for one in passed}
    supervisor._binder.close()
    assert len(ports) == 3


def test_it_is_a_supervisor_of_so_many_doors(tmp_path):
    supervisor = put_together("--data", str(tmp_path / "data"))

    assert isinstance(supervisor, Supervisor) and len(supervisor.doors) == 2 and isinstance(supervisor._binder, Binder)
    assert not (tmp_path / "data").exists()


def test_nothing_can_be_stored_in_memory_only():
    with pytest.raises(CannotStart, match="--doors and --ephemeral exclude each other"):
        put_together("--ephemeral", "--doors", "1")
