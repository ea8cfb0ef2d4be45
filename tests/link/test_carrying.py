"""Carried connections: IRC, SSH and HTTP at a door process, as if they were in the house."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address

from tests.house import LinePerson, failures, over_tls
from tests.irc_person import IrcPerson
from tests.ssh_person import SshPerson
from tests.wires import Wire

from .carrying_house import CarryingHouse

GET = b"GET / HTTP/1.1\r\nHost: localhost:2428\r\n\r\n"
FAR = IPv4Address("TCP", "198.51.100.7", 4000)


@pytest.fixture
def house():
    with failures() as found:
        yield CarryingHouse()
    assert found == []


def asks(house: CarryingHouse, request: bytes, kind: type[Wire] = Wire, address: object = FAR) -> Wire:
    wire = house.connect(address, kind)
    wire.carry(request)
    house.settle()
    return wire


@pytest.mark.parametrize("kind", [IrcPerson, over_tls(IrcPerson), SshPerson])
def test_people_whose_connections_are_carried_talk_with_others(house, kind):
    ann, bob = house.join("ann", kind), house.join("bob", LinePerson)

    ann.types("hello")
    bob.types("hi")
    assert bob.heard("<ann> hello")
    assert ann.heard("<bob> hi")
    assert house.carried == len(house.clients) == 1


def test_a_page_is_served_over_a_carried_connection(house):
    wire = asks(house, GET)

    assert wire.received.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"<title>" in wire.received
