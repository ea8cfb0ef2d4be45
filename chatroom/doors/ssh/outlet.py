"""The outlet of every SSH session: ends what the client has proven when somebody else ends its session."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from chatroom.chat.events import Batch
from chatroom.chat.replies import Goodbye, Reply
from chatroom.dialects.text.zone import InZone
from chatroom.doors.outlets.stream import StreamOutlet


class SshOutlet(StreamOutlet):
    """
    Writes to one session.

    Whoever ended it, for example because a device is lost, means the whole connection: another session on it would
    need no password.
    """

    __slots__ = ("zone",)

    _transport: Any

    def __init__(self, *args: Any, zone: ZoneInfo | None = None) -> None:
        super().__init__(*args)
        self.zone = zone
        """The person's time zone; None: that of the server."""

    def deliver(self, batch: Batch) -> bool:
        """Write *batch*."""
        with InZone(self.zone):
            return super().deliver(batch)

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Write *reply*."""
        with InZone(self.zone):
            super().reply(reply, ref)
        if isinstance(reply, Goodbye) and reply.ended:
            self._transport.conn.end()
