"""A house and a door as processes of their own: what they do of what the supervisor says."""

from __future__ import annotations

import os
import socket
from types import SimpleNamespace

import pytest
from twisted.internet.defer import succeed
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Factory
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from chatroom.composition.door_process import DoorProcess
from chatroom.composition.house_process import HouseProcess
from chatroom.server.command_line import Options
from chatroom.server.errors import CannotStart
from tests.linked_house import linked
from tests.log_lines import log_lines
from tests.wires import HERE, Wire

FACTORY = Factory()


class Reactor(MemoryReactorClock):
    """The reactor in memory, with threads that are none, and sockets that it adopts."""

    def __init__(self):
        super().__init__()
        self.fronts = []

    def callFromThread(self, call, *arguments):
        call(*arguments)

    def callWhenRunning(self, call, *arguments):
        call(*arguments)

    def adoptStreamPort(self, descriptor, family, factory):
        self.fronts.append(factory)
        return SimpleNamespace(stopListening=lambda: succeed(self.fronts.remove(factory)))


class Parent:
    """A supervisor that notes what it is told."""

    def __init__(self):
        self.said = []

    def say(self, *message):
        self.said.append(message)

    def alive(self):
        self.said.append(("beat",))

    def gives_up(self, seconds):
        raise AssertionError("nothing is waited for")


class Process:
    """A process in memory."""

    def __init__(self, kind, *words, **begun):
        self.reactor, self.parent = Reactor(), Parent()
        options = Options()
        options.parseOptions(words)
        self.process = kind(options, self.reactor, self.parent, {"goes_on": False, **begun})

    def start(self):
        self.process.start()
        return self


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "chatroom.toml"
    file.write_text("rate = 5\nmax-per-address = 3\n")
    return file


@pytest.fixture
def house(tmp_path, config):
    process = Process(HouseProcess, "--ephemeral", "--config", str(config), link=str(tmp_path / "house"))
    return process.start()


@pytest.fixture
def descriptor():
    listening = socket.create_server(("127.0.0.1", 0))
    # The door closes it.
    yield os.dup(listening.fileno())
    listening.close()


@pytest.fixture
def door(config, descriptor):
    words = ("--listen", "0", "--config", str(config))
    return Process(
        DoorProcess, *words, name="door 1", link="/link/house", sockets=[["127.0.0.1", 0, descriptor]]
    ).start()


def met(house, door):
    """Let *door* and *house* connect."""
    [(_, link, *_)] = house.reactor.unixServers
    [(_, dialled, *_)] = door.reactor.unixClients
    clock = house.reactor
    end = linked(clock, dialled.buildProtocol(None), link.buildProtocol(None))
    clock.pump([0] * 4)
    return end


def test_a_house_listens_for_doors_and_says_so(house, tmp_path):
    [(path, factory, *_)] = house.reactor.unixServers

    assert path == str(tmp_path / "house") and factory is house.process._links
    assert house.parent.said == [("ready", {"left": 0, "fingerprints": house.process._parts.host_keys.fingerprints})]
    assert house.parent.said[0][1]["fingerprints"]


def test_a_house_says_why_it_stops(house):
    house.process.heard(["stop", "a new disk"])

    assert house.process.service.reason == "a new disk" and house.reactor.hasStopped
    [(stop, *_)] = house.reactor.triggers["before"]["shutdown"]
    ended = []
    stop().addCallback(ended.append)
    house.reactor.pump([1.0] * 10)
    assert ended and house.parent.said[-1] == ("closed",), "its successor can open the journal"


def test_an_admin_in_the_chat_stops_all_processes_or_has_them_all_reload(house, config):
    runtime = house.process._parts.hub.core.runtime
    runtime.stop("a new version")
    house.reactor.advance(0)
    config.write_text("rate = 7\n")

    assert "changed." in runtime.reload()

    assert house.parent.said[1:] == [("stop", "a new version"), ("reload",)]
    assert house.process._parts.hub.core.limits.rate == 7 and not house.reactor.hasStopped


def test_a_reload_that_the_supervisor_asks_for_is_not_passed_on(house, config):
    config.write_text("rate = 7\n")
    house.process.heard(["reload"])

    assert house.process._parts.hub.core.limits.rate == 7 and len(house.parent.said) == 1


def test_a_house_that_hands_over_drops_its_doors_and_lets_nobody_leave(house, door):
    end = met(house, door)
    house.process.heard(["hand over"])
    house.reactor.pump([0] * 4)

    assert end.cut and house.process.service.hands_over and house.process._parts.hub.hands_over
    assert house.reactor.hasStopped


def test_a_door_listens_when_there_is_a_house(house, door):
    assert not door.reactor.fronts and not door.parent.said

    met(house, door)

    [(word, where)] = door.parent.said
    assert len(door.reactor.fronts) == 1 and word == "ready" and where.startswith("/link/")


def test_a_door_without_the_socket_that_its_settings_name_says_so(house, config):
    door = Process(DoorProcess, "--listen", "0", name="door 1", link="/link/house", sockets=[]).start()
    met(house, door)

    [(word, reason)] = door.parent.said
    assert word == "failed" and "cannot listen on port 0" in reason and door.reactor.hasStopped


def test_a_door_without_its_certificate_cannot_start():
    with pytest.raises(CannotStart, match=r"none\.pem: No such file"):
        Process(DoorProcess, "--tls-cert", "none.pem", name="door 1", link="/link/house", sockets=[]).start()


def test_a_door_reloads_what_concerns_it(house, door, config):
    door.process.heard(["reload"])
    met(house, door)
    limits = door.process._doors.limits
    assert limits.max_per_address == 3

    config.write_text("max-per-address = 4\nweb-prefix = '/chat'\nstall = 9\n")
    door.process.heard(["reload"])
    assert limits.max_per_address == 4 and door.process._doors.web.routes.settings.prefix == "/chat"
    config.write_text("max-per-address = many\n")
    door.process.heard(["reload"])

    assert limits.max_per_address == 4


def test_a_reload_of_the_house_gives_its_doors_the_new_limits(house, door, config):
    met(house, door)
    assert door.process._house.core.limits.rate == 5
    config.write_text("rate = 7\n")
    house.process.heard(["reload"])
    house.reactor.pump([0] * 4)

    assert door.process._house.core.limits.rate == 7


def test_a_door_that_has_been_replaced_before_there_is_a_house_ends(door):
    """Its successor listens already."""
    door.process.heard(["retire", "/link/a1b2"])

    assert door.reactor.hasStopped


def test_a_door_that_can_listen_for_no_other_one_works_without(house, door):
    def full(*_, **__):
        raise CannotListenError("", "/link/a1b2", OSError("No space left on device"))

    door.reactor.listenUNIX = full
    with log_lines("chatroom") as lines:
        met(house, door)

    assert door.parent.said == [("ready", None)] and len(door.reactor.fronts) == 1
    assert lines[-1] == "No connections can be handed over to this door: No space left on device."


def test_a_door_that_is_stopped_before_there_is_a_house_ends(door):
    door.process.heard(["retire"])
    door.process.heard(["stop", "a new disk"])

    assert door.reactor.hasStopped
    door.process._linking.clientConnectionFailed(None, None)
    assert not door.reactor.getDelayedCalls()


def test_a_door_that_is_stopped_ends_after_its_house(house, door):
    end = met(house, door)
    door.process.heard(["stop", "a new disk"])
    assert not door.reactor.fronts and not door.reactor.hasStopped

    end.break_off()
    [(_, dialled, *_)] = door.reactor.unixClients
    dialled.clientConnectionLost(None, None)

    assert door.reactor.hasStopped


def test_a_door_retires_when_its_successor_listens(house, door):
    met(house, door)
    door.process.heard(["retire"])

    assert not door.reactor.fronts and door.reactor.hasStopped, "nobody is here"


def test_a_door_that_was_replaced_serves_who_was_just_coming_in(house, door):
    met(house, door)
    wire = Wire(door.reactor, HERE)
    wire.protocol = door.reactor.fronts[0].buildProtocol(HERE)
    wire.protocol.makeConnection(wire)
    door.process.heard(["retire"])
    door.reactor.pump([0.1] * 20)
    assert b"What is your nick" in wire.received and not door.reactor.hasStopped

    wire.vanish()
    door.reactor.advance(1)

    assert door.reactor.hasStopped


def test_a_door_hands_its_connections_over_to_its_successor(house, door):
    met(house, door)
    door.process.heard(["retire", "/link/a1b2"])

    _, (path, successor, *_) = door.reactor.unixClients
    assert path == "/link/a1b2"
    with log_lines("chatroom") as lines:
        successor.clientConnectionFailed(None, Failure(ConnectionRefusedError("nobody there")))
    assert lines == ["Cannot hand over any connections: nobody there"]
