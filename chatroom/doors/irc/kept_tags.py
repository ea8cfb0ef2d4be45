"""Kept tags: what clients have told others beside any message, and asked to have kept (``+draft/persist``)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from chatroom.dialects.irc.names import msgid
from chatroom.dialects.irc.tagged import Tagged

MOST = 1000
"""TAGMSGs that are kept, of all rooms and conversations; at 4 KB each, 4 MB."""

_PARTS = 1000
"""Of two consecutive events, one more than the TAGMSGs that fit between them."""


class KeptTags:
    """
    The latest TAGMSGs, while the server runs.

    The position of each is between two seqs: as the third one after event 7, it is 7.003, and so its id ends.
    """

    def __init__(self) -> None:
        self._kept: deque[tuple[float, Tagged]] = deque(maxlen=MOST)

    def keep(self, event: Tagged, last: int) -> Tagged:
        """Keep *event*, which comes after the event *last* of its room, and return it with its id."""
        number = 1 + sum(one.room == event.room and int(position) == last for position, one in self._kept)
        if number >= _PARTS:
            return event
        written = f"{last}.{number:03}"
        event = replace(event, id=msgid(event.room, written))
        self._kept.append((float(written), event))
        return event

    def between(self, place: str, low: float, high: float) -> list[tuple[float, Tagged]]:
        """List those of the room or conversation *place* from the position *low* on, and below *high*."""
        return [(at, event) for at, event in self._kept if event.room == place and low <= at < high]
