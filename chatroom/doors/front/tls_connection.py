"""What each connection over TLS is to OpenSSL: the newest certificate, and ends that come one half at a time."""

from __future__ import annotations

from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from zope.interface import implementer

from chatroom.tls.renewal import Certificate


@implementer(IOpenSSLServerConnectionCreator)
class ConnectionCreator:
    """Makes connections that show the newest certificate."""

    def __init__(self, certificate: Certificate) -> None:
        self._certificate = certificate

    def serverConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        return TlsConnection(self._certificate.context)


class TlsConnection(SSL.Connection):
    """One connection, closed by halves as RFC 8446 has it."""

    input_over = False
    """Whether the other end has said that it will send no more."""
    fruitful = 0
    """Records that something came out of."""

    def recv(self, bufsiz: int, flags: int | None = None) -> bytes:
        """Return what came; after a ``close_notify`` that is nothing, but what was said before can be answered."""
        try:
            data = super().recv(bufsiz, flags)
            self.fruitful += 1
            return data
        except SSL.ZeroReturnError:
            self.input_over = True
            raise SSL.WantReadError from None

    def shutdown(self) -> bool:
        """Say that nothing more will be sent; there is no need to wait until the other end says so, too."""
        super().shutdown()
        return True
