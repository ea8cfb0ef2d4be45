"""How front doors are put together: which languages are spoken in the open, and which inside TLS."""

from __future__ import annotations

from twisted.internet.interfaces import IProtocolFactory, IReactorTime

from chatroom.tls.renewal import Certificate

from .browsers import Browsers
from .front import FrontFactory, Languages
from .openings import secure_table, table, web_table
from .plaintext import RedirectingFactory, for_text
from .secure import SecureFactory
from .web.answers import CROWDED
from .web.factory import WebFactory


def entrance(
    clock: IReactorTime,
    text: IProtocolFactory,
    json: IProtocolFactory,
    web: WebFactory,
    browsers: Browsers,
    certificate: Certificate | None = None,
    *,
    tls_only: bool = False,
) -> FrontFactory:
    """
    Build the front door of one server.

    :param certificate: what is shown to whoever comes by TLS; None: nobody can.
    :param tls_only: whether nobody else is let in; it needs a certificate.
    """
    plain = table(text, json, web)
    if certificate is None:
        return FrontFactory(clock, plain, text, web.crowd, web.queues, browsers)
    # Inside there is no TLS once more, and browsers have told what they are.
    secure = SecureFactory(certificate, Languages(clock, plain, text), clock, web.queues, web.crowd)
    if tls_only:
        openings = secure_table(secure, RedirectingFactory(clock, web))
        return FrontFactory(clock, openings, for_text(), web.crowd, web.queues)
    return FrontFactory(clock, table(text, json, web, secure), text, web.crowd, web.queues, browsers)


def web_entrance(
    clock: IReactorTime, web: WebFactory, certificate: Certificate | None = None, *, tls_only: bool = False
) -> FrontFactory:
    """Build the front door of a port for the web alone; the rest is as for `entrance`."""
    if certificate is None:
        return FrontFactory(clock, [], web, web.crowd, web.queues, refusal=CROWDED)
    secure = SecureFactory(certificate, Languages(clock, [], web), clock, web.queues, web.crowd)
    plain = RedirectingFactory(clock, web) if tls_only else web
    return FrontFactory(clock, web_table(secure), plain, web.crowd, web.queues, refusal=CROWDED)
