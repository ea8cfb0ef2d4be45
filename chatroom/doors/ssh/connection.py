"""The connection protocol (RFC 4254): the channels of one client, up to `MAX_CHANNELS`, each a session."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from twisted.conch.ssh import connection as conch
from twisted.conch.ssh.common import NS, getNS
from twisted.python.failure import Failure

from .channel import WINDOW, SessionChannel
from .silence import SILENT

if TYPE_CHECKING:
    from .server import Server
    from .transport import SshTransport

MAX_CHANNELS = 10
"""Sessions that one connection may have at a time (OpenSSH's ``MaxSessions``)."""

LEAST_PACKET = 1024
"""Bytes of the shortest packets that a client may want; all must take 32,768 (RFC 4253, section 6.1)."""

_REQUEST = 255
"""Bytes of the name of a request."""


class SshConnection(conch.SSHConnection):
    """
    The channels of one connection.

    Conch's own gives back the window before anything has been read, logs what strangers send, and has no bounds.
    """

    name = b"ssh-connection"
    _log = SILENT
    transport: SshTransport

    def __init__(self, factory: Server) -> None:
        super().__init__()
        self.factory = factory
        self._over = False
        """Whether no session is opened any more."""

    def end(self) -> None:
        """Open no further session: what the client has proven has ended."""
        self._over = True

    def look(self) -> None:
        """Wait for a session, for a limited time, if there is none."""
        unfinished = self.factory.unfinished
        if any(channel.runs for channel in self.channels.values()):
            unfinished.end(self.transport)
        elif self.transport not in unfinished and not self.transport.ended:
            unfinished.begin(self.transport)

    serviceStarted = look

    def congestion_changed(self) -> None:
        """Let all sessions write, or none."""
        for channel in list(self.channels.values()):
            channel.look()

    def connection_lost(self, reason: Failure) -> None:
        """End all sessions."""
        for channel in list(self.channels.values()):
            channel.connection_lost(reason)
        self.channels.clear()

    def serviceStopped(self) -> None:
        """Do nothing: no other service follows, and the transport tells when the connection is lost."""

    # Opening and closing.

    def ssh_CHANNEL_OPEN(self, packet: bytes) -> None:
        """Open a session; forwarding and everything else is refused in words."""
        kind, rest = getNS(packet)
        sender, window, max_packet = struct.unpack(">3L", rest[:12])
        identity = self.transport.identity
        self.factory.refresh()
        if self._over or identity is None or not self.factory.authorized.admits(identity.key.fingerprint):
            self._refuse_channel(sender, conch.OPEN_ADMINISTRATIVELY_PROHIBITED, b"Please log in again.")
        elif kind != b"session":
            self._refuse_channel(sender, conch.OPEN_ADMINISTRATIVELY_PROHIBITED, b"Only sessions are opened here.")
        elif len(self.channels) >= MAX_CHANNELS:
            self._refuse_channel(sender, conch.OPEN_RESOURCE_SHORTAGE, b"At most 10 sessions on one connection.")
        elif max_packet < LEAST_PACKET:
            self._refuse_channel(sender, conch.OPEN_RESOURCE_SHORTAGE, b"Packets are too small.")
        else:
            self._open_channel(sender, window, max_packet)

    def _open_channel(self, sender: int, window: int, max_packet: int) -> None:
        channel = SessionChannel(self, window, max_packet)
        channel.id = self.localChannelID
        self.localChannelID += 1
        self.channels[channel.id] = channel
        self.channelsToRemoteChannel[channel] = sender
        self.localToRemoteChannel[channel.id] = sender
        confirmed = struct.pack(">4L", sender, channel.id, WINDOW, channel.localMaxPacket)
        self.transport.sendPacket(conch.MSG_CHANNEL_OPEN_CONFIRMATION, confirmed)

    def _refuse_channel(self, sender: int, reason: int, text: bytes) -> None:
        refused = struct.pack(">2L", sender, reason) + NS(text) + NS(b"")
        self.transport.sendPacket(conch.MSG_CHANNEL_OPEN_FAILURE, refused)

    def channelClosed(self, channel: Any) -> None:
        """Forget *channel*."""
        super().channelClosed(channel)
        if self._over and not self.channels:
            self.transport.hang_up("Please log in again.")

    # Input.

    def ssh_CHANNEL_DATA(self, packet: bytes) -> None:
        """Give a channel its data; it gives back the window once that has been read."""
        channel = self.channels[struct.unpack(">L", packet[:4])[0]]
        channel.receive(getNS(packet[4:])[0])

    def ssh_CHANNEL_EXTENDED_DATA(self, packet: bytes) -> None:
        """Drop what no client sends to a server, and give back its window."""
        channel = self.channels[struct.unpack(">L", packet[:4])[0]]
        channel.drop(len(getNS(packet[8:])[0]))

    def ssh_CHANNEL_REQUEST(self, packet: bytes) -> None:
        """Do what a client asks of a channel, and answer whether that was done."""
        channel = self.channels[struct.unpack(">L", packet[:4])[0]]
        name, rest = getNS(packet[4:])
        if len(name) > _REQUEST:
            raise ValueError("a long name")
        wants_reply = rest[0]
        done = channel.request(name, rest[1:])
        if wants_reply and channel.id in self.localToRemoteChannel:
            number = conch.MSG_CHANNEL_SUCCESS if done else conch.MSG_CHANNEL_FAILURE
            self.transport.sendPacket(number, struct.pack(">L", self.localToRemoteChannel[channel.id]))
        channel.begin()

    def gotGlobalRequest(self, requestType: bytes, data: bytes) -> int:
        """Refuse everything that concerns the whole connection, such as forwarding; keepalives are answered so."""
        return 0

    def ssh_REQUEST_SUCCESS(self, packet: bytes) -> None:
        """Do nothing: nothing was requested."""

    ssh_REQUEST_FAILURE = ssh_CHANNEL_SUCCESS = ssh_CHANNEL_FAILURE = ssh_REQUEST_SUCCESS
