"""The door for SSH clients without a terminal: pipes and scripts, which read and write lines as nc does."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IHalfCloseableProtocol
from zope.interface import implementer

from chatroom.dialects.base import Decoded
from chatroom.doors.line import LineDoor
from chatroom.doors.outlets.stream import StreamOutlet

from .channel import SessionChannel
from .coming_in import ComeIn
from .environment import dialects_in, rooms_of, zone_of
from .identity import Identity
from .outlet import SshOutlet


@implementer(IHalfCloseableProtocol)
class SshLineDoor(LineDoor):
    """One session that sends and receives lines; who it is was said before."""

    transport: SessionChannel
    _negotiates = False

    def __init__(self, factory: Any, identity: Identity) -> None:
        super().__init__(factory)
        self._identity = identity

    def connectionMade(self) -> None:
        """Connect a session, and come in."""
        self.open()
        self._run(Decoded(ComeIn(self._identity, rooms_of(self.transport.environment))))

    def _make_outlet(self) -> StreamOutlet:
        factory, zone = self.factory, zone_of(self.transport.environment)
        dialects = dialects_in(zone)
        return SshOutlet(self.transport, self, dialects, factory.name, factory.resumes, factory.typed, zone=zone)

    @property
    def secure(self) -> bool:
        """Whether the connection is private: always."""
        return True

    def _is_telnet(self, data: bytes) -> bool:
        return False

    def _may_wait_for_enter(self) -> bool:
        return False
