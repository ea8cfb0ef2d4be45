"""The TLS certificate that the options name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chatroom.config.settings import Values
from chatroom.system.threads import WorkerThreads
from chatroom.tls.renewal import Certificate

from .places import path_of


def certificate_of(values: Values, reactor: Any, protocols: Sequence[bytes]) -> Certificate | None:
    """
    Make what reads the certificate; None: there is none.

    :param protocols: for ALPN (RFC 7301).
    """
    certificate, key = (path_of(values[name]).absolute() if values[name] else None for name in ("tls-cert", "tls-key"))
    if certificate is None:
        return None
    # A thread of its own: a disk that never answers keeps nobody else waiting.
    run = WorkerThreads(reactor.callFromThread, "certificate").run
    return Certificate(reactor, run, certificate, key, protocols=protocols)
