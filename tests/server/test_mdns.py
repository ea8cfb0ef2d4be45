"""The announcement in the local network."""

from __future__ import annotations

import queue
from types import SimpleNamespace

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.task import Clock

from chatroom.server import mdns
from chatroom.server.errors import CannotStart
from chatroom.server.mdns import TYPE, Announcement, LanService, check_installed, lan_service
from chatroom.system.threads import WorkerThreads
from tests.stand_ins import Port

OWN = ["192.168.1.7", "2001:db8::7"]


class Turns:
    """What threads ask the reactor to call, called in a test when it waits."""

    def __init__(self):
        self._calls = queue.SimpleQueue()

    def call_from_thread(self, call, *arguments):
        self._calls.put((call, arguments))

    def wait(self):
        call, arguments = self._calls.get(timeout=15)
        call(*arguments)


def ports(*hosts):
    kinds = [IPv6Address if ":" in host else IPv4Address for host in hosts]
    return [Port(kind("TCP", host, 2428)) for kind, host in zip(kinds, hosts, strict=True)]


@pytest.mark.parametrize(
    ("hosts", "addresses"),
    [
        (["0.0.0.0"], ["192.168.1.7"]),
        (["::"], OWN),
        (["127.0.0.1", "::1", "192.168.1.7"], ["192.168.1.7"]),
        (["2001:db8::9"], ["2001:db8::9"]),
    ],
)
def test_what_others_can_reach_is_announced(hosts, addresses):
    service = lan_service([Port(UNIXAddress(b"/run/x")), *ports(*hosts)], OWN, "desk.example", None)

    assert service == LanService("desk", addresses, 2428, {"name": "desk"})


def test_what_nobody_else_can_reach_is_not(told):
    assert lan_service(ports("127.0.0.1", "::1"), OWN, "desk", None) is None
    assert lan_service(ports("0.0.0.0"), ["2001:db8::7"], "desk", None) is None

    Announcement(Clock(), WorkerThreads(print, "mdns")).start(None)

    assert told == ["Not announced in the local network: it cannot be reached from there; public lets others in."]


@pytest.mark.parametrize(
    ("names", "properties"),
    [
        (["*.example", "chat.example", "x.example"], {"tls": "1", "host": "chat.example"}),
        (["*.example"], {"tls": "1"}),
        ([], {"tls": "1"}),
    ],
)
def test_with_a_certificate_its_name_is_announced_too(names, properties):
    assert lan_service(ports("::"), OWN, "desk", names).properties == {"name": "desk", **properties}


@pytest.mark.parametrize(
    ("machine", "name"), [("", "server"), ("пк", "server"), ("a" * 200, "a" * 40), ("desk-7.lan", "desk-7")]
)
def test_the_name_fits_into_a_label(machine, name):
    assert lan_service(ports("::"), OWN, machine, None).name == name


def test_without_the_package_the_reason_is_told_in_one_line(monkeypatch):
    check_installed()
    monkeypatch.setattr(mdns.importlib.util, "find_spec", lambda name: None)

    with pytest.raises(CannotStart, match=r"pip install 'chatroom\[lan\]'$"):
        check_installed()


@pytest.mark.wire
def test_the_server_is_found_until_it_stops(told):
    """By another program on this machine, over loopback."""
    zeroconf = pytest.importorskip("zeroconf")
    turns = Turns()
    announcement = Announcement(Clock(), WorkerThreads(turns.call_from_thread, "mdns"), ["127.0.0.1"])
    announcement.start(lan_service(ports("::"), OWN, "desk", ["chat.example"]))
    turns.wait()
    assert told == ["Announced in the local network as chatroom on desk"]

    browser = zeroconf.Zeroconf(interfaces=["127.0.0.1"])
    found = browser.get_service_info(TYPE, f"chatroom on desk.{TYPE}", 5000)
    assert (found.port, sorted(found.parsed_addresses())) == (2428, sorted(OWN))
    assert found.properties == {b"name": b"desk", b"tls": b"1", b"host": b"chat.example"}

    done = announcement.stop()
    turns.wait()
    assert done.called
    assert browser.get_service_info(TYPE, f"chatroom on desk.{TYPE}", 200) is None
    browser.close()


def test_what_fails_is_told_and_nothing_is_left_to_withdraw(told):
    turns = Turns()
    announcement = Announcement(Clock(), WorkerThreads(turns.call_from_thread, "mdns"), ["203.0.113.1"])

    announcement.start(lan_service(ports("::"), OWN, "desk", None))
    turns.wait()

    assert told[0].startswith("Not announced in the local network: ") and "\n" not in told[0]
    done = announcement.stop()
    turns.wait()
    assert done.called


def test_a_network_that_never_answers_holds_up_the_end_for_moments_only():
    clock, asked = Clock(), []
    done = Announcement(clock, SimpleNamespace(run=lambda work, done: asked.append(done))).stop()
    assert not done.called

    clock.advance(3)
    assert done.called and done.result is None
    asked[0](None)
