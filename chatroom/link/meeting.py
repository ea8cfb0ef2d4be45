"""Meeting: where a door process and the one that replaces it find each other."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Any

from twisted.internet.endpoints import UNIXClientEndpoint
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from .giving import Giver, Taker
from .handing import Handing

_NAME_BYTES = 2
"""Names of four characters are no longer than that of the house's socket, whose path may have the longest length."""

log = Logger(namespace="chatroom")


def take(reactor: Any, folder: Path, handing: Handing) -> str:
    """
    Listen for a door that hands its connections over to this one.

    :param folder: only the user of the server can enter it.
    :returns: the path for `give`; the reactor removes it at its end.
    """
    while (path := folder / token_hex(_NAME_BYTES)).exists():
        pass
    reactor.listenUNIX(str(path), _quiet(partial(Taker, handing)), mode=0o600)
    return str(path)


def give(reactor: Any, path: str, handing: Handing) -> None:
    """Hand the connections of this door over to the one that listens at *path*; without it, they stay."""
    endpoint = UNIXClientEndpoint(reactor, path)
    endpoint.connect(_quiet(partial(Giver, handing))).addErrback(
        lambda failure: log.error("Cannot hand over any connections: {why}", why=failure.getErrorMessage())
    )


def _quiet(protocol: Any) -> Factory:
    factory = Factory.forProtocol(protocol)
    factory.noisy = False
    return factory
