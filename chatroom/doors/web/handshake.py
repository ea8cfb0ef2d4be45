"""WebSocket handshake: turns a request into a WebSocket (RFC 6455, section 4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import h11
from wsproto.connection import Connection, ConnectionType
from wsproto.events import AcceptConnection
from wsproto.handshake import H11Handshake
from wsproto.utilities import RemoteProtocolError

from .forwarded import Peer
from .headers import header_list
from .responses import Response, text_response

_ASKED = (b"connection", b"sec-websocket-key", b"sec-websocket-version")

_KEY = re.compile(rb"[A-Za-z0-9+/]{22}==")
"""16 bytes in Base64."""


@dataclass(frozen=True, slots=True)
class Upgrade:
    """
    An accepted WebSocket upgrade.

    :param accepting: the response, as bytes.
    :param connection: the WebSocket itself, with nothing read yet.
    :param peer: the sender of the request.
    :param subprotocol: what the messages contain; empty: JSON.
    """

    accepting: bytes
    connection: Connection
    peer: Peer
    subprotocol: str


def accept_upgrade(request: h11.Request, peer: Peer, named: str = "", unnamed: str = "") -> Upgrade | Response:
    """
    Accept *request* as a WebSocket, or return a response that says why not.

    :param named: the subprotocol that is chosen of those which the client names; empty: none.
    :param unnamed: what is spoken in that case.
    """
    asked = [(name, value) for name, value in request.headers if name in _ASKED]
    keys = [value for name, value in asked if name == b"sec-websocket-key"]
    if "websocket" in [one.lower() for one in header_list(request, b"upgrade")]:
        # It may be one of several (RFC 6455, section 4.2.1).
        asked.append((b"upgrade", b"websocket"))
    handshake = H11Handshake(ConnectionType.SERVER)
    try:
        if (
            request.method != b"GET"
            or request.http_version != b"1.1"
            or not (len(keys) == 1 and _KEY.fullmatch(keys[0]))
        ):
            raise RemoteProtocolError("no request for a WebSocket")
        # Other headers are irrelevant, and may contain anything.
        chosen = [(b"Sec-WebSocket-Protocol", named.encode())] if named else []
        handshake.initiate_upgrade_connection([(b"Host", b"here"), *asked, *chosen], "/")
        accepting = handshake.send(AcceptConnection(subprotocol=named or None))
    except (RemoteProtocolError, UnicodeError):
        headers = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"))
        return text_response(426, "Only WebSocket version 13 is supported here.", *headers)
    assert handshake.connection is not None, "it has just been accepted"
    return Upgrade(accepting, handshake.connection, peer, named or unnamed)
