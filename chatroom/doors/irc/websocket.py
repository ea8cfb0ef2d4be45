"""IRC over WebSocket (IRCv3): one line in each message, text or binary, from web clients such as gamja and Kiwi."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from chatroom.dialects.irc.framing import SUBPROTOCOLS, Framing
from chatroom.doors.web.handshake import Upgrade
from chatroom.doors.web.websocket_wire import WebSockets, WebSocketWire

from .door import IrcDoor, IrcFactory


class IrcWebSocketDoor(WebSocketWire, IrcDoor):
    """
    One IRC client at a WebSocket.

    It is sent one kind of messages, and may send both, with or without the end of a line in them.
    """

    takes_binary = True

    def __init__(self, factory: IrcFactory, sockets: WebSockets, framing: Framing, upgrade: Upgrade) -> None:
        super().__init__(factory, sockets, upgrade)
        self.framing = framing

    def _split(self, message: bytes) -> None:
        """Let a bare CR end a line, too."""
        super()._split(message.replace(b"\r", b"\n"))


def over_websocket(factory: IrcFactory, sockets: WebSockets) -> dict[str, Callable[[Upgrade], IrcWebSocketDoor]]:
    """Return what builds doors for the WebSockets of each subprotocol, by its name."""
    return {name: partial(IrcWebSocketDoor, factory, sockets, framing) for name, framing in SUBPROTOCOLS.items()}
