"""Settings of the web door, which a reload may replace."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from chatroom.doors.addresses import Networks


@dataclass(frozen=True, slots=True)
class WebSettings:
    """
    How people reach the web door, and who may.

    :param prefix: what a proxy leaves in front of our paths, as ``/chat``.
    :param origins: the origins, beside our own, whose pages may open a WebSocket; ``*`` is all.
    :param proxies: from where we are told for whom somebody asks.
    :param metrics_for: from where the figures may be read.
    """

    prefix: str = ""
    origins: Container[str] = frozenset()
    proxies: Networks = ()
    metrics_for: Networks = ()
