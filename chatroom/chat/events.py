"""What happened in a room: the past-tense facts that a journal keeps and members see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol


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
    more: ClassVar[tuple[str, ...]] = ()
    """The names of whatever else it has; an event with any is rare, and stores all as one JSON text."""
    sentence: ClassVar[str] = ""
    """Its wording, as a format for itself, where its fields alone decide; "": a dialect words it."""

    room: str
    at: float
    by: str
    nick: str
    ref: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Said(Event):
    """Someone said *text* to the room; a pasted block has several lines, with ``\\n`` between them."""

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
    sentence: ClassVar[str] = "{0.nick} is now known as {0.new}"
    new: str


@dataclass(frozen=True, slots=True)
class TopicChanged(Event):
    """Someone set the room's *topic*; an empty one removes it."""

    type: ClassVar[str] = "topic"
    words: ClassVar[tuple[str | None, str | None]] = ("topic", None)
    topic: str


@dataclass(frozen=True, slots=True)
class Kicked(Event):
    """Someone put *target* out of the room; a `Left` of theirs follows at once."""

    type: ClassVar[str] = "kicked"
    words: ClassVar[tuple[str | None, str | None]] = ("reason", "target")
    target: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Banned(Event):
    """Someone keeps *target* out, until *until* (seconds since the epoch; None: for good)."""

    type: ClassVar[str] = "banned"
    more: ClassVar[tuple[str, ...]] = ("target", "reason", "until")
    target: str
    reason: str = ""
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Unbanned(Event):
    """Someone lets *target* in again."""

    type: ClassVar[str] = "unbanned"
    words: ClassVar[tuple[str | None, str | None]] = (None, "target")
    sentence: ClassVar[str] = "{0.nick} unbanned {0.target}"
    target: str


@dataclass(frozen=True, slots=True)
class Muted(Event):
    """Someone lets *target* say nothing here, until *until* (seconds since the epoch; None: for good)."""

    type: ClassVar[str] = "muted"
    more: ClassVar[tuple[str, ...]] = ("target", "reason", "until")
    target: str
    reason: str = ""
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Unmuted(Event):
    """Someone lets *target* speak again."""

    type: ClassVar[str] = "unmuted"
    words: ClassVar[tuple[str | None, str | None]] = (None, "target")
    sentence: ClassVar[str] = "{0.nick} unmuted {0.target}"
    target: str


@dataclass(frozen=True, slots=True)
class SettingChanged(Event):
    """
    Someone set one of the room's *setting* s to *value*; an empty one is the ordinary state.

    ``lock``: ``key`` or ``invited``, who may come in.  ``private``: ``on``.  ``slow``: whole seconds
    between two lines of one person.
    """

    type: ClassVar[str] = "setting"
    words: ClassVar[tuple[str | None, str | None]] = ("value", "setting")
    setting: str
    value: str


@dataclass(frozen=True, slots=True)
class Invited(Event):
    """Someone asked *target* in."""

    type: ClassVar[str] = "invited"
    words: ClassVar[tuple[str | None, str | None]] = (None, "target")
    sentence: ClassVar[str] = "{0.nick} invited {0.target} to #{0.room}"
    target: str


@dataclass(frozen=True, slots=True)
class RoleChanged(Event):
    """Someone gave *target* a *role* in the room: ``operator``, or none."""

    type: ClassVar[str] = "role"
    words: ClassVar[tuple[str | None, str | None]] = ("role", "target")
    target: str
    role: str


@dataclass(frozen=True, slots=True)
class Delivered(Event):
    """Someone who was away has now been given what was said to them in this conversation."""

    type: ClassVar[str] = "received"
    sentence: ClassVar[str] = "{0.nick} has received your messages"


@dataclass(frozen=True, slots=True)
class AuditEntry(Event):
    """
    An entry of the audit log, which is the journal of the room `AUDIT`: somebody ruled.

    *act* is the command's name, *where* the room (empty: the whole server), *text* says what was done.
    """

    type: ClassVar[str] = "recorded"
    more: ClassVar[tuple[str, ...]] = ("act", "where", "text")
    act: str
    where: str
    text: str


AUDIT = "&audit"
"""The room whose journal is the audit log; it has no seats, and its name can be no other room's."""

EVENTS: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        Said,
        Acted,
        Whispered,
        Joined,
        Left,
        Renamed,
        TopicChanged,
        Kicked,
        Banned,
        Unbanned,
        Muted,
        Unmuted,
        SettingChanged,
        Invited,
        RoleChanged,
        Delivered,
        AuditEntry,
    )
}
TALK = (Said, Acted, Whispered)
"""The events that are somebody's words."""


class Encoder(Protocol):
    """Whatever can render a `Batch` as bytes."""

    def encode(self, batch: Batch) -> bytes:
        """Render *batch* for members who took no part in it."""


class Batch:
    """
    Consecutive events of one room, in order: ``events[i]`` has the seq ``first + i``.

    The same object goes to every member's outlet, so whatever is worked out from it is worked out
    once: see `renderings`.
    """

    __slots__ = ("authors", "events", "first", "last", "renderings", "room")

    def __init__(self, room: str, first: int, events: Sequence[Event]) -> None:
        self.room = room
        self.first = first
        self.last = first + len(events) - 1
        """The seq of the last event."""
        self.events = events
        self.authors = frozenset([event.by for event in events])
        """The identities behind the events."""
        self.renderings: dict[object, Any] = {}
        """
        What has been worked out from this batch: under a dialect, the ``bytes`` for members who took no
        part in it; under keys of a dialect's own, whatever that shares between renderings.
        """

    def rendered(self, encoder: Encoder) -> bytes:
        """Return what *encoder* makes of this batch for members who took no part in it, worked out once."""
        found: bytes | None = self.renderings.get(encoder)
        if found is None:
            found = self.renderings[encoder] = encoder.encode(self)
        return found

    def until(self, seq: int) -> Batch:
        """Return what of this batch is not after *seq*."""
        return self if seq >= self.last else Batch(self.room, self.first, self.events[: max(0, seq - self.first + 1)])

    @property
    def talk(self) -> bool:
        """Whether all of it is said aloud, so that each event reads the same to everyone."""
        return {type(event) for event in self.events} <= {Said, Acted}

    def __iter__(self) -> Iterator[tuple[int, Event]]:
        return enumerate(self.events, self.first)

    def __len__(self) -> int:
        return len(self.events)

    def __repr__(self) -> str:
        return f"Batch({self.room!r}, {self.first}, {self.events!r})"


def names_of(event: type[Event] | Event) -> tuple[str, ...]:
    """Name what *event* has beside what all events have."""
    return event.more or tuple(name for name in event.words if name)
