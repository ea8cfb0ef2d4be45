"""Key exchanges in the middle of a conversation."""

from __future__ import annotations

import struct

from twisted.conch.ssh.common import NS
from twisted.conch.ssh.connection import MSG_CHANNEL_REQUEST

from chatroom.doors.ssh import transport


def test_nothing_else_may_come_while_keys_are_exchanged(house, comes):
    """Its answers would be kept until a client that never goes on does so."""
    ann = comes("ann")
    client = ann.client
    client.sendKexInit()
    client._allowedKeyExchangeMessageType = lambda number: True
    client.sendPacket(MSG_CHANNEL_REQUEST, struct.pack(">L", 0) + NS(b"env") + b"\1" + NS(b"LANG") + NS(b"C"))
    ann.waits()

    assert client.refused == [b"That packet could not be read."]


def test_what_is_asked_for_while_the_client_owes_its_part_is_bounded(house, comes):
    ann = comes("ann")
    [session] = [one for one in house.hub.sessions if one.door == "ssh"]
    server = session.outlet._transport.conn.transport
    # The client does not answer.
    ann.wire.taken = None
    server.sendKexInit()
    for _ in range(2 * transport.MAX_ANSWERS):
        ann.client.sendPacket(80, NS(b"keepalive@openssh.com") + b"\1")
        house.settle()
    house.advance(10)

    assert len(server._blockedByKeyExchange) < 2 * transport.MAX_ANSWERS and ann.gone
