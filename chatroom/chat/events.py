"""Events: past-tense facts of a room, which the journal keeps and members see."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from .changes import Deleted, Edited, Reacted
from .event import BOT as BOT
from .event import Event as Event
from .event import Marks


@dataclass(frozen=True, slots=True, init=False)
class Said(Event):
    """
    Someone said *text* to the room; a pasted block has several lines, with ``\\n`` between them.

    Nearly all events are of this kind, and each is made at least twice.  So it sets its fields itself: the method of a
    frozen dataclass takes half as long again (0.8 µs), because it looks up each by its name.
    """

    type: ClassVar[str] = "said"
    words: ClassVar[tuple[str | None, str | None]] = ("text", None)
    text: str

    def __init__(
        self,
        room: str,
        at: float,
        by: str,
        nick: str,
        text: str,
        *,
        ref: str | None = None,
        session: str = "",
        ask: str = "",
        marks: Marks | None = None,
    ) -> None:
        _set_room(self, room)
        _set_at(self, at)
        _set_by(self, by)
        _set_nick(self, nick)
        _set_text(self, text)
        _set_ref(self, ref)
        _set_session(self, session)
        _set_ask(self, ask)
        _set_marks(self, marks)


def setter(kind: type[Any], name: str) -> Callable[[Any, Any], None]:
    """Return what sets the slot *name* of the class *kind*, which `frozen` protects from everybody else."""
    found: Callable[[Any, Any], None] = vars(kind)[name].__set__
    return found


_set_room, _set_at, _set_by, _set_nick = (setter(Event, name) for name in ("room", "at", "by", "nick"))
_set_ref, _set_session, _set_ask, _set_marks = (setter(Event, name) for name in ("ref", "session", "ask", "marks"))
_set_text = setter(Said, "text")


@dataclass(frozen=True, slots=True)
class Acted(Event):
    """Someone described what they do: ``* ann waves``."""

    type: ClassVar[str] = "acted"
    words: ClassVar[tuple[str | None, str | None]] = ("text", None)
    text: str


@dataclass(frozen=True, slots=True)
class Noticed(Event):
    """Someone gave the room a notice: *text*, as in `Said`, which no program may answer (RFC 2812, section 3.3.2)."""

    type: ClassVar[str] = "noticed"
    words: ClassVar[tuple[str | None, str | None]] = ("text", None)
    text: str


@dataclass(frozen=True, slots=True)
class Whispered(Event):
    """Someone said *text* to one person only, perhaps to themselves; the room is the conversation of the two."""

    type: ClassVar[str] = "whispered"
    words: ClassVar[tuple[str | None, str | None]] = ("text", "to")
    text: str
    to: str


@dataclass(frozen=True, slots=True, init=False)
class Joined(Event):
    """Someone came into the room.  It sets its fields itself, as `Said` does: many come into many rooms at once."""

    type: ClassVar[str] = "joined"

    def __init__(
        self,
        room: str,
        at: float,
        by: str,
        nick: str,
        *,
        ref: str | None = None,
        session: str = "",
        ask: str = "",
        marks: Marks | None = None,
    ) -> None:
        _set_room(self, room)
        _set_at(self, at)
        _set_by(self, by)
        _set_nick(self, nick)
        _set_ref(self, ref)
        _set_session(self, session)
        _set_ask(self, ask)
        _set_marks(self, marks)


@dataclass(frozen=True, slots=True)
class Left(Event):
    """Someone left or lost their connection; *reason* may be empty."""

    type: ClassVar[str] = "left"
    words: ClassVar[tuple[str | None, str | None]] = ("reason", None)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Renamed(Event):
    """Someone changed their nick from ``nick`` to *new*."""

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
    """Someone kicked *target*; their `Left` follows at once."""

    type: ClassVar[str] = "kicked"
    words: ClassVar[tuple[str | None, str | None]] = ("reason", "target")
    target: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Banned(Event):
    """Someone banned *target* until *until* (seconds since the epoch; None: forever)."""

    type: ClassVar[str] = "banned"
    more: ClassVar[tuple[str, ...]] = ("target", "reason", "until")
    target: str
    reason: str = ""
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Unbanned(Event):
    """Someone lifted the ban on *target*."""

    type: ClassVar[str] = "unbanned"
    words: ClassVar[tuple[str | None, str | None]] = (None, "target")
    sentence: ClassVar[str] = "{0.nick} unbanned {0.target}"
    target: str


@dataclass(frozen=True, slots=True)
class Muted(Event):
    """Someone muted *target* until *until* (seconds since the epoch; None: forever)."""

    type: ClassVar[str] = "muted"
    more: ClassVar[tuple[str, ...]] = ("target", "reason", "until")
    target: str
    reason: str = ""
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Unmuted(Event):
    """Someone lifted the mute on *target*."""

    type: ClassVar[str] = "unmuted"
    words: ClassVar[tuple[str | None, str | None]] = (None, "target")
    sentence: ClassVar[str] = "{0.nick} unmuted {0.target}"
    target: str


@dataclass(frozen=True, slots=True)
class SettingChanged(Event):
    """
    Someone set the room's *setting* to *value*; empty is the default.

    ``lock``: ``key`` or ``invited``, who may come in.  ``private``: ``on``.  ``slow``: whole seconds
    between two lines of one person.  ``limit``: how many people are let in.  ``unlisted``: ``on``, in no list.
    ``moderated``: ``on``, only operators and those with a voice may speak.  ``freetopic``: ``on``, everyone may set
    the topic.
    """

    type: ClassVar[str] = "setting"
    words: ClassVar[tuple[str | None, str | None]] = ("value", "setting")
    setting: str
    value: str


@dataclass(frozen=True, slots=True)
class Invited(Event):
    """Someone invited *target*."""

    type: ClassVar[str] = "invited"
    words: ClassVar[tuple[str | None, str | None]] = (None, "target")
    sentence: ClassVar[str] = "{0.nick} invited {0.target} to #{0.room}"
    target: str


@dataclass(frozen=True, slots=True)
class RoleChanged(Event):
    """
    Someone gave *target* a *role* in the room: ``operator``, or none; ``voice``, or ``no voice`` if that was taken.
    """

    type: ClassVar[str] = "role"
    words: ClassVar[tuple[str | None, str | None]] = ("role", "target")
    target: str
    role: str


@dataclass(frozen=True, slots=True)
class Delivered(Event):
    """Delivered: someone who was away has now received the messages of this conversation."""

    type: ClassVar[str] = "received"
    sentence: ClassVar[str] = "{0.nick} has received your messages"


@dataclass(frozen=True, slots=True)
class AuditEntry(Event):
    """
    An audit log entry: a moderation or admin action, in the journal of the room `AUDIT`.

    *act* is the command's name, *where* the room (empty: the whole server), *text* says what was done.
    """

    type: ClassVar[str] = "recorded"
    more: ClassVar[tuple[str, ...]] = ("act", "where", "text")
    act: str
    where: str
    text: str


AUDIT = "&audit"
"""The room whose journal is the audit log; nobody can join it, and no other room can have its name."""

EVENTS: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        Said,
        Acted,
        Noticed,
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
        Edited,
        Deleted,
        Reacted,
    )
}
TALK = (Said, Acted, Noticed, Whispered)
"""Events that carry a person's words."""


class Encoder(Protocol):
    """Renders a `Batch` as bytes; a dialect."""

    def encode(self, batch: Batch) -> bytes:
        """Render *batch* for members who are not its authors."""


class Batch:
    """
    A batch: consecutive events of one room, where ``events[i]`` has the seq ``first + i``.

    Every member's outlet gets the same object, so each rendering is computed once: see `renderings`.
    """

    __slots__ = ("authors", "events", "first", "last", "renderings", "room")

    def __init__(self, room: str, first: int, events: Sequence[Event]) -> None:
        self.room = room
        self.first = first
        self.last = first + len(events) - 1
        """The seq of the last event."""
        self.events = events
        if len(events) == 1:
            [event] = events
            authors = [event.by, event.session] if event.session else [event.by]
        else:
            authors = [event.by for event in events]
            authors += [event.session for event in events if event.session]
        self.authors = frozenset(authors)
        """The identities behind the events, and the further sessions, which may have become another person's since."""
        self.renderings: dict[object, Any] = {}
        """
        Cached renderings of this batch: under a dialect, the ``bytes`` for members who are not its authors; under a
        dialect's own keys, what it shares between renderings.
        """

    def rendered(self, encoder: Encoder) -> bytes:
        """Return the rendering by *encoder* for members who are not authors, computed once."""
        found: bytes | None = self.renderings.get(encoder)
        if found is None:
            found = self.renderings[encoder] = encoder.encode(self)
        return found

    def until(self, seq: int) -> Batch:
        """Return the part of this batch up to *seq*."""
        return self if seq >= self.last else Batch(self.room, self.first, self.events[: max(0, seq - self.first + 1)])

    @property
    def talk(self) -> bool:
        """Whether all events are public speech, which reads the same to everyone."""
        return {type(event) for event in self.events} <= {Said, Acted, Noticed}

    def __iter__(self) -> Iterator[tuple[int, Event]]:
        return enumerate(self.events, self.first)

    def __len__(self) -> int:
        return len(self.events)

    def __repr__(self) -> str:
        return f"Batch({self.room!r}, {self.first}, {self.events!r})"


def names_of(event: type[Event] | Event) -> tuple[str, ...]:
    """Return the names of the fields that are particular to *event*."""
    return event.more or tuple(name for name in event.words if name)
