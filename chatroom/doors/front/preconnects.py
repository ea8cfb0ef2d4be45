"""Preconnects: remembers where browsers are, which open connections in advance that a greeting would spoil."""

from __future__ import annotations

from twisted.internet.interfaces import IReactorTime

PRECONNECT_TIMEOUT = 10.5
"""
Seconds after which somebody who says nothing is greeted where browsers come from.

Chromium opens connections before it knows what for, and closes those that it has not used after 10 seconds
(``unused_idle_socket_timeout``); if one of them is greeted meanwhile, the page is not shown, or not all of it.
"""

MEMORY_TIMEOUT = 86_400.0
"""Seconds for which a browser is remembered: whoever has come once soon comes again."""

LOCAL_MEMORY_TIMEOUT = 10.0
"""
The same on this machine: enough while a page is loading.

Where people try the server out with a browser and nc, nc is not to be left without a greeting all day.
"""

MAX_ADDRESSES = 10_000
"""Addresses that are remembered."""


class Preconnects:
    """Remembers which addresses have asked for something over HTTP."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._heard: dict[str, float] = {}

    def note(self, address: str) -> None:
        """Remember that a browser is at *address*."""
        # Out and in again: the oldest is the first in the dictionary.
        self._heard.pop(address, None)
        self._heard[address] = self._clock.seconds()
        if len(self._heard) > MAX_ADDRESSES:
            del self._heard[next(iter(self._heard))]

    def expected(self, address: str, here: bool) -> bool:
        """
        Tell whether a silent connection from *address* may be a browser's preconnect.

        :param here: whether that is this machine.
        """
        heard = self._heard.get(address)
        return heard is not None and self._clock.seconds() - heard < (LOCAL_MEMORY_TIMEOUT if here else MEMORY_TIMEOUT)
