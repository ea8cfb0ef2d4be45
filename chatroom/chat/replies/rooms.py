"""Replies about rooms: lists, topics, history and search results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import ClassVar

from ..events import Event, setter
from .reply import Reply

Numbered = tuple[int, Event]
"""An event with its seq."""


class Excerpt(tuple[Numbered, ...]):
    """The end of a room's history, as shown to all who come in: each rendering is computed once."""

    renderings: dict[str, str]

    def __new__(cls, events: Iterable[Numbered]) -> Excerpt:
        """Take *events*; there is no rendering of them yet."""
        excerpt = super().__new__(cls, events)
        excerpt.renderings = {}
        return excerpt


_NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, init=False)
class RoomEntered(Reply):
    """
    The person has entered this room, and it is their current one.

    ``seq`` is the last event before the next delivery; ``recent`` is the end of what was
    said before, empty for those who resume reading.  ``role`` is the person's role there, ``settings`` the room's
    settings that are not default: see `SettingChanged`.  ``read`` is the seq up to which the person has read it,
    ``unread`` counts the messages after that (999: or more), ``mentions`` those which mention them; older servers
    don't send these three.  ``elsewhere`` is the current room, if another session
    entered this one; it is not sent.

    It sets its fields itself, as `Said` does: who comes back enters many rooms at once.
    """

    type: ClassVar[str] = "room"
    room: str
    topic: str
    people: tuple[str, ...]
    seq: int
    recent: tuple[Numbered, ...] = ()
    role: str = "guest"
    settings: Mapping[str, str] = field(default_factory=dict)
    read: int | None = None
    unread: int | None = None
    mentions: int | None = None
    elsewhere: str | None = field(default=None, metadata={"sent": False})

    def __init__(
        self,
        room: str,
        topic: str,
        people: tuple[str, ...],
        seq: int,
        recent: tuple[Numbered, ...] = (),
        role: str = "guest",
        settings: Mapping[str, str] = _NO_SETTINGS,
        read: int | None = None,
        unread: int | None = None,
        mentions: int | None = None,
        elsewhere: str | None = None,
    ) -> None:
        _set_room(self, room)
        _set_topic(self, topic)
        _set_people(self, people)
        _set_seq(self, seq)
        _set_recent(self, recent)
        _set_role(self, role)
        _set_settings(self, settings)
        _set_read(self, read)
        _set_unread(self, unread)
        _set_mentions(self, mentions)
        _set_elsewhere(self, elsewhere)


_set_room, _set_topic, _set_people, _set_seq, _set_recent, _set_role, _set_settings, _set_read, _set_unread = (
    setter(RoomEntered, one.name) for one in fields(RoomEntered)[:9]
)
_set_mentions, _set_elsewhere = (setter(RoomEntered, name) for name in ("mentions", "elsewhere"))


@dataclass(frozen=True, slots=True)
class ReadUpTo(Reply):
    """
    The person has read *room*, or the conversation of this name, up to the event *seq*.

    ``unread`` and ``mentions`` are as in `RoomEntered`.
    """

    type: ClassVar[str] = "read"
    room: str
    seq: int
    unread: int = 0
    mentions: int = 0


@dataclass(frozen=True, slots=True)
class UnreadRoom:
    """A row of what waits: a room, or the private conversation with *nick*."""

    room: str
    nick: str
    unread: int
    mentions: int


@dataclass(frozen=True, slots=True)
class Unread(Reply):
    """The rooms and conversations in which something waits for the person, rooms first."""

    type: ClassVar[str] = "unread"
    rooms: tuple[UnreadRoom, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """
    A row of the list of private conversations.

    ``nick`` is the other party's now, or when they last spoke; ``seq`` and ``at`` are those of the last event,
    ``read`` and ``unread`` as in `RoomEntered`.
    """

    room: str
    nick: str
    seq: int
    read: int
    unread: int
    at: float


@dataclass(frozen=True, slots=True)
class Conversations(Reply):
    """The newest private conversations of the person, newest first."""

    type: ClassVar[str] = "conversations"
    conversations: tuple[Conversation, ...]


@dataclass(frozen=True, slots=True)
class RoomLine:
    """A row of the room list."""

    room: str
    people: int
    topic: str


@dataclass(frozen=True, slots=True)
class Rooms(Reply):
    """
    The list of rooms, the fullest first.

    ``page`` counts from 1; ``more`` is how many there are beyond this page.
    """

    type: ClassVar[str] = "rooms"
    rooms: tuple[RoomLine, ...]
    page: int = 1
    more: int = 0


@dataclass(frozen=True, slots=True)
class Topic(Reply):
    """The room's topic; empty if it has none."""

    type: ClassVar[str] = "topic_is"
    room: str
    topic: str


@dataclass(frozen=True, slots=True)
class HistoryPage(Reply):
    """
    A page of a room's history, oldest first, with the seq of each event; ``more`` if older ones exist.

    It has fewer events than requested if they are long.  ``first`` is the seq from which on it has all that was
    requested, so the page before it is the one before that seq.  ``numbers`` says that people want to see the seqs,
    ``earlier_than`` is the day or time before which they asked for it; each is sent only if it is so.
    """

    type: ClassVar[str] = "history"
    room: str
    events: tuple[Numbered, ...]
    more: bool
    first: int = 0
    numbers: bool = field(default=False, metadata={"sparse": True})
    earlier_than: str = field(default="", metadata={"sparse": True})


@dataclass(frozen=True, slots=True)
class Gap(Reply):
    """A gap: the events of *room* from seq *first* to *last* will not be delivered."""

    type: ClassVar[str] = "gap"
    room: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SearchResults(Reply):
    """
    Search results, newest first; ``more`` if ``page + 1`` of the same search has more.

    Unlike in `HistoryPage`, the events are of several rooms.  While ``indexing``, older messages are still being
    indexed, and may be missing.
    """

    type: ClassVar[str] = "found"
    words: str
    events: tuple[Numbered, ...]
    page: int
    more: bool
    indexing: bool = False


@dataclass(frozen=True, slots=True)
class AuditLog(Reply):
    """A page of the audit log, oldest first; ``more`` if older entries exist."""

    type: ClassVar[str] = "audit"
    events: tuple[Numbered, ...]
    more: bool
