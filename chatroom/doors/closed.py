"""Closed doors: write one line and close, for excess connections and unsupported languages."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol

TOO_MANY = "Too many connections from your address."

TLS_ONLY = (
    "Only TLS is accepted here, so that others cannot read your messages. Join with: chatroom --tls HOST:PORT, "
    "openssl s_client -quiet -connect HOST:PORT, or ncat --ssl HOST PORT."
)


class ClosedDoor(Protocol):
    """Writes its line and closes."""

    transport: Any

    def __init__(self, answer: bytes) -> None:
        self._answer = answer

    def connectionMade(self) -> None:
        """Write the line, then close."""
        self.transport.write(self._answer)
        self.transport.loseConnection()


class ClosedFactory(Factory):
    """
    Builds closed doors.

    :param answer: the line to write, with its line end.
    """

    noisy = False

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    def buildProtocol(self, addr: IAddress | None) -> ClosedDoor:
        """Build the protocol for one connection."""
        return ClosedDoor(self.answer)


def not_spoken(language: str) -> ClosedFactory:
    """Build the closed door for an unsupported *language*."""
    line = (
        f"!! {language} is not supported here yet. Join with nc or telnet: connect, and your first line is your nick."
    )
    return ClosedFactory(line.encode() + b"\r\n")
