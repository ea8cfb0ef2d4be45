"""Stall detector: finds clients that read nothing, by how much we and the kernel still buffer for them."""

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
"""Checks per timeout."""


class Reader(Protocol):
    """A connection with a transport, which buffers what the client has not read."""

    transport: Any


R = TypeVar("R", bound=Reader)


class StallDetector(Generic[R]):
    """
    Calls *overdue* for each client that has read nothing for *within* seconds.

    A client that reads even a little is slow, not gone.  Only what the client's kernel accepts can be seen from here,
    not what its program reads.  Linux announces free space in steps of a sixteenth of its buffer, so very slow reading
    is visible only in steps, of some 100 KB on the same machine, where buffers are large.

    :param within: in seconds; 0: no limit.
    """

    def __init__(self, clock: IReactorTime, within: float, overdue: Callable[[R], object]) -> None:
        self._overdue = overdue
        self.count = 0
        """How many stalls have begun."""
        self._looks: Timeouts[R] = Timeouts(clock, within / LOOKS_PER_TIMEOUT, self._look)
        self._seen: dict[R, tuple[int, int]] = {}
        """The amount at the last check, and the number of checks since it last shrank."""

    def begin(self, who: R) -> None:
        """Start watching *who*."""
        self.count += 1
        self._seen[who] = held(who.transport), 0
        self._looks.begin(who)

    def __len__(self) -> int:
        """Return how many are watched."""
        return len(self._seen)

    def end(self, who: R) -> None:
        """Stop watching *who*, if they are watched."""
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
    Return the bytes written to *transport* that the client has not accepted.

    Wrappers such as TLS pass these calls on.  Transports other than Twisted's own are opaque, so their clients must
    accept everything in time.
    """
    return buffered(transport) + _in_kernel(transport)


def buffered(transport: Any) -> int:
    """Return the bytes written to *transport* that its socket has not accepted."""
    ours = len(getattr(transport, "dataBuffer", b"")) - getattr(transport, "offset", 0)
    return int(ours + getattr(transport, "_tempDataLen", 0))


def is_reset(transport: Any) -> bool:
    """Return whether *transport* is known to have been reset, though it may be paused."""
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
    """Ask the kernel for the bytes that are unsent or unacknowledged (Linux: tcp(7), unix(7))."""
    socket = getattr(transport, "socket", None)
    if socket is None:
        return 0
    try:
        [size] = struct.unpack("i", fcntl.ioctl(socket.fileno(), termios.TIOCOUTQ, bytes(4)))
    except (OSError, ValueError):
        return 0
    return int(size)
