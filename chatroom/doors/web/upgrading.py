"""How a request becomes a WebSocket (RFC 6455 section 4)."""

from __future__ import annotations

from dataclasses import dataclass

import h11
from wsproto.connection import Connection, ConnectionType
from wsproto.events import AcceptConnection
from wsproto.handshake import H11Handshake
from wsproto.utilities import RemoteProtocolError

from .answers import Answer, told

VERSION = "13"
"""The one version of the protocol that there is."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """
    A WebSocket that may begin.

    :param accepting: what is answered to the request, as bytes.
    :param connection: the WebSocket itself, with nothing read yet.
    :param address: the other end's; "" if it has none.
    :param secure: whether nobody on the way can read along.
    """

    accepting: bytes
    connection: Connection
    address: str
    secure: bool


def upgraded(request: h11.Request, address: str, secure: bool) -> Upgrade | Answer:
    """Work out how *request* goes on: as a WebSocket, or with an answer that says why not."""
    handshake = H11Handshake(ConnectionType.SERVER)
    try:
        handshake.initiate_upgrade_connection(list(request.headers), request.target)
        accepting = handshake.send(AcceptConnection())
    except (RemoteProtocolError, UnicodeError):
        # Names of hosts and of extensions are decoded there, whatever they hold.
        headers = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", VERSION))
        return told(426, "The chat is spoken here over WebSocket, version 13.", *headers)
    assert handshake.connection is not None, "it has just been accepted"
    return Upgrade(accepting, handshake.connection, address, secure)
