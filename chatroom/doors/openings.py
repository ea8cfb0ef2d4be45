"""The table of languages: which first bytes belong to which door."""

from __future__ import annotations

from dataclasses import dataclass

from twisted.internet.interfaces import IProtocolFactory

from chatroom.dialects.telnet import IAC

from .refusing import unspoken


@dataclass(frozen=True, slots=True)
class Opening:
    """One row of the table of languages: connections that begin with *prefix* go to *door*."""

    prefix: bytes
    door: IProtocolFactory


def table(text: IProtocolFactory, json: IProtocolFactory, web: IProtocolFactory) -> list[Opening]:
    """
    List how every language begins; another door is another row.

    Whatever begins in no such way is text.
    """
    irc = unspoken("IRC")
    return [
        Opening(bytes([IAC]), text),
        Opening(b"{", json),
        *(Opening(command, irc) for command in (b"NICK ", b"USER ", b"CAP ", b"PASS ", b"AUTHENTICATE ")),
        *(Opening(method, web) for method in (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"PATCH ", b"DELETE ")),
        *(Opening(method, web) for method in (b"OPTIONS ", b"CONNECT ", b"TRACE ")),
        Opening(b"SSH-", unspoken("SSH")),
        Opening(b"\x16\x03", unspoken("TLS")),
    ]
