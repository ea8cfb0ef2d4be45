"""TLS for the client: nothing is sent before the server is verified."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import idna
from cryptography import x509
from OpenSSL import SSL, crypto
from service_identity import CertificateError, VerificationError
from service_identity.pyopenssl import verify_hostname, verify_ip_address
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import TimeoutError
from twisted.internet.interfaces import (
    IDelayedCall,
    IHandshakeListener,
    IOpenSSLClientConnectionCreator,
    IProtocolFactory,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.protocols.tls import TLSMemoryBIOFactory, TLSMemoryBIOProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from chatroom.tls.pair import reason_of

from .trust_errors import CannotTrust, chain_error, name_error, not_tls_error

HANDSHAKE_TIMEOUT = 15.0
"""Seconds that the handshake may take."""

_RECORDS = (b"\x15", b"\x16")
"""The first bytes of a TLS answer: an alert or a handshake (RFC 8446, section 5.1)."""


def tls_context(authorities: Path | None) -> SSL.Context:
    """
    Make the TLS context for connections to a server.

    :param authorities: a file with the only certificates to trust; None: those that this machine trusts.
    :raises CannotTrust: if the file has none.
    """
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    if authorities is None:
        context.set_default_verify_paths()
        return context
    store = context.get_cert_store()
    assert store is not None
    # Each certificate in the file is trusted, even if another CA signed it: a server's own is enough.
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    try:
        for one in x509.load_pem_x509_certificates(authorities.read_bytes()):
            store.add_cert(crypto.X509.from_cryptography(one))
    except OSError as error:
        raise CannotTrust(f"{authorities}: {error.strerror}") from None
    except ValueError:
        raise CannotTrust(f"{authorities}: it has no complete certificate in PEM format") from None
    return context


@implementer(IStreamClientEndpoint)
class TlsEndpoint:
    """
    Connects through another endpoint, and is connected once the server is verified.

    :param host: the name or address that the server's certificate must have.
    :param own: whether the trusted certificates come from ``--ca``.
    """

    def __init__(
        self, clock: IReactorTime, endpoint: IStreamClientEndpoint, context: SSL.Context, host: str, own: bool
    ) -> None:
        self.clock = clock
        self.own = own
        self.host = host
        self._endpoint = endpoint
        self._context = context

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """
        Connect.

        The Deferred fails with `CannotTrust` if this is another server, or does not speak TLS.
        """
        try:
            verification = _Verification(self, protocolFactory)
        except CannotTrust:
            return fail()
        inside = Factory.forProtocol(lambda: verification)
        factory = TLSMemoryBIOFactory(_Creator(self._context, verification), True, inside, self.clock)
        factory.protocol = _Connection
        return self._endpoint.connect(factory).addCallback(lambda _: verification.verified)


@implementer(IHandshakeListener)
class _Verification(Protocol):
    """Waits for the handshake, verifies the server, and then connects the real protocol."""

    transport: Any

    def __init__(self, endpoint: TlsEndpoint, factory: IProtocolFactory) -> None:
        self.host = _ascii(endpoint.host)
        self.verified: Deferred[Any] = Deferred(lambda _: self.transport.abortConnection())
        self._endpoint = endpoint
        self._factory = factory
        self._protocol: Any = None
        self._timeout: IDelayedCall | None = None
        self._why: Exception | None = None

    def connectionMade(self) -> None:
        """Start the timeout of the handshake."""
        self._timeout = self._endpoint.clock.callLater(HANDSHAKE_TIMEOUT, self._give_up)

    def check_chain(self, connection: Any, certificate: crypto.X509, error: int, depth: int, ok: int) -> bool:
        """Remember why OpenSSL does not trust the *certificate*."""
        if not ok and self._why is None:
            self._why = CannotTrust(chain_error(error, certificate.to_cryptography(), own=self._endpoint.own))
        return bool(ok)

    def handshakeCompleted(self) -> None:
        """Check the name in the certificate, and only then connect."""
        self._stop_waiting()
        connection = self.transport.getHandle()
        check: Callable[[SSL.Connection, str], None] = verify_ip_address if _is_address(self.host) else verify_hostname
        try:
            check(connection, self.host)
        except (VerificationError, CertificateError, ValueError):
            certificate = connection.get_peer_certificate(as_cryptography=True)
            self.refuse(CannotTrust(name_error(certificate, self._endpoint.host)))
            return
        self._protocol = self._factory.buildProtocol(self.transport.getPeer())
        self.dataReceived = self._protocol.dataReceived  # type: ignore[method-assign]
        self._protocol.makeConnection(self.transport)
        self.verified.callback(self._protocol)

    def refuse(self, why: Exception) -> None:
        """Hang up, because of *why*."""
        self._why = self._why or why
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Notify the protocol, or fail with the reason."""
        self._stop_waiting()
        if self._protocol is not None:
            self._protocol.connectionLost(reason)
        elif not self.verified.called:
            self.verified.errback(Failure(self._why or _handshake_error(reason)))  # type: ignore[no-untyped-call]

    def _give_up(self) -> None:
        self._timeout = None
        self.refuse(TimeoutError())  # type: ignore[no-untyped-call]

    def _stop_waiting(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None


class _Connection(TLSMemoryBIOProtocol):
    """One connection; recognizes an answer that is not TLS by its first byte."""

    wrappedProtocol: Any
    _answered = False

    def dataReceived(self, data: bytes) -> None:
        if not self._answered and not data.startswith(_RECORDS):
            self.wrappedProtocol.refuse(CannotTrust(not_tls_error(data)))
            return
        self._answered = True
        super().dataReceived(data)  # type: ignore[no-untyped-call]


@implementer(IOpenSSLClientConnectionCreator)
class _Creator:
    """Makes connections that name the server they want and check its certificate."""

    def __init__(self, context: SSL.Context, verification: _Verification) -> None:
        self._context = context
        self._verification = verification

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        connection = SSL.Connection(self._context)
        if not _is_address(self._verification.host):
            connection.set_tlsext_host_name(self._verification.host.encode())
        connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._verification.check_chain)
        return connection


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _ascii(host: str) -> str:
    """Write *host* as certificates do: without a zone, and in ASCII (RFC 5890)."""
    host = host.partition("%")[0].rstrip(".")
    if host.isascii():
        return host
    with suppress(idna.IDNAError):
        return idna.encode(host, uts46=True).decode()
    raise CannotTrust(f"{host} is not a valid host name.")


def _handshake_error(reason: Failure) -> CannotTrust:
    """Say why a handshake failed for another reason than trust."""
    if isinstance(reason.value, SSL.Error):
        return CannotTrust(f"it has no TLS version or cipher in common with us ({reason_of(reason.value)}).")
    return CannotTrust("it closed the connection during the TLS handshake.")
