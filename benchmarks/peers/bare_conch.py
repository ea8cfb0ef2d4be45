"""A bare SSH server of Twisted's Conch: what one session sends is encrypted and sent to all the others as it is."""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from twisted.conch.ssh.channel import SSHChannel
from twisted.conch.ssh.connection import SSHConnection
from twisted.conch.ssh.factory import SSHFactory
from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.service import SSHService
from twisted.conch.ssh.userauth import MSG_USERAUTH_SUCCESS
from twisted.internet import reactor

from chatroom.doors.ssh.algorithms import CIPHERS, KEY_EXCHANGES, MACS


class Session(SSHChannel):
    """One member; all are in one room."""

    name = b"session"
    members: ClassVar[dict[Session, None]] = {}

    def request_shell(self, data: bytes) -> bool:
        self.members[self] = None
        return True

    def dataReceived(self, data: bytes) -> None:
        for member in self.members:
            if member is not self:
                member.write(data)

    def closed(self) -> None:
        self.members.pop(self, None)


class Connection(SSHConnection):
    """A connection whose channels are sessions."""

    def getChannel(self, channelType: bytes, windowSize: int, maxPacket: int, data: bytes) -> SSHChannel:
        return Session(remoteWindow=windowSize, remoteMaxPacket=maxPacket, conn=self)


class Anybody(SSHService):
    """Lets everybody in."""

    name = b"ssh-userauth"

    def packetReceived(self, messageNum: int, packet: bytes) -> None:
        self.transport.sendPacket(MSG_USERAUTH_SUCCESS, b"")
        self.transport.setService(Connection())


class Server(SSHFactory):
    """The server, with the algorithms of chatroom."""

    services: ClassVar[dict[bytes, Any]] = {b"ssh-userauth": Anybody}

    def __init__(self) -> None:
        key = Key(Ed25519PrivateKey.generate())
        self.publicKeys, self.privateKeys = {b"ssh-ed25519": key.public()}, {b"ssh-ed25519": key}

    def buildProtocol(self, addr: object) -> Any:
        transport = super().buildProtocol(addr)
        transport.supportedKeyExchanges, transport.supportedCiphers, transport.supportedMACs = (
            KEY_EXCHANGES,
            CIPHERS,
            MACS,
        )
        return transport

    def getPrimes(self) -> None:
        return None


def main() -> None:
    """Serve on the loopback port given as the only argument."""
    reactor.listenTCP(int(sys.argv[1]), Server(), backlog=4096, interface="127.0.0.1")
    reactor.run()


if __name__ == "__main__":
    main()
