"""The outlet of every SSH session: ends what the client has proven when somebody else ends its session."""

from __future__ import annotations

from typing import Any

from chatroom.chat.replies import Goodbye, Reply
from chatroom.doors.outlets.stream import StreamOutlet


class SshOutlet(StreamOutlet):
    """
    Writes to one session.

    Whoever ended it, for example because a device is lost, means the whole connection: another session on it would
    need no password.
    """

    __slots__ = ()

    _transport: Any

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        """Write *reply*."""
        super().reply(reply, ref)
        if isinstance(reply, Goodbye) and reply.ended:
            self._transport.conn.end()
