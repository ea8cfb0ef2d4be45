"""What happened in a room: the past-tense facts that a journal keeps and members see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

Record = tuple[str, float, str, str, str, str, "str | None"]
"""An event as a journal stores it: ``(type, at, by, nick, text, target, ref)``."""


@dataclass(frozen=True, slots=True)
class Event:
    """
    One fact in one room.  Its place in the room, ``seq``, is known to the `Batch` that holds it.

    ``room`` is the journal's name, ``at`` seconds since the epoch, ``by`` the identity behind the
    person (stable across renames, never shown), ``nick`` the name they had then, and ``ref`` the mark
    that the asker put on the command; only the asker is ever shown it.
    """

    type: ClassVar[str]
    words: ClassVar[tuple[str | None, str | None]] = (None, None)
    """The names of this event's free text and of its target, where it has them."""

    room: str
    at: float
    by: str
    nick: str
    ref: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Said(Event):
    """Someone said *text* to the room."""

    type: ClassVar[str] = "said"
    words: ClassVar[tuple[str | None, str | None]] = ("text", None)
    text: str


@dataclass(frozen=True, slots=True)
class Acted(Event):
    """Someone described what they do: ``* ann waves``."""

    type: ClassVar[str] = "acted"
    words: ClassVar[tuple[str | None, str | None]] = ("text", None)
    text: str


@dataclass(frozen=True, slots=True)
class Whispered(Event):
    """Someone said *text* to one person only; the room is the conversation of the two."""

    type: ClassVar[str] = "whispered"
    words: ClassVar[tuple[str | None, str | None]] = ("text", "to")
    text: str
    to: str


@dataclass(frozen=True, slots=True)
class Joined(Event):
    """Someone came into the room."""

    type: ClassVar[str] = "joined"


@dataclass(frozen=True, slots=True)
class Left(Event):
    """Someone went, by wish or by loss of their connection; *reason* may be empty."""

    type: ClassVar[str] = "left"
    words: ClassVar[tuple[str | None, str | None]] = ("reason", None)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Renamed(Event):
    """Someone who was ``nick`` is *new* from here on."""

    type: ClassVar[str] = "renamed"
    words: ClassVar[tuple[str | None, str | None]] = (None, "new")
    new: str


@dataclass(frozen=True, slots=True)
class TopicChanged(Event):
    """Someone set the room's *topic*; an empty one removes it."""

    type: ClassVar[str] = "topic"
    words: ClassVar[tuple[str | None, str | None]] = ("topic", None)
    topic: str


EVENTS: dict[str, type[Event]] = {
    kind.type: kind for kind in (Said, Acted, Whispered, Joined, Left, Renamed, TopicChanged)
}
TALK = (Said, Acted, Whispered)
"""The events that are somebody's words."""


class Batch:
    """
    Consecutive events of one room, in order: ``events[i]`` has the seq ``first + i``.

    The same object goes to every member's outlet, so whatever is worked out from it is worked out
    once: see `renderings`.
    """

    __slots__ = ("_authors", "events", "first", "renderings", "room")

    def __init__(self, room: str, first: int, events: Sequence[Event]) -> None:
        self.room = room
        self.first = first
        self.events = events
        self.renderings: dict[object, Any] = {}
        """
        What has been worked out from this batch: under a dialect, the ``bytes`` for members who took no
        part in it; under keys of a dialect's own, whatever that shares between renderings.
        """
        self._authors: frozenset[str] | None = None

    @property
    def last(self) -> int:
        """The seq of the last event."""
        return self.first + len(self.events) - 1

    @property
    def authors(self) -> frozenset[str]:
        """The identities behind the events."""
        if self._authors is None:
            self._authors = frozenset([event.by for event in self.events])
        return self._authors

    @property
    def talk(self) -> bool:
        """Whether all of it is said aloud, so that each event reads the same to everyone."""
        return all(type(event) in (Said, Acted) for event in self.events)

    def __iter__(self) -> Iterator[tuple[int, Event]]:
        return enumerate(self.events, self.first)

    def __len__(self) -> int:
        return len(self.events)

    def __repr__(self) -> str:
        return f"Batch({self.room!r}, {self.first}, {self.events!r})"


def to_record(event: Event) -> Record:
    """Flatten *event* for storage; the room and the seq are the journal's to keep."""
    if type(event) is Said:
        # Most of what is ever stored.
        return "said", event.at, event.by, event.nick, event.text, "", event.ref
    words = [getattr(event, name) if name else "" for name in event.words]
    return event.type, event.at, event.by, event.nick, words[0], words[1], event.ref


def from_record(room: str, record: Record) -> Event:
    """
    Build the event that `to_record` flattened.

    :raises KeyError: if the type is one that this version does not know.
    """
    kind, at, by, nick, text, target, ref = record
    made = EVENTS[kind]
    more = {name: value for name, value in zip(made.words, (text, target), strict=True) if name}
    return made(room=room, at=at, by=by, nick=nick, ref=ref, **more)
