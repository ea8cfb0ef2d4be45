"""TLS at the client's end: nothing is said before it is certain who listens."""

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
"""Seconds that a server may take for its part of the handshake."""

_RECORDS = (b"\x15", b"\x16")
"""How an answer begins that is TLS: with an alert, or with a handshake (RFC 8446, section 5.1)."""


def tls_context(authorities: Path | None) -> SSL.Context:
    """
    Make what connections to a server are made from.

    :param authorities: a file with the certificates of those who may vouch for a server, and nobody else
        then; None: whom this machine trusts.
    :raises CannotTrust: if there are none in it.
    """
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    if authorities is None:
        context.set_default_verify_paths()
        return context
    store = context.get_cert_store()
    assert store is not None
    # Whoever is named there is trusted, also if somebody else vouches for them: a server's own certificate will do.
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    try:
        for one in x509.load_pem_x509_certificates(authorities.read_bytes()):
            store.add_cert(crypto.X509.from_cryptography(one))
    except OSError as error:
        raise CannotTrust(f"{authorities}: {error.strerror}") from None
    except ValueError:
        raise CannotTrust(f"{authorities}: there is no whole certificate in it, in PEM") from None
    return context


@implementer(IStreamClientEndpoint)
class TlsEndpoint:
    """
    Connects by way of another endpoint, and is connected when the server has proved to be who it should be.

    :param host: the name, or the address, that the server's certificate has to have.
    :param own: whether it is trusted because of a file of the person's own.
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

        The Deferred fails with `CannotTrust` if the server is another, or speaks no TLS.
        """
        try:
            proof = _Proof(self, protocolFactory)
        except CannotTrust:
            return fail()
        inside = Factory.forProtocol(lambda: proof)
        factory = TLSMemoryBIOFactory(_Creator(self._context, proof), True, inside, self.clock)
        factory.protocol = _Connection
        return self._endpoint.connect(factory).addCallback(lambda _: proof.given)


@implementer(IHandshakeListener)
class _Proof(Protocol):
    """What waits for the handshake, looks at who is there, and then is the protocol that was to be connected."""

    def __init__(self, endpoint: TlsEndpoint, factory: IProtocolFactory) -> None:
        self.host = _written(endpoint.host)
        self.given: Deferred[Any] = Deferred(lambda _: self.transport.abortConnection())
        self._endpoint = endpoint
        self._factory = factory
        self._protocol: Any = None
        self._patience: IDelayedCall | None = None
        self._why: Exception | None = None

    def connectionMade(self) -> None:
        """Wait, but not for ever."""
        self._patience = self._endpoint.clock.callLater(HANDSHAKE_TIMEOUT, self._give_up)

    def check_chain(self, connection: Any, certificate: crypto.X509, error: int, depth: int, ok: int) -> bool:
        """Note why OpenSSL does not trust the *certificate*."""
        if not ok and self._why is None:
            self._why = CannotTrust(chain_error(error, certificate.to_cryptography(), own=self._endpoint.own))
        return bool(ok)

    def handshakeCompleted(self) -> None:
        """See whether the certificate is for whom we wanted to speak to, and only then connect."""
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
        self.given.callback(self._protocol)

    def refuse(self, why: Exception) -> None:
        """Hang up, because of *why*."""
        self._why = self._why or why
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell whoever was connected, or why nobody was."""
        self._stop_waiting()
        if self._protocol is not None:
            self._protocol.connectionLost(reason)
        elif not self.given.called:
            self.given.errback(Failure(self._why or _explained(reason)))

    def _give_up(self) -> None:
        self._patience = None
        self.refuse(TimeoutError())

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class _Connection(TLSMemoryBIOProtocol):
    """One connection; what answers in another language is told apart by its first byte."""

    _answered = False

    def dataReceived(self, data: bytes) -> None:
        if not self._answered and not data.startswith(_RECORDS):
            self.wrappedProtocol.refuse(CannotTrust(not_tls_error(data)))
            return
        self._answered = True
        super().dataReceived(data)


@implementer(IOpenSSLClientConnectionCreator)
class _Creator:
    """Makes connections that ask for the right server, and have what it shows looked at."""

    def __init__(self, context: SSL.Context, proof: _Proof) -> None:
        self._context = context
        self._proof = proof

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        connection = SSL.Connection(self._context)
        if not _is_address(self._proof.host):
            connection.set_tlsext_host_name(self._proof.host.encode())
        connection.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, self._proof.check_chain)
        return connection


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _written(host: str) -> str:
    """Write *host* as it stands in certificates: without a zone, and in ASCII (RFC 5890)."""
    host = host.partition("%")[0].rstrip(".")
    if host.isascii():
        return host
    with suppress(idna.IDNAError):
        return idna.encode(host, uts46=True).decode()
    raise CannotTrust(f"{host} cannot be the name of a host.")


def _explained(reason: Failure) -> CannotTrust:
    """Word why a handshake came to nothing, in which nobody was distrusted."""
    if reason.check(SSL.Error):
        return CannotTrust(f"it does not agree with us on how to speak TLS ({reason_of(reason.value)}).")
    return CannotTrust("it hung up on us during the TLS handshake.")
