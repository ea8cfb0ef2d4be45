"""OpenSSL connections that use the newest certificate and close one direction at a time."""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from zope.interface import implementer

from chatroom.tls.renewal import Certificate


@implementer(IOpenSSLServerConnectionCreator)
class ConnectionCreator:
    """Makes connections with the newest certificate."""

    def __init__(self, certificate: Certificate) -> None:
        self._certificate = certificate

    def serverConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        return TlsConnection(self._certificate.context)


class TlsConnection(SSL.Connection):
    """One connection whose two directions close separately (RFC 8446, section 6.1)."""

    input_over = False
    """Whether the client has announced the end of its input."""
    fruitful = 0
    """Number of records that contained data."""

    def recv(self, bufsiz: int, flags: int | None = None) -> bytes:
        """Return decrypted data; nothing after a ``close_notify``, which leaves our direction open."""
        try:
            data = super().recv(bufsiz, flags)
            self.fruitful += 1
            return data
        except SSL.ZeroReturnError:
            self.input_over = True
            raise SSL.WantReadError from None

    def shutdown(self) -> bool:
        """Send a ``close_notify`` without waiting for the other end's."""
        super().shutdown()
        return True
