"""An echo made of the WebSocket door, on a port of its own: ``python -m tests.wire.websocket_echo``."""

from __future__ import annotations

import sys
from typing import Any

from twisted.internet import reactor as installed
from twisted.logger import globalLogBeginner, textFileLogObserver
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage

from chatroom.chat.commands.messages import Say
from chatroom.dialects.base import Decoded
from chatroom.dialects.json.websocket import WebSocketJsonDialect
from chatroom.doors.web.factory import WebFactory
from chatroom.doors.web.handshake import Upgrade
from chatroom.doors.web.websocket import WebSocketDoor
from tests.house import PAGES, House

LONGEST = 2**20
"""Longest message, in bytes: the longest that must come back has 64 KiB, and one of 256 KiB must not be refused."""

reactor: Any = installed


class EchoDialect(WebSocketJsonDialect):
    """Takes every message as it is."""

    def decode(self, line: bytes, named: bool) -> Decoded:
        """Read one message."""
        return Decoded(Say(line.decode()))


class EchoDoor(WebSocketDoor):
    """Reads as the WebSocket door does, and sends every text message back."""

    def _split(self, message: bytes) -> None:
        """Leave a message whole: here, its lines are no commands."""
        self._run(self._outlet.dialect.decode(message, False))

    def _run(self, decoded: Decoded) -> None:
        self._outlet.write(Connection(ConnectionType.SERVER).send(TextMessage(decoded.command.text)))


class EchoFactory(WebFactory):
    """Builds doors that echo, behind the usual handshake."""

    def __init__(self, house: House) -> None:
        super().__init__(house.hub, reactor, PAGES, house.connection_limits, house.admission, house.preconnects.note)
        dialect = EchoDialect(house.limits.ref)
        self.dialects = dialect, dialect
        self.sockets.longest = LONGEST

    def upgrade(self, upgrade: Upgrade) -> EchoDoor:
        """Build the door for an upgraded connection."""
        return EchoDoor(self, upgrade)


def main() -> None:
    """Listen, say where, and echo until killed."""
    globalLogBeginner.beginLoggingTo([textFileLogObserver(sys.stdout)], redirectStandardIO=False)
    port = reactor.listenTCP(0, EchoFactory(House(clock=reactor, rate=0.0, byte_rate=0.0)), interface="127.0.0.1")
    print(f"Listening on port {port.getHost().port}.", flush=True)
    reactor.run()


if __name__ == "__main__":
    main()
