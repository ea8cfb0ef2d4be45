"""Calls: requests of scripts whose answer takes a while, or never ends."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from chatroom.chat.rooms.followers import Follower
from chatroom.dialects.json.event_stream import LineStreamDialect

from ..forwarded import Peer
from ..responses import Headers, Response


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that never ends, or with the last event that is there: a `Follower`, in the format of *dialect*."""

    follower: Follower
    dialect: LineStreamDialect
    peer: Peer

    @property
    def headers(self) -> Headers:
        """The headers of the response; the last one is for nginx, which would hold events back."""
        return (
            ("Content-Type", self.dialect.content_type),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
            ("X-Accel-Buffering", "no"),
        )

    def abandon(self) -> None:
        """End it before it has begun: the client is gone."""
        self.follower.end()


@dataclass(frozen=True, slots=True)
class Call:
    """
    A request whose token is right.

    :param run: makes the response from the body; it raises no refusals.
    """

    run: Callable[[bytes], Coroutine[Any, Any, Response | Stream]]
