"""Rooms of the journal in memory: their events, what changes make of them, and what retention removes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from chatroom.chat.changes import CHANGES, Change
from chatroom.chat.event import quote
from chatroom.chat.events import TALK, Event, Joined, Left, Renamed, Said, TopicChanged
from chatroom.chat.outcomes import changed, is_deleted, of_deleted, requoted, target_of, without_target
from chatroom.chat.ports import RetentionLimit


@dataclass(slots=True)
class MemoryRoom:
    """A room with its newest events, of which the last has the seq ``last``."""

    last: int = 0
    topic: str = ""
    number: int = 0
    """Counted from 1, in the order in which rooms were first written to."""
    events: list[Event] = field(default_factory=list)
    """The newest ones; the last of them has the seq ``last``."""
    about: dict[int, list[int]] = field(default_factory=dict)
    """The seqs of the events about a message, by its seq."""
    present: dict[str, str] = field(default_factory=dict)
    """The nicks of those who are in the room, by identity."""

    @property
    def first(self) -> int:
        """The seq of the oldest event that is kept."""
        return self.last - len(self.events) + 1

    def add(self, events: Sequence[Event], keep: int) -> None:
        """Append *events*, change earlier ones as they demand, and remove the oldest beyond the number to *keep*."""
        first = self.last + 1
        self.last += len(events)
        self.events += events
        for seq, event in enumerate(events, first):
            if type(event) is Said and event.marks is None:
                continue
            if isinstance(event, TopicChanged):
                self.topic = event.topic
            elif isinstance(event, Joined | Renamed | Left):
                self._move(event)
            elif event.marks is not None or isinstance(event, CHANGES):
                self._amend(seq, event)
        if len(self.events) > keep:
            self.remove(len(self.events) - keep)

    def remove(self, count: int) -> None:
        """Remove the *count* oldest events."""
        del self.events[:count]
        self.about = {target: seqs for target, seqs in self.about.items() if target >= self.first}

    def unread(self, after: int) -> int:
        """Count what was said after the seq *after*."""
        return sum(
            isinstance(event, TALK) and not is_deleted(event)
            for event in self.events[max(0, after + 1 - self.first) :]
        )

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

    def page(self, start: int, stop: int) -> list[Event]:
        """Return events by their places in ``events``."""
        first = self.first
        return [
            without_target(event) if (target := target_of(event)) is not None and target < first else event
            for event in self.events[start:stop]
        ]

    def _move(self, event: Joined | Renamed | Left) -> None:
        if isinstance(event, Left):
            self.present.pop(event.by, None)
        elif isinstance(event, Joined):
            self.present[event.by] = event.nick
        elif event.by in self.present:
            self.present[event.by] = event.new

    def _amend(self, seq: int, event: Event) -> None:
        """Change earlier events as *event*, which has just been stored, demands."""
        target = target_of(event)
        if target is None or not self.first <= target < seq:
            return
        said = self.events[target - self.first]
        if isinstance(said, TALK):
            self.events[seq - self.first] = requoted(event, quote(said.nick, said.text))
            if isinstance(event, CHANGES):
                self._change(seq, event)
        self.about.setdefault(target, []).append(seq)

    def _change(self, seq: int, change: Change) -> None:
        first = self.first
        if is_deleted(self.events[change.re - first]):
            # It stays deleted, and nothing is left of the change.
            self.events[seq - first] = of_deleted(self.events[seq - first])
            return
        for one in (change.re, *self.about.get(change.re, ())):
            self.events[one - first] = changed(one, self.events[one - first], change)
