"""A plain chat server over WebSocket, with a message that autobahn prepares once for all."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import ClassVar

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from twisted.internet import reactor


class Chat(WebSocketServerProtocol):  # type: ignore[misc]
    """One person; the first message is ``ROOM NICK``."""

    members: list[Chat] | None = None
    nick = b""
    rooms: ClassVar[defaultdict[bytes, list[Chat]]] = defaultdict(list)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.members is None:
            room, self.nick = payload.split(b" ", 1)
            self.members = self.rooms[room]
            self.members.append(self)
            return
        message = self.factory.prepareMessage(b"<" + self.nick + b"> " + payload)
        for member in self.members:
            member.sendPreparedMessage(message)

    def onClose(self, wasClean: bool, code: int, reason: str) -> None:
        if self.members is not None:
            self.members.remove(self)


def main() -> None:
    """Serve on the loopback port given as the only argument."""
    factory = WebSocketServerFactory()
    factory.protocol = Chat
    reactor.listenTCP(int(sys.argv[1]), factory, backlog=4096, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
