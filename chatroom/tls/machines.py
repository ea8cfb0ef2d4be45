"""TLS between machines that trust each other: both ends show a certificate of one authority."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from twisted.internet.interfaces import (
    IOpenSSLClientConnectionCreator,
    IOpenSSLServerConnectionCreator,
    IReactorTime,
)
from twisted.logger import Logger
from zope.interface import implementer

from .pair import Pair, read_machine
from .renewal import Certificate, InThread, written

log = Logger(namespace="chatroom")


@implementer(IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator)
class MachineCertificate(Certificate):
    """
    The certificate that this machine shows to others, and the authority that theirs must be of; renewed as others are.

    It makes the connections of both ends.

    :param authority: a file with the certificate of the authority, or with several.
    """

    what = "certificate for links"

    def __init__(
        self,
        clock: IReactorTime,
        in_thread: InThread,
        certificate: Path,
        key: Path | None,
        authority: Path,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(clock, in_thread, certificate, key, now)
        self._authority = authority
        self._files = (certificate, key, authority)

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        """Make the end that connects."""
        return SSL.Connection(self.context, None)

    def serverConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        """Make the end that was connected to."""
        return SSL.Connection(self.context, None)

    def _read(self) -> Pair:
        return read_machine(self._certificate, self._key, self._authority)

    def _tell(self, pair: Pair, renewed: bool) -> None:
        log.info(
            "New links show the new certificate, valid until {until}."
            if renewed
            else "Links between machines show a certificate that is valid until {until}.",
            until=written(pair.until),
        )
