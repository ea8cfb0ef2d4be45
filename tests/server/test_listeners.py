"""Listeners: the addresses on which the server accepts connections."""

from __future__ import annotations

import pytest
from twisted.internet.endpoints import TCP4ServerEndpoint, TCP6ServerEndpoint
from twisted.internet.testing import MemoryReactorClock

from chatroom.server import listeners
from chatroom.server.listeners import BACKLOG


def test_whether_an_address_can_be_had_is_tried():
    assert not listeners._can_listen("2001:db8::1")


@pytest.mark.parametrize("ipv6", [True, False])
def test_in_public_every_address_of_this_machine_is_listened_on(monkeypatch, ipv6):
    monkeypatch.setattr(listeners, "_can_listen", lambda address: ipv6)

    [listener] = listeners.listeners({"public": True, "listen": [], "port": 2428}, MemoryReactorClock())

    assert type(listener.endpoint) is (TCP6ServerEndpoint if ipv6 else TCP4ServerEndpoint)


@pytest.mark.parametrize(("description", "backlog"), [("tcp:1", BACKLOG), ("tcp6:1", BACKLOG), ("tcp:1:backlog=7", 7)])
def test_a_rush_may_wait_unless_the_endpoint_says_how_many_may(description, backlog):
    reactor = MemoryReactorClock()
    [listener] = listeners.listeners({"public": False, "listen": [description], "port": 2428}, reactor)

    listener.open("front")

    assert reactor.tcpServers[0][:3] == (1, "front", backlog)
