"""The journal port: where events and standing records are kept, in order and for good."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..events import Batch, Event
from ..histogram import Histogram

if TYPE_CHECKING:
    from ..replies import Numbered


class JournalError(Exception):
    """The journal cannot do what was asked; the text is one clear line for people."""


class TookTooLong(JournalError):
    """The journal gave up on a search, because there was too much to look at."""


Value = Mapping[str, Any]
"""What a record holds: anything that JSON can."""


class RecordChange(NamedTuple):
    """
    One standing record to be kept, or with *value* None to be forgotten.

    What holds until something else happens (a ban, a role, an account) is such a record; it is found
    by *scope* (a room's name; "" is the whole server), *kind* and *key*, one of each.
    """

    scope: str
    kind: str
    key: str
    value: Value | None


class StandingRecord(NamedTuple):
    """One standing record, as it is kept."""

    scope: str
    kind: str
    key: str
    value: Value


@dataclass(frozen=True, slots=True)
class Query:
    """
    What to search for.

    :param terms: each a word, or several words that must follow one another; all must be there.
    :param rooms: the journals to search, and no others but those of *party*.
    :param nick: only what was said by who had this nick (its key); "": by anyone.
    :param after: only what was said at or after this time, in seconds since the epoch.
    :param before: only what was said before this time.
    :param skip: how many of the newest to pass over.
    :param limit: how many to find at most.
    :param party: search every private conversation of this one, too; "": of nobody.
    :param sealed: finds nothing up to this seq of these rooms.
    :param asker: searches of different askers take turns.
    """

    terms: tuple[tuple[str, ...], ...]
    rooms: tuple[str, ...]
    nick: str = ""
    after: float | None = None
    before: float | None = None
    skip: int = 0
    limit: int = 20
    party: str = ""
    sealed: Mapping[str, int] = field(default_factory=dict)
    asker: str = ""


@dataclass(frozen=True, slots=True)
class RetentionLimit:
    """How much of a room's history is kept; None: no bound of that sort.  The newest event always is."""

    seconds: float | None = None
    events: int | None = None
    bytes: int | None = None
    """Of what was said, in UTF-8."""


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """What a journal knows of a room: the seq of its last event (0: none) and its topic."""

    last: int
    topic: str


class JournalListener(Protocol):
    """Who is told, on the reactor's thread and in commit order, what became of appended events."""

    def committed(self, batches: Sequence[Batch]) -> None:
        """
        These are durable; each room's events in seq order, every room at most once.

        Without any: what could not be stored before could be stored now.
        """

    def failed(self, events: Sequence[Event], error: JournalError) -> None:
        """
        These were not stored, none of them; their seqs will be given to others.

        Without any: what would be appended now could not be stored.
        """

    def changed(self, changes: Sequence[RecordChange]) -> None:
        """
        Another program (``chatroom-admin``) has committed *changes*; told in commit order with `committed`.

        Their values are those stored now, so they include what this server has changed since.
        """


class Journal(Protocol):
    """
    The ordered, durable log of events per room: ``seq`` is 1, 2, 3, … in each.

    `append` groups: what arrives while one commit is under way goes into the next.  Reads never
    hold up appends, and see every event whose commit the listener has been told of.
    """

    secret: bytes
    """32 random bytes, made with the journal: signs resume tokens for as long as it lives."""
    times: Histogram
    """How long commits take."""

    @property
    def queue(self) -> int:
        """How many events and changes are on their way."""

    def open(self, listener: JournalListener) -> int:
        """
        Open for reading and appending; may block, so call it before the reactor runs.

        Whoever a crash left inside a room is recorded as having left.

        :returns: how many such `Left` events were written.
        :raises JournalError: if it cannot be opened, is damaged, or is of a newer version.
        """

    def append(self, event: Event, changes: Sequence[RecordChange] = ()) -> None:
        """
        Put *event* at the end of its room; the listener is told when that has been done.

        :param changes: become part of the same commit, so that they hold if and only if it happened.
        """

    def change(self, changes: Sequence[RecordChange]) -> Awaitable[None]:
        """
        Commit *changes* that come without an event, after everything appended so far.

        :raises JournalError: if they could not be stored; then none of them were.
        """

    def flush(self) -> Awaitable[None]:
        """Wait until everything appended so far has been committed, or has failed."""

    def room(self, name: str) -> Awaitable[RoomRecord]:
        """Look up *name*; a room nobody has ever written to is ``RoomRecord(0, "")``."""

    def after(self, room: str, seq: int, limit: int) -> Awaitable[Batch]:
        """Read forward: up to *limit* events that follow *seq* (0: from the start); fewer, if they are long."""

    def before(self, room: str, seq: int | None, limit: int) -> Awaitable[Batch]:
        """Read backward: up to *limit* events just below *seq* (None: the newest), oldest first; fewer, if long."""

    def conversations(self, identity: str, limit: int = 1000) -> Awaitable[list[str]]:
        """Name the *limit* newest private conversations of which *identity* is a party, the newest first."""

    def standing(self, scope: str = "") -> list[StandingRecord]:
        """Read all records of *scope*; may block, so only for when the server starts."""

    def records(self, scope: str) -> Awaitable[list[StandingRecord]]:
        """
        Read all records of *scope*; many of them a slice at a time, between which others can read.

        Changes that are committed while it reads may or may not be among them; the listener is told of them.
        """

    def find(self, kind: str, key: str, limit: int = 1000) -> Awaitable[list[StandingRecord]]:
        """Read *limit* records of this *kind* and *key* at most, whatever their scope, by the order of that."""

    def names(self, after: str = "", limit: int = 1000) -> Awaitable[list[str]]:
        """
        Name rooms that have a history, conversations too, the audit log aside; the oldest first.

        :param after: only those that are younger than this one.
        """

    def search(self, query: Query) -> Awaitable[list[Numbered]]:
        """
        Find what was said (`TALK`), newest first, with the seq in its room; see `Query`.

        Words are compared without regard to case and accents, and whole.  One search is done after the other,
        apart from all other reads.

        :raises TookTooLong: if it would take more than about a second.
        :raises Busy: if too many wait already.
        """

    def trim(self, room: str, keep: RetentionLimit) -> Awaitable[int]:
        """
        Remove the oldest events of *room* that need not be kept; never the newest one.

        :returns: how many were removed.  It is done in small steps, so that appends hardly wait.
        """

    def close(self) -> Awaitable[None]:
        """Commit what is open, then let go of everything; harmless when never opened."""
