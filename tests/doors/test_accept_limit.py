"""Connections are accepted a few in a turn, though thousands come at once."""

from __future__ import annotations

import socket

from twisted.internet.protocol import Factory, Protocol
from twisted.internet.tcp import Port

from chatroom.doors.front.accept_limit import MAX_ACCEPTS, limit_accepts


class Reactor:
    """Reads from nothing."""

    def addReader(self, reader: object) -> None: ...

    removeReader = removeWriter = addReader


def test_a_thousand_at_once_are_accepted_a_few_in_a_turn():
    accepted: list[object] = []
    factory = Factory()
    factory.buildProtocol = lambda addr: accepted.append(addr) or Protocol()
    factory.noisy = False
    port = Port(0, factory, backlog=200, interface="127.0.0.1", reactor=Reactor())
    port.startListening()
    limit_accepts(port)
    clients = [socket.create_connection(("127.0.0.1", port.getHost().port)) for _ in range(100)]
    try:
        turns = []
        while len(accepted) < 100:
            before = len(accepted)
            port.doRead()
            turns.append(len(accepted) - before)
        assert max(turns) == MAX_ACCEPTS and len(turns) == -(-100 // MAX_ACCEPTS)
    finally:
        for one in clients:
            one.close()
        port.connectionLost(None)
