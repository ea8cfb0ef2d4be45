"""Doors that only say one thing and close: for too many guests, and for languages that are not spoken here."""

from __future__ import annotations

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory, Protocol


class Refusing(Protocol):
    """Says its line and closes."""

    factory: RefusingFactory

    def connectionMade(self) -> None:
        """Say it."""
        self.transport.write(self.factory.answer)
        self.transport.loseConnection()


class RefusingFactory(Factory):
    """
    A door that is closed.

    :param answer: what is said there, with its line end.
    """

    protocol = Refusing
    noisy = False

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    def buildProtocol(self, addr: IAddress | None) -> Refusing:
        """Build the protocol for one connection."""
        door = Refusing()
        door.factory = self
        return door


def unspoken(language: str) -> RefusingFactory:
    """Refuse *language* politely."""
    line = f"!! {language} is not spoken here yet. Join with nc or telnet: connect, and your first line is your nick."
    return RefusingFactory(line.encode() + b"\r\n")
