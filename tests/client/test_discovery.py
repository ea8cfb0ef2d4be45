"""Tests of finding servers on the local network."""

from __future__ import annotations

import builtins
import os
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatroom.client.net.discovery import PATIENCE, SERVICE, FoundServer, browse, choose, described

LOOPBACK = ["127.0.0.1"]

TEA = FoundServer("Tea room", "box.local", "192.0.2.7", 2428, tls=True)
LAB = FoundServer("Lab", "192.0.2.8", "192.0.2.8", 99, tls=False)


class Person:
    """Somebody who answers with *answers*."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.heard: list[str] = []

    def ask(self, question: str) -> str:
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)

    def chooses(self, *servers: FoundServer) -> FoundServer | None:
        return choose(list(servers), self.ask, self.heard.append)


def test_a_person_chooses_among_what_is_found():
    """By number; Enter alone is this machine."""
    person = Person("2\n")
    assert person.chooses(TEA, LAB) is LAB
    assert person.heard == [
        "-- Servers on this network:",
        "-- 1: Tea room at box.local:2428 (TLS)",
        "-- 2: Lab at 192.0.2.8:99",
    ]
    assert Person("\n").chooses(TEA, LAB) is None


def test_what_is_no_number_of_a_server_is_asked_again():
    """Until there is one, or the input ends."""
    person = Person("3\n", "x\x07\n", "0\n", " 1 \n")
    assert person.chooses(TEA, LAB) is TEA
    assert [line for line in person.heard if line.startswith("!!")] == [
        "!! There is no '3': type a number from 1 to 2, or only Enter.",
        "!! There is no 'x': type a number from 1 to 2, or only Enter.",
        "!! There is no '0': type a number from 1 to 2, or only Enter.",
    ]
    with pytest.raises(EOFError):
        Person().chooses(TEA)


def test_nobody_is_asked_where_nothing_is_found():
    """It is as if there were no discovery."""
    person = Person()
    assert person.chooses() is None
    assert not person.heard


def test_what_a_server_announces_is_shown_without_harm():
    """Anybody on the network may announce anything."""
    found = described({"name": "Tea\x07\nroom " + "x" * 500, "tls": "yes"}, "x", "bad host;rm.", "192.0.2.7", 1)
    assert found.name.startswith("Tearoom xxx") and len(found.name) == 63
    assert (found.host, found.tls) == ("192.0.2.7", False)
    assert described({"tls": "1"}, "Tea", "box.local.", "192.0.2.7", 1) == FoundServer(
        "Tea", "box.local", "192.0.2.7", 1, tls=True
    )
    assert described({"name": "\u202e"}, "", "", "::1", 1).label == "chatroom at [::1]:1"


@given(st.text(), st.text(), st.text())
def test_a_label_is_one_short_line(name: str, instance: str, host: str):
    """Whatever is announced."""
    label = described({"name": name}, instance, host, "192.0.2.7", 1).label
    assert label.isprintable() and len(label) < 400


def test_without_the_extra_nothing_is_found(monkeypatch: pytest.MonkeyPatch):
    """At once."""
    usual = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name == "zeroconf":
            raise ImportError(name)
        return usual(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    assert browse() == []


@pytest.fixture
def network() -> Iterator[Any]:
    """mDNS on this machine only."""
    try:
        import zeroconf
    except ImportError:
        message = "the Python package zeroconf is not installed"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    network = zeroconf.Zeroconf(interfaces=LOOPBACK)
    yield network
    network.close()


def announce(network: Any, instance: str, port: int, **texts: str) -> None:
    from zeroconf import ServiceInfo

    address = socket.inet_aton("127.0.0.1")
    name = f"{instance}.{SERVICE}"
    network.register_service(ServiceInfo(SERVICE, name, port=port, addresses=[address], properties=texts))


@pytest.mark.wire
def test_a_server_that_announces_itself_is_found(network: Any):
    """
    In about a second, with what its TXT record says.

    One that has just come up is found a moment later: within a second it sends no record again (RFC 6762, section 6).
    """
    announce(network, "one", 2428, name="Tea room", tls="1")
    for _ in range(3):
        begun = time.monotonic()
        found = browse(interfaces=LOOPBACK)
        assert time.monotonic() - begun < PATIENCE + 0.5
        if found:
            break
    assert [(server.name, server.address, server.port, server.tls) for server in found] == [
        ("Tea room", "127.0.0.1", 2428, True)
    ]


def test_no_network_finds_nothing(network: Any, capfd: pytest.CaptureFixture[str]):
    """And says nothing."""
    assert browse(interfaces=["192.0.2.1"]) == []
    assert capfd.readouterr() == ("", "")
