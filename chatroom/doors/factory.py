"""The base of every door's factory: what the door declares, and who is connected through it."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocolFactory, IReactorTime
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from chatroom.chat.hub import Hub
from chatroom.chat.refusals import TlsOnly
from chatroom.chat.replies import Refused
from chatroom.system.quiet_log import QuietLog

from .closed import TLS_ONLY, TOO_MANY, ClosedFactory
from .outlets.stream import Dialects
from .stall_detector import StallDetector
from .timeouts import Timeouts

NAME_TIMEOUT = 60.0
"""Seconds that someone may take to say who they are (IRC servers give 20 to 60)."""


class Connection(Protocol):
    """What the factory needs to know of one connection; `door.Door` is one."""

    transport: Any

    def give_up_on_nameless(self) -> None:
        """Hang up on someone who hasn't given a nick in time."""

    def give_up_on_stalled(self) -> None:
        """Hang up on someone who has read nothing for too long."""


class DoorFactory(Factory):
    """
    One way in, and everyone who is connected through it.

    :param clock: the reactor.
    """

    name: ClassVar[str]
    resumes: ClassVar[bool]
    typed: ClassVar[bool] = False
    """Whether people type here: telnet may come in, blocks may be pasted, and a password can be asked for."""
    openings: ClassVar[tuple[bytes, ...]] = ()
    """The first bytes by which the front door knows that a connection is for this door."""
    alpn: ClassVar[tuple[bytes, ...]] = ()
    """What somebody who wants this door may say in the handshake of TLS instead (RFC 7301)."""
    crowded: ClassVar[bytes] = f"!! {TOO_MANY}\n".encode()
    """What is written to a connection too many where this door is the one for silence."""
    noisy = False

    def __init__(self, hub: Hub, clock: IReactorTime, dialects: Dialects) -> None:
        self.hub = hub
        self.clock = clock
        self.dialects = dialects
        self.log = QuietLog(clock, Logger(namespace="chatroom"))
        """For whatever those at the door can cause."""
        self.connected: set[Connection] = set()
        self.nameless: Timeouts[Connection] = Timeouts(clock, NAME_TIMEOUT, lambda door: door.give_up_on_nameless())
        self.stalled: StallDetector[Connection] = StallDetector(
            clock, hub.core.limits.stall, lambda door: door.give_up_on_stalled()
        )
        """Those who do not read what is sent to them."""
        self.lines = self.refusals = 0
        """What has come in, and what was refused of it, since the start."""
        self.hang_ups: Counter[str] = Counter()
        """How often somebody was hung up on since the start, by why."""
        self._wait_for_none: list[Deferred[None]] = []

    def without_tls(self) -> IProtocolFactory:
        """Build the door that refuses, in this language, connections without TLS to a server that is TLS only."""
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
        """Count that somebody was hung up on, and log it: *message* is a format with *fields* and the ``door``."""
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
