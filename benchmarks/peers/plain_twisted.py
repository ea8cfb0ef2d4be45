"""A plain Twisted chat server: a LineReceiver that calls sendLine for every line and member."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import ClassVar

from twisted.internet import reactor
from twisted.internet.protocol import Factory, connectionDone
from twisted.protocols.basic import LineReceiver
from twisted.python.failure import Failure


class Chat(LineReceiver):
    """One person; the first line is ``ROOM NICK``."""

    delimiter = b"\n"
    room: bytes | None = None
    nick = b""
    rooms: ClassVar[defaultdict[bytes, list[Chat]]] = defaultdict(list)

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)

    def lineReceived(self, line: bytes) -> None:
        if self.room is None:
            self.room, self.nick = line.split(b" ", 1)
            self.rooms[self.room].append(self)
            return
        message = b"<" + self.nick + b"> " + line
        for member in self.rooms[self.room]:
            if member is not self:
                member.sendLine(message)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self.room is not None:
            self.rooms[self.room].remove(self)


def main() -> None:
    """Serve on the loopback port given as the only argument."""
    factory = Factory.forProtocol(Chat)
    reactor.listenTCP(int(sys.argv[1]), factory, backlog=4096, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
