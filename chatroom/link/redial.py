"""Connecting to the house, again and again: a door waits for it at its start, and whenever it is gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IAddress, IConnector, IDelayedCall
from twisted.internet.protocol import ClientFactory
from twisted.python.failure import Failure

from .door import RemoteHouse
from .wire import Link

FIRST_PAUSE = 0.01
"""Seconds before the first attempt."""

GROWTH = 1.1
"""How much longer each pause is than the one before: nobody waits for more than a tenth longer than for the house."""

PAUSE = 0.1
"""Seconds between two attempts, at most, while there is no house."""

MAX_PAUSE = 5.0
"""Seconds, at most, if the house is there, but hangs up at once: it has another version, perhaps."""


class Redial(ClientFactory):
    """
    Connects *house* whenever it is not.

    :param path: the UNIX socket of the house.
    :param lost: called whenever a connection is lost.
    """

    noisy = False

    def __init__(self, reactor: Any, path: str, house: RemoteHouse, lost: Callable[[], object]) -> None:
        self._reactor = reactor
        self._path = path
        self._house = house
        self._lost = lost
        self._link: Link | None = None
        self._connector: IConnector | None = None
        self._pause = FIRST_PAUSE
        self._timer: IDelayedCall | None = None
        self._stopped = False

    def start(self) -> None:
        """Connect for the first time."""
        self._connector = self._reactor.connectUNIX(self._path, self)

    def stop(self) -> None:
        """Do not connect again."""
        self._stopped = True
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def buildProtocol(self, addr: IAddress | None) -> Link:
        """Build the door's end of a link."""
        self._link = self._house.build()
        return self._link

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Try again soon: there is no house now."""
        self._pause = min(GROWTH * self._pause, PAUSE)
        self._again(connector)

    def clientConnectionLost(self, connector: IConnector, reason: Failure) -> None:
        """Connect to the next house; wait for longer and longer while none understands us."""
        understood = self._link is not None and self._link.greeting is not None
        self._pause = FIRST_PAUSE if understood else min(max(2 * self._pause, PAUSE), MAX_PAUSE)
        self._lost()
        self._again(connector)

    def _again(self, connector: IConnector) -> None:
        if not self._stopped:
            self._timer = self._reactor.callLater(self._pause, connector.connect)
