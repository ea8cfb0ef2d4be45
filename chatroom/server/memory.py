"""Memory trimming: returns freed memory from glibc to the system, and frees cyclic garbage."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable
from typing import Protocol

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from .garbage_collection import LEISURE

EVERY = 10.0
"""
Seconds between trims.

A trim takes 0.1 ms if there is little to return, and up to a millisecond per 7 MB: a server of 136 MB went back to 103
in 2.6 ms, and a process that had freed 200 MB in small pieces took 29 ms.
"""


class Collections(Protocol):
    """What frees cyclic garbage: see `LongCollections`."""

    def start(self) -> None:
        """Watch all collections."""

    def stop(self) -> None:
        """Watch no more."""

    def collect(self) -> None:
        """Free what is garbage."""


class Trimming:
    """
    Returns freed memory every few seconds.

    A connection that ends is garbage in cycles, over TLS up to 50 KB of it, and only a full collection frees those:
    Python would begin one when much has been allocated, which may be many minutes later.

    :param trim: returns memory; None: not available.
    :param collections: free cyclic garbage; watched as long as this runs.
    :param timer: measures short times, in seconds.
    """

    def __init__(
        self,
        clock: IReactorTime,
        trim: Callable[[], object] | None,
        collections: Collections,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._clock = clock
        self._trim = trim
        self._collections = collections
        self._measure = timer
        self._timer: IDelayedCall | None = None

    def start(self) -> None:
        """Start, a few seconds from now."""
        self._collections.start()
        if self._trim is not None:
            self._timer = self._clock.callLater(EVERY, self._give_back)

    def stop(self) -> None:
        """Stop trimming."""
        self._collections.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_back(self) -> None:
        assert self._trim is not None, "or nothing would have been begun"
        begun = self._measure()
        self._collections.collect()
        took = self._measure() - begun
        self._timer = self._clock.callLater(max(EVERY, LEISURE * took), self._give_back)
        self._trim()


def malloc_trim() -> Callable[[], object] | None:
    """Find glibc's function of that name, malloc_trim(3); None where there is another C library."""
    try:
        function = ctypes.CDLL(None).malloc_trim
    except (OSError, TypeError, AttributeError):
        return None
    function.argtypes = (ctypes.c_size_t,)
    function.restype = ctypes.c_int
    return lambda: function(0)
