"""The bases of door factories: what a door declares, and its connections."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocolFactory, IReactorTime
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from chatroom.chat.refusals import TlsOnly
from chatroom.chat.replies import Refused
from chatroom.system.quiet_log import QuietLog

from .closed import TLS_ONLY, TOO_MANY, ClosedFactory
from .house import House
from .outlets.stream import Dialects
from .stall_detector import StallDetector
from .timeouts import Timeouts

NAME_TIMEOUT = 60.0
"""Time limit for giving a nick, in seconds (IRC servers give 20 to 60)."""


class CannotOpen(Exception):
    """A door cannot be opened; the text is one clear line."""


class Connection(Protocol):
    """The part of a connection that the factory uses; see `door.Door`."""

    transport: Any

    def give_up_on_nameless(self) -> None:
        """Disconnect a client that hasn't given a nick in time."""

    def give_up_on_stalled(self) -> None:
        """Disconnect a client that has read nothing for too long."""


class Entrance(Factory):
    """What a front door leads to, and how connections to it begin."""

    name: str
    openings: tuple[bytes, ...] = ()
    """The first bytes by which the front door recognizes connections for this door."""
    padded: bool = False
    """Whether a byte order mark and white space may come before them: programs' libraries write them."""
    late: bool = False
    """Whether they count after the greeting of the default door, too: clients skip lines before the server's first."""
    alpn: tuple[bytes, ...] = ()
    """The ALPN name (RFC 7301) that selects this door in a TLS handshake."""
    crowded: bytes = f"!! {TOO_MANY}\n".encode()
    """The text for excess connections if this is the default door."""
    noisy = False

    def without_tls(self) -> IProtocolFactory:
        """Build the door for connections without TLS to a TLS-only server: a closed one, in this door's language."""
        raise NotImplementedError


class DoorFactory(Entrance):
    """
    A door's factory: its declarations and its connections.

    :param clock: the reactor.
    """

    resumes: ClassVar[bool]
    typed: ClassVar[bool] = False
    """Whether people type here: with telnet, pasted blocks and password prompts."""

    def __init__(self, hub: House, clock: IReactorTime, dialects: Dialects) -> None:
        self.hub = hub
        self.clock = clock
        self.dialects = dialects
        self.log = QuietLog(clock, Logger(namespace="chatroom"))
        """The log for events that clients can cause."""
        self.connected: set[Connection] = set()
        self.nameless: Timeouts[Connection] = Timeouts(clock, NAME_TIMEOUT, lambda door: door.give_up_on_nameless())
        self.stalled: StallDetector[Connection] = StallDetector(
            clock, hub.core.limits.stall, lambda door: door.give_up_on_stalled()
        )
        """The connections that don't read what is sent to them."""
        self.lines = self.refusals = 0
        """Lines received and refused since the start."""
        self.hang_ups: Counter[str] = Counter()
        """Disconnections by the server since the start, by reason."""
        self._wait_for_none: list[Deferred[None]] = []

    def open(self) -> None:
        """
        Prepare for connections; the journal is open.

        :raises CannotOpen: if that fails.
        """

    def without_tls(self) -> IProtocolFactory:
        """Build the closed door, which says so in this door's dialect."""
        return ClosedFactory(self.dialects[0].encode_reply(Refused(TlsOnly.code, TLS_ONLY)))

    def arrived(self, door: Connection) -> None:
        """Add a new connection, which has `NAME_TIMEOUT` seconds to give a nick."""
        self.connected.add(door)
        self.nameless.begin(door)

    def departed(self, door: Connection) -> None:
        """Forget a connection that is gone."""
        self.connected.discard(door)
        self._check_none()
        self.nameless.end(door)
        self.stalled.end(door)

    def count_hang_up(self, why: str, message: str, **fields: object) -> None:
        """Count and log a disconnection by the server: *message* is a format with *fields* and the ``door``."""
        self.hang_ups[why] += 1
        self.log.info(message, door=self.name, **fields)

    def all_gone(self) -> Deferred[None]:
        """Wait until nobody is connected."""
        gone: Deferred[None] = Deferred()
        self._wait_for_none.append(gone)
        self._check_none()
        return gone

    def _check_none(self) -> None:
        if not self.connected:
            waiting, self._wait_for_none = self._wait_for_none, []
            for gone in waiting:
                gone.callback(None)
