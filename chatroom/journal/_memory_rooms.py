"""Rooms of the journal in memory: their events, and which of them retention removes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from chatroom.chat.events import TALK, Event, TopicChanged
from chatroom.chat.ports import RetentionLimit


@dataclass(slots=True)
class MemoryRoom:
    """A room with its newest events, of which the last has the seq ``last``."""

    last: int = 0
    topic: str = ""
    number: int = 0
    """Counted from 1, in the order in which rooms were first written to."""
    events: list[Event] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The seq of the oldest event that is kept."""
        return self.last - len(self.events) + 1

    def add(self, events: Sequence[Event], keep: int) -> None:
        """Append *events*, and remove the oldest beyond the number to *keep*."""
        self.last += len(events)
        self.events += events
        for event in events:
            if isinstance(event, TopicChanged):
                self.topic = event.topic
        if len(self.events) > keep:
            self.remove(len(self.events) - keep)

    def remove(self, count: int) -> None:
        """Remove the *count* oldest events."""
        del self.events[:count]

    def unread(self, after: int) -> int:
        """Count what was said after the seq *after*."""
        return sum(isinstance(event, TALK) for event in self.events[max(0, after + 1 - self.first) :])

    def unwanted(self, keep: RetentionLimit, now: float) -> int:
        """Count the oldest events beyond the limit."""
        events, gone = self.events, 0
        if keep.events is not None:
            gone = len(events) - keep.events
        if keep.seconds is not None:
            young = now - keep.seconds
            gone = max(gone, next((place for place, event in enumerate(events) if event.at >= young), len(events)))
        if keep.bytes is not None:
            sizes = [len(event.text.encode()) if isinstance(event, TALK) else 0 for event in reversed(events)]
            gone = max(gone, sum(total > keep.bytes for total in accumulate(sizes)))
        return max(min(gone, len(events) - 1), 0)
