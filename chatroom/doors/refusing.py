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


def http_answer(*, head_only: bool = False) -> RefusingFactory:
    """
    Answer a browser: how to join, as a small page of plain text (RFC 9112).

    :param head_only: without the page itself, as HEAD asks.
    """
    page = (
        b"This is a chat server, and it does not serve web pages yet.\n"
        b"\n"
        b"Join from a terminal, with this page's host and port:\n"
        b"    nc HOST PORT\n"
        b"    telnet HOST PORT\n"
        b"    chatroom HOST:PORT\n"
        b"The first line that you type is your nick; /help lists the commands.\n"
    )
    head = (
        "HTTP/1.1 200 OK\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(page)}\r\n"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n"
        "\r\n"
    ).encode()
    return RefusingFactory(head if head_only else head + page)
