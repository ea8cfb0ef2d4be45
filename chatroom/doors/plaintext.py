"""What whoever comes without TLS is told where only TLS is spoken: in their own language, and then we hang up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IAddress, IReactorTime
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from chatroom.chat.refusals import TlsOnly
from chatroom.chat.replies import Refused
from chatroom.dialects.json import JsonDialect

from .addresses import among
from .refusing import RefusingFactory
from .timeouts import Timeouts

if TYPE_CHECKING:
    from .web.factory import WebFactory

WORDS = (
    "Only TLS is spoken here, so that nobody on the way can read along. Join with: chatroom --tls HOST:PORT, "
    "openssl s_client -quiet -connect HOST:PORT, or ncat --ssl HOST PORT."
)

LONGEST = 8192
"""Bytes of a request's head that are looked at."""

WITHIN = 10.0
"""Seconds that a request's head may take."""

_TARGET = re.compile(rb"[A-Z]+ (/[!-~]*) HTTP/1\.[01]\n")
_HOST = re.compile(rb"\nhost:[ \t]*([a-z0-9._:\[\]-]+)[ \t]*\n", re.IGNORECASE)
"""RFC 9110, section 7.2; only what can stand in an address, as it goes back in ours."""


def for_text() -> RefusingFactory:
    """Tell a person."""
    return RefusingFactory(f"!! {WORDS}\r\n".encode())


def for_programs() -> RefusingFactory:
    """Tell a program; its person is shown the text."""
    return RefusingFactory(JsonDialect(0).encode_reply(Refused(TlsOnly.code, WORDS)))


class RedirectingFactory(Factory):
    """
    Sends browsers to the same address with https; they speak TLS at the same port.

    A proxy that is trusted has spoken TLS with them already, and would send them here for ever.

    :param web: the door for those who come through one.
    """

    noisy = False

    def __init__(self, clock: IReactorTime, web: WebFactory) -> None:
        self._web = web
        self.unfinished: Timeouts[Redirecting] = Timeouts(clock, WITHIN, Redirecting.give_up)

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Build the protocol for one connection."""
        if among(addr, self._web.crowd.proxies):
            return self._web.buildProtocol(addr)
        return Redirecting(self.unfinished)


class Redirecting(Protocol):
    """Reads the head of one request, and answers where to go instead."""

    def __init__(self, unfinished: Timeouts[Redirecting]) -> None:
        self._unfinished = unfinished
        self._head = b""

    def connectionMade(self) -> None:
        """Wait for the head, but not for long."""
        self._unfinished.begin(self)

    def dataReceived(self, data: bytes) -> None:
        """Answer as soon as the head is there, or too long."""
        self._head += data
        head, end, _ = self._head.replace(b"\r\n", b"\n").partition(b"\n\n")
        if end or len(self._head) > LONGEST:
            self.transport.write(answer(head + b"\n"))
            self.transport.loseConnection()

    def give_up(self) -> None:
        """Hang up on who does not finish the head."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Nobody is waited for any more."""
        self._unfinished.end(self)


def answer(head: bytes) -> bytes:
    """
    Answer the request that begins with *head*: where it should have gone, or where that cannot be told, why not.

    It is 307 (RFC 9110, section 15.4.8) and not 308, which browsers would remember for good.

    :param head: lines that end with LF.
    """
    target, host = _TARGET.match(head), _HOST.search(head)
    page = f"{WORDS}\nIn a browser: https://HOST:PORT/\n".encode()
    if target and host:
        first = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: https://" + host[1] + target[1]
    else:
        first = b"HTTP/1.1 400 Bad Request"
    lines = (
        first,
        b"Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(page)}".encode(),
        b"Cache-Control: no-store",
        b"X-Content-Type-Options: nosniff",
        b"Connection: close",
        b"",
        b"" if head.startswith(b"HEAD ") else page,
    )
    return b"\r\n".join(lines)
