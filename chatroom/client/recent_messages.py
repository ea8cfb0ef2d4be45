"""The last messages of each place, with their numbers, for completing commands that mean one of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from chatroom.chat.changes import Deleted, Edited
from chatroom.chat.events import TALK, Event
from chatroom.chat.outcomes import is_deleted
from chatroom.dialects.json.decoder import ME

_REMEMBERED = 20
"""Messages of each place that are offered."""

_MAX_PLACES = 100


@dataclass(slots=True)
class _Message:
    seq: int
    own: bool
    text: str


class RecentMessages:
    """Remembers the newest messages as they are now."""

    def __init__(self) -> None:
        self._places: dict[str, deque[_Message]] = {}

    def note(self, seq: int, event: Event) -> None:
        """Take *event*: a message, or what has become of one."""
        if isinstance(event, (Edited, Deleted)):
            for message in self._places.get(event.room, ()):
                if message.seq == event.re:
                    message.text = event.text if isinstance(event, Edited) else ""
        elif isinstance(event, TALK) and not is_deleted(event):
            place = self._places.pop(event.room, None) or deque(maxlen=_REMEMBERED)
            self._places[event.room] = place
            if len(self._places) > _MAX_PLACES:
                del self._places[next(iter(self._places))]
            if not place or place[-1].seq < seq:
                place.append(_Message(seq, event.by == ME, event.text))

    def note_all(self, events: Iterable[tuple[int, Event]]) -> None:
        """Take *events*, which a reply quotes."""
        for seq, event in events:
            self.note(seq, event)

    def offers(self, place: str, *, own: bool) -> list[tuple[int, str]]:
        """
        List the messages of *place* that are still there, each its number and text, the newest first.

        :param own: those of this person, or those of others.
        """
        messages = reversed(self._places.get(place, ()))
        return [(one.seq, one.text) for one in messages if one.text and one.own is own]
