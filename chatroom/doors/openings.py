"""The table of languages: which first bytes belong to which door."""

from __future__ import annotations

from dataclasses import dataclass

from twisted.internet.interfaces import IProtocolFactory

from chatroom.dialects.telnet import IAC

from .plaintext import for_programs
from .refusing import unspoken

HTTP_METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"CONNECT", b"TRACE")

_HANDSHAKE = b"\x16\x03"
"""A record of TLS that holds a handshake, in any version that there is (RFC 8446, section 5.1)."""


@dataclass(frozen=True, slots=True)
class Opening:
    """One row of the table of languages: connections that begin with *prefix* go to *door*."""

    prefix: bytes
    door: IProtocolFactory


def table(
    text: IProtocolFactory, json: IProtocolFactory, web: IProtocolFactory, secure: IProtocolFactory | None = None
) -> list[Opening]:
    """
    List how every language begins; another door is another row.

    Whatever begins in no such way is text.

    :param secure: the door of TLS; None: there is no certificate, or this is the inside of it already.
    """
    irc = unspoken("IRC")
    return [
        Opening(bytes([IAC]), text),
        Opening(b"{", json),
        *(Opening(command, irc) for command in (b"NICK ", b"USER ", b"CAP ", b"PASS ", b"AUTHENTICATE ")),
        *(Opening(method + b" ", web) for method in HTTP_METHODS),
        Opening(b"SSH-", unspoken("SSH")),
        Opening(_HANDSHAKE, secure or unspoken("TLS")),
    ]


def web_table(secure: IProtocolFactory) -> list[Opening]:
    """List how what is not HTTP begins at a port for the web alone."""
    return [Opening(_HANDSHAKE, secure)]


def secure_table(secure: IProtocolFactory, web: IProtocolFactory) -> list[Opening]:
    """
    List how every language begins where only TLS is spoken; whatever begins in no such way is text.

    :param web: the door for whoever speaks HTTP without it.
    """
    return [
        Opening(_HANDSHAKE, secure),
        Opening(b"{", for_programs()),
        *(Opening(method + b" ", web) for method in HTTP_METHODS),
    ]
