"""Rooms in memory: their events, and what changes make of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from chatroom.chat.changes import CHANGES, Change
from chatroom.chat.event import quote
from chatroom.chat.events import TALK, Event
from chatroom.chat.outcomes import changed, is_deleted, of_deleted, requoted, target_of, without_target


@dataclass(slots=True)
class MemoryRoom:
    """One room: its topic, and its newest events."""

    last: int = 0
    topic: str = ""
    number: int = 0
    """Counted from 1, in the order in which rooms were first written to."""
    events: list[Event] = field(default_factory=list)
    """The newest ones; the last of them has the seq ``last``."""
    about: dict[int, list[int]] = field(default_factory=dict)
    """The seqs of the events about a message, by its seq."""

    @property
    def first(self) -> int:
        """The seq of the oldest event that is kept."""
        return self.last - len(self.events) + 1

    def page(self, start: int, stop: int) -> list[Event]:
        """Return events by their places in ``events``."""
        first = self.first
        return [
            without_target(event) if (target := target_of(event)) is not None and target < first else event
            for event in self.events[start:stop]
        ]

    def amend(self, seq: int, event: Event) -> None:
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

    def forget(self, count: int) -> None:
        """Remove the oldest *count* events."""
        del self.events[:count]
        self.about = {target: seqs for target, seqs in self.about.items() if target >= self.first}
