"""Stall detector: finds readers that take nothing, by how much we and the kernel still hold for them."""

from __future__ import annotations

import fcntl
import select
import struct
import termios
from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from twisted.internet.interfaces import IReactorTime

from .timeouts import Timeouts

LOOKS_PER_TIMEOUT = 4
"""How often it is looked, in the time that somebody may take nothing."""


class Reader(Protocol):
    """Has a transport, which holds what the other end has not read yet."""

    transport: Any


R = TypeVar("R", bound=Reader)


class StallDetector(Generic[R]):
    """
    Calls *overdue* for each reader that has taken nothing at all for *within* seconds.

    A reader that takes even a little is still waited for: it is slow, not gone.  It is the other
    end's kernel that takes; what its program has read of that cannot be seen from here.  Linux tells that it takes
    more when a sixteenth of its buffer is free: so a program that reads very slowly is seen to do so in steps, of
    some 100 KB on this very machine, where buffers have grown large.

    :param within: seconds; 0 means for as long as it takes.
    """

    def __init__(self, clock: IReactorTime, within: float, overdue: Callable[[R], object]) -> None:
        self._overdue = overdue
        self.count = 0
        """How often somebody began to be watched."""
        self._looks: Timeouts[R] = Timeouts(clock, within / LOOKS_PER_TIMEOUT, self._look)
        self._seen: dict[R, tuple[int, int]] = {}
        """What was held at the last look, and how many looks have passed since it last was less than before."""

    def begin(self, who: R) -> None:
        """Watch *who* from now on."""
        self.count += 1
        self._seen[who] = held(who.transport), 0
        self._looks.begin(who)

    def __len__(self) -> int:
        """Tell how many are watched."""
        return len(self._seen)

    def end(self, who: R) -> None:
        """Watch *who* no more; harmless if they aren't watched."""
        self._seen.pop(who, None)
        self._looks.end(who)

    def _look(self, who: R) -> None:
        before, idle = self._seen.pop(who)
        now = held(who.transport)
        idle = 0 if now < before else idle + 1
        if idle == LOOKS_PER_TIMEOUT:
            self._overdue(who)
        else:
            self._seen[who] = now, idle
            self._looks.begin(who)


def held(transport: Any) -> int:
    """
    Count the bytes written to *transport* that the other end has not taken.

    Whatever stands around a transport, as TLS does, passes on what is asked here.  Of a transport that is not
    one of Twisted's own nothing is known, so whoever is behind it has to take everything in time.
    """
    ours = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
    return ours + getattr(transport, "_tempDataLen", 0) + _in_kernel(transport)


def is_reset(transport: Any) -> bool:
    """Tell whether the other end of *transport*, which is not read from now, is known to be gone."""
    socket = getattr(transport, "socket", None)
    if socket is None:
        return False
    poll = select.poll()
    try:
        poll.register(socket, 0)
        return bool(poll.poll(0))
    except (OSError, ValueError):
        return True


def _in_kernel(transport: Any) -> int:
    """Ask the kernel how much it has yet to send, or to be told that it has arrived (Linux: tcp(7), unix(7))."""
    socket = getattr(transport, "socket", None)
    if socket is None:
        return 0
    try:
        [size] = struct.unpack("i", fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4)))
    except (OSError, ValueError):
        return 0
    return int(size)
