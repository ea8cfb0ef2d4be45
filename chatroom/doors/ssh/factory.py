"""The factory of the SSH door: what its connections share, and which door each session gets."""

from __future__ import annotations

from typing import Any

from twisted.internet.interfaces import IAddress, IProtocolFactory, IReactorTime
from twisted.internet.protocol import Protocol
from twisted.logger import Logger

from chatroom.chat.hub import Hub
from chatroom.dialects.text.dialect import TextDialect
from chatroom.doors.addresses import among, host_of
from chatroom.doors.admission import Admission
from chatroom.doors.connection_limits import ConnectionLimits
from chatroom.doors.factory import NAME_TIMEOUT, CannotOpen, DoorFactory
from chatroom.doors.outlets.stream import Dialects
from chatroom.doors.timeouts import Timeouts
from chatroom.host_keys import BadHostKey, HostKeys

from .authorized_keys import AuthorizedKeys
from .channel import SessionChannel
from .command_door import CommandDoor
from .line_door import SshLineDoor
from .status_lines import StatusLines
from .terminal_door import TerminalDoor
from .transport import SshTransport
from .userauth import UserAuth

CLOSE_TIMEOUT = 5.0
"""Seconds that a client has to read why it was disconnected."""

_ENDED = "Your key is no longer among those that may come in. Goodbye."

log = Logger(namespace="chatroom")

_TEXT: Dialects = (TextDialect(), TextDialect(rooms=True))


class SshFactory(DoorFactory):
    """
    Builds SSH connections, and doors for their sessions.

    :param host_keys: opened with the journal's secret before the first connection.
    :param authorized: who may come in.
    :param admission: queues work of places over their budget.
    :param limits: knows the proxies, which are not charged.
    """

    hub: Hub
    name = "ssh"
    resumes = False
    typed = True
    openings = (b"SSH-",)
    late = True

    def __init__(
        self,
        hub: Hub,
        clock: IReactorTime,
        host_keys: HostKeys,
        authorized: AuthorizedKeys,
        admission: Admission,
        limits: ConnectionLimits,
    ) -> None:
        super().__init__(hub, clock, _TEXT)
        self.host_keys = host_keys
        self.authorized = authorized
        self.admission = admission
        self.limits = limits
        self.unfinished: Timeouts[Any] = Timeouts(clock, NAME_TIMEOUT, SshTransport.give_up_on_unknown)
        """Connections that have no session."""
        self.closing: Timeouts[Any] = Timeouts(clock, CLOSE_TIMEOUT, SshTransport.abort)
        self._status_lines = StatusLines(clock)
        self.longest = hub.core.limits.line
        self.greeting = b""

    @property
    def publicKeys(self) -> Any:
        """The public host keys, as Conch looks them up."""
        return self.host_keys.public

    @property
    def privateKeys(self) -> Any:
        """The private host keys, as Conch looks them up."""
        return self.host_keys.private

    def open(self) -> None:
        """
        Read the host keys, and who may come in.

        :raises CannotOpen: if that fails.
        """
        try:
            self.host_keys.open(self.hub.core.journal.secret)
        except BadHostKey as error:
            raise CannotOpen(str(error)) from None
        self.authorized.refresh()
        self.hub.core.keys.assigned = self.authorized.accounts

    def refresh(self) -> None:
        """Read again who may come in, if that has changed, and end the sessions of those who may not any more."""
        try:
            if not self.authorized.refresh():
                return
        except CannotOpen as error:
            log.error("Nobody can come in by SSH: {error}.", error=error)
        keys, now = self.hub.core.keys, self.authorized.accounts
        before, keys.assigned = keys.assigned, now
        for fingerprint in before.keys() | now.keys():
            if before.get(fingerprint) != now.get(fingerprint):
                # It is another account's, or nobody's.
                self.hub.account_keys.check(fingerprint)
        for session in self.hub.sessions:
            if session.door == self.name and not self.authorized.admits(session.key.fingerprint):
                session.hang_up(_ENDED, "", ended=True)

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """Build the transport of one connection."""
        return SshTransport(self)

    def without_tls(self) -> IProtocolFactory:
        """Let SSH in without TLS, too: nobody can read it."""
        return self

    def getService(self, transport: SshTransport, name: bytes) -> Any:
        """
        Return what builds the service that a client asks for; None: it is not to be had now.

        There is one, which counts the client's attempts, until somebody has come in.
        """
        wanted = name == UserAuth.name and transport.service is None
        return (lambda: UserAuth(self)) if wanted else None

    def payer(self, transport: Any) -> str | None:
        """Return the place that pays for the work of *transport*; None: a proxy, which does not."""
        peer = transport.getPeer()
        return None if among(peer, self.limits.proxies) else str(host_of(peer) or "")

    def forget(self, transport: SshTransport) -> None:
        """Stop waiting for *transport*, which is gone."""
        self.admission.leave(transport)
        self.unfinished.end(transport)
        self.closing.end(transport)

    def door_for(self, channel: SessionChannel) -> Protocol:
        """Build the door for what the client of *channel* wants."""
        identity = channel.conn.transport.identity
        if channel.command is not None:
            return CommandDoor(self, identity)
        if channel.pty is None:
            return SshLineDoor(self, identity)
        return TerminalDoor(self, identity, self._status_lines)
