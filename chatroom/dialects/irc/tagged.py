"""Tags alone: what a client tells others beside any message (TAGMSG), as an event that no journal has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from chatroom.chat.events import Event


@dataclass(frozen=True, slots=True)
class Tagged(Event):
    """Someone sent *tags*, whose names begin with ``+``; *id* is the message id."""

    type: ClassVar[str] = "tagged"
    id: str
    tags: Mapping[str, str]
