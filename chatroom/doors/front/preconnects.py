"""Preconnects: remembers the addresses of browsers, whose speculative connections a greeting would spoil."""

from __future__ import annotations

from twisted.internet.interfaces import IReactorTime

PRECONNECT_TIMEOUT = 10.5
"""
Silence, in seconds, before a greeting to an address that has a browser.

Chromium opens connections speculatively, and closes unused ones after 10 seconds (``unused_idle_socket_timeout``); a
greeting on one of them breaks the page.
"""

MEMORY_TIMEOUT = 86_400.0
"""Seconds for which a browser's address is remembered."""

LOCAL_MEMORY_TIMEOUT = 10.0
"""
The same for this machine: long enough to load the page, short enough that nc here still gets its greeting.
"""

MAX_ADDRESSES = 10_000
"""Number of addresses remembered."""


class Preconnects:
    """Remembers which addresses have made HTTP requests."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._heard: dict[str, float] = {}

    def note(self, address: str) -> None:
        """Remember that a browser is at *address*."""
        # Reinsert: the oldest is the first in the dictionary.
        self._heard.pop(address, None)
        self._heard[address] = self._clock.seconds()
        if len(self._heard) > MAX_ADDRESSES:
            del self._heard[next(iter(self._heard))]

    def expected(self, address: str, here: bool) -> bool:
        """
        Return whether a silent connection from *address* may be a browser's preconnect.

        :param here: whether that is this machine.
        """
        heard = self._heard.get(address)
        return heard is not None and self._clock.seconds() - heard < (LOCAL_MEMORY_TIMEOUT if here else MEMORY_TIMEOUT)
