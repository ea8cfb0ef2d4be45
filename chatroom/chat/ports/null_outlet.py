"""The null outlet: stands in for the outlet of a session without a connection."""

from __future__ import annotations

from collections.abc import Container
from contextlib import AbstractContextManager, nullcontext

from ..events import Batch
from ..replies import Preferences, Reply
from .outlet import RoomLink


class NullOutlet:
    """An outlet that accepts nothing."""

    door = "gone"
    resumes = False
    viewer = session = ""
    address = ""
    secure = False
    asks = reads = keeps_nick = False
    link: RoomLink | None = None

    def deliver(self, batch: Batch) -> bool:
        return False

    def reply(self, reply: Reply, ref: str | None = None) -> None:
        pass

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def in_rooms(self, count: int) -> None:
        pass

    def prefer(self, preferences: Preferences, nick: str, ignored: Container[str]) -> None:
        pass

    def ready(self) -> None:
        pass

    def close(self) -> None:
        pass
