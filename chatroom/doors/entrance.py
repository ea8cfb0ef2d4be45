"""How the front door is put together: which languages are spoken in the open, and which inside TLS."""

from __future__ import annotations

from twisted.internet.interfaces import IProtocolFactory, IReactorTime

from chatroom.tls.renewal import Certificate

from .front import FrontFactory, Languages
from .openings import secure_table, table
from .plaintext import for_text
from .secure import SecureFactory


def entrance(
    clock: IReactorTime,
    text: IProtocolFactory,
    json: IProtocolFactory,
    web: IProtocolFactory,
    *,
    max_per_address: int,
    certificate: Certificate | None = None,
    tls_only: bool = False,
) -> FrontFactory:
    """
    Build the front door of one server; `front.FrontFactory` tells of *max_per_address*.

    :param certificate: what is shown to whoever comes by TLS; None: nobody can.
    :param tls_only: whether nobody else is let in; it needs a certificate.
    """
    plain = table(text, json, web)
    if certificate is None:
        return FrontFactory(clock, plain, text, max_per_address)
    # Inside there is no TLS once more.
    secure = SecureFactory(certificate, Languages(clock, plain, text), clock)
    if tls_only:
        return FrontFactory(clock, secure_table(clock, secure), for_text(), max_per_address)
    return FrontFactory(clock, table(text, json, web, secure), text, max_per_address)
