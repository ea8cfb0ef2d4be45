"""Key exchanges in the middle of a conversation."""

from __future__ import annotations

import struct

from twisted.conch.ssh.common import NS
from twisted.conch.ssh.connection import MSG_CHANNEL_REQUEST


def test_nothing_else_may_come_while_keys_are_exchanged(house, comes):
    """Its answers would be kept until a client that never goes on does so."""
    ann = comes("ann")
    client = ann.client
    client.sendKexInit()
    client._allowedKeyExchangeMessageType = lambda number: True
    client.sendPacket(MSG_CHANNEL_REQUEST, struct.pack(">L", 0) + NS(b"env") + b"\1" + NS(b"LANG") + NS(b"C"))
    ann.waits()

    assert client.refused == [b"That packet could not be read."]
