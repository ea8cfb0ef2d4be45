"""Settings of the web door, which a reload may replace."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from chatroom.doors.addresses import Networks


@dataclass(frozen=True, slots=True)
class WebSettings:
    """
    The settings of the web door.

    :param prefix: the path prefix that a proxy leaves, such as ``/chat``.
    :param origins: additional origins whose pages may open a WebSocket; ``*`` is all.
    :param proxies: networks of trusted proxies.
    :param metrics_for: networks that may read the metrics.
    """

    prefix: str = ""
    origins: Container[str] = frozenset()
    proxies: Networks = ()
    metrics_for: Networks = ()
