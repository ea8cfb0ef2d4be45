"""Links over TLS, between machines: a link begins once both ends have shown a certificate of their authority."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from OpenSSL import SSL
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import IAddress, IDelayedCall, IHandshakeListener, IProtocol, IReactorTime
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.system.quiet_log import QuietLog
from chatroom.tls.pair import reason_of

from .wire import Link

CONNECT_TIMEOUT = 2
"""Seconds for the connection itself."""

PATIENCE = 5.0
"""Seconds for the handshake of TLS."""

MAX_STRANGERS = 64
"""Connections at once that have not shown a certificate yet; more are closed."""


@implementer(IHandshakeListener)
class SecureLink(Protocol):
    """
    Stands between TLS and a link.

    :param build: builds the link, once the other end is known here.
    :param ended: called at the end with the reason, if the other end has not greeted; "" if it has.
    """

    transport: Any

    def __init__(self, clock: IReactorTime, build: Callable[[], Link], ended: Callable[[str], object]) -> None:
        self._clock = clock
        self._build = build
        self._ended = ended
        self._link: Link | None = None
        self._late = ""
        self._timer: IDelayedCall | None = None

    def connectionMade(self) -> None:
        """Wait for the handshake, but not for ever."""
        self._timer = self._clock.callLater(PATIENCE, self._give_up)

    def handshakeCompleted(self) -> None:
        """Begin: the other end has shown its certificate."""
        self._cancel()
        self._link = self._build()
        self._link.makeConnection(self.transport)

    def dataReceived(self, data: bytes) -> None:
        """Hand on what was decrypted."""
        assert self._link is not None
        self._link.dataReceived(data)

    def abort(self) -> None:
        """End it at once."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End the link, if it has begun."""
        self._cancel()
        link = self._link
        if link is None:
            why = self._late or _why_not(reason.value)
        else:
            # TLS 1.3 has the server look at the client's certificate when that has finished already.
            why = "" if link.greeting is not None else link.reason or "it has hung up; its log says why"
            link.connectionLost(reason)
        self._ended(why)

    def _give_up(self) -> None:
        self._timer = None
        self._late = f"no TLS handshake within {PATIENCE:.0f} seconds"
        self.abort()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _why_not(error: BaseException | None) -> str:
    """Word why there was no handshake: OpenSSL's last error says what it means, and the first one why."""
    queue = error.args[0] if isinstance(error, SSL.Error) and error.args else ()
    if not isinstance(queue, list) or not queue:
        return reason_of(error or ConnectionError()).rstrip(".")
    first, last = str(queue[0][-1]), str(queue[-1][-1])
    return last if first == last else f"{last} ({first})"


class SecureLinks(Factory):
    """
    Builds the house's ends of links over TLS.

    :param links: builds the links.
    """

    noisy = False

    def __init__(self, clock: IReactorTime, links: Factory) -> None:
        self._clock = clock
        self._links = links
        self._strangers = 0
        self._log = QuietLog(clock, Logger(namespace="chatroom"))

    def buildProtocol(self, addr: IAddress | None) -> SecureLink:
        """Build what waits for the certificate of a door, or refuses it."""
        greeted = False

        def build() -> Link:
            nonlocal greeted
            greeted = True
            self._strangers -= 1
            link = self._links.buildProtocol(addr)
            assert isinstance(link, Link)
            return link

        def ended(reason: str) -> None:
            self._strangers -= not greeted
            if reason:
                host = getattr(addr, "host", "an unknown address")
                self._log.info("Refused a link from {host}: {reason}.", host=host, reason=reason)

        self._strangers += 1
        kind = SecureLink if self._strangers <= MAX_STRANGERS else _Unwanted
        return kind(self._clock, build, ended)


def dialler(reactor: Any, creator: Any) -> Callable[[str, Factory], Deferred[IProtocol]]:
    """
    Make what connects to HOST:PORT over TLS.

    :param creator: makes the connection of TLS.
    """

    def dial(address: str, factory: Factory) -> Deferred[IProtocol]:
        host, _, port = address.rpartition(":")
        endpoint = HostnameEndpoint(reactor, host.strip("[]"), int(port), CONNECT_TIMEOUT)
        return wrapClientTLS(creator, endpoint).connect(factory)

    return dial


class _Unwanted(SecureLink):
    """A connection beside too many others."""

    def connectionMade(self) -> None:
        """Close it."""
        self._late = "too many connections without a certificate"
        self.abort()
