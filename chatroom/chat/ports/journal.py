"""The journal port: the durable, ordered log of events, and the standing records."""

from __future__ import annotations

from collections.abc import Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..events import Batch, Event
from ..histogram import Histogram

if TYPE_CHECKING:
    from ..replies import Numbered


class JournalError(Exception):
    """The journal failed; the text is one clear line for people."""


class TakesLong(JournalError):
    """Storing takes long; nothing is lost, and what is appended meanwhile waits."""


class NotKept(JournalError):
    """Changes could not be stored, so what they were for has not been done."""


class TookTooLong(JournalError):
    """A search was aborted because it would take too long."""


Value = Mapping[str, Any]
"""The value of a record: any JSON object."""

READING = "reading"
"""
The record kind of a reading position: in a room or conversation, how far the account whose id is the key has read.

Its value is ``{"seq": 17, "member": true}``; *member* says whether the account is in the room.  A change may leave
out either, which then stays as it is; in a new record, *member* is false then, and *seq* that before the event which
the change was appended with (0: none).  A stored seq never goes back.  None in the scope "" deletes all
positions of the account.

There may be many, so they are apart from other records: only `Journal.find` reads them.
"""

MENTION = "mention"
"""
The record kind of a mention of the account whose id is the key, by the event that it is appended with; always ``{}``.

It is stored if the account has a reading position before that event, until the account has read it, the position is
deleted or retention removes the event.  Only `Journal.waiting` reads mentions.  Of the changes in one commit,
positions come first.
"""

MOST_UNREAD = 999
"""Unread messages of a room that are counted: it takes some 40 µs, and nobody needs a larger number."""

MOST_MENTIONS = 1000
"""Mentions of an account in one room that are stored, and so counted."""


class RecordChange(NamedTuple):
    """
    A change of a standing record: a new value, or None to delete it.

    Standing records hold lasting facts (a ban, a role, an account).  Each is identified by *scope* (a room's
    name; "" is the whole server), *kind* and *key*.
    """

    scope: str
    kind: str
    key: str
    value: Value | None


class StandingRecord(NamedTuple):
    """A standing record, as stored."""

    scope: str
    kind: str
    key: str
    value: Value


@dataclass(frozen=True, slots=True)
class Query:
    """
    A search query.

    :param terms: each a word or a phrase; all must match.
    :param rooms: the rooms to search, besides the conversations of *party*.
    :param nick: only lines by this nick (its key); "": by anyone.
    :param after: only lines from this time on, in seconds since the epoch.
    :param before: only lines before this time.
    :param skip: how many of the newest results to skip.
    :param limit: the maximum number of results.
    :param party: whose private conversations to search as well; "": nobody's.
    :param sealed: for rooms, the seq up to which nothing is found.
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


class Waiting(NamedTuple):
    """
    What waits in a room for somebody.

    *unread* counts messages (`TALK`), up to `MOST_UNREAD`, and *mentions* those which mention the account, up to
    `MOST_MENTIONS`.
    """

    unread: int
    mentions: int


NOTHING = Waiting(0, 0)
"""Nothing waits."""


@dataclass(frozen=True, slots=True)
class RetentionLimit:
    """How much of a room's history is kept; None: no limit.  The newest event is always kept."""

    seconds: float | None = None
    events: int | None = None
    bytes: int | None = None
    """Size of the lines said, in UTF-8."""


class Present(NamedTuple):
    """Somebody who is in a *room*, by their *identity*, under the *nick* that they have there."""

    room: str
    identity: str
    nick: str


class AccountRecords(NamedTuple):
    """
    What is read of an account whose owner comes back.

    *positions* are its reading positions, *unread* its records of this kind in conversations, and *conversations* the
    names of these, the newest first.
    """

    positions: list[StandingRecord]
    unread: list[StandingRecord]
    conversations: list[str]


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """The journal's summary of a room: the seq of its last event (0: none) and its topic."""

    last: int
    topic: str


class JournalListener(Protocol):
    """Receives the results of appends, on the reactor's thread and in commit order."""

    def committed(self, batches: Sequence[Batch]) -> None:
        """
        These batches are durable: events in seq order, each room at most once.

        An empty list means that storing works again.
        """

    def failed(self, events: Sequence[Event], error: JournalError) -> None:
        """
        None of these events were stored; their seqs will be reused.

        An empty list means that storing does not work now; with `TakesLong`, that everything waits.
        """

    def changed(self, changes: Sequence[RecordChange]) -> None:
        """
        Another program (``chatroom-admin``) committed *changes*; ordered together with `committed`.

        The values are the current ones, so they include later changes by this server.
        """


class Journal(Protocol):
    """
    The durable log of events, ordered per room: ``seq`` is 1, 2, 3, … in each.

    Group commit: events appended during a commit go into the next.  Reads never
    hold up appends, and see every event whose commit the listener has been told of.
    """

    secret: bytes
    """32 random bytes, created with the journal; they sign resume tokens."""
    times: Histogram
    """The durations of commits."""
    indexing: bool
    """Whether the latest search may have found less, because old history was still being indexed."""
    epoch: int
    """How often a server has taken the journal over, this time included; 0 if only one server ever may have it."""

    @property
    def leads(self) -> bool:
        """Whether no other server can have taken it over by now."""

    @property
    def queue(self) -> int:
        """The number of events and changes that wait to be committed."""

    def open(self, listener: JournalListener, *, keep: bool = False) -> list[Present]:
        """
        Open for reading and appending; may block, so call it before the reactor runs.

        :param keep: leave everyone who was still in a room there, because this house goes on with them; else it
            records a `Left` event for each.
        :returns: who was still in which room; nobody, unless the last house crashed or was to be gone on with.
        :raises JournalError: if it cannot be opened, is damaged, or is of a newer version.
        """

    def append(self, event: Event, changes: Sequence[RecordChange] = ()) -> None:
        """
        Append *event* to its room; the listener is called with the result.

        One of `CHANGES` also changes the message that it is about, in the same commit: every later read and search
        gives the outcome, as `outcomes` works it out, and the former text is stored nowhere.  A journal on disk erases
        its traces within a minute, even if it was closed or killed before.

        :param changes: stored in the same commit, atomically with the event.
        """

    def change(self, changes: Sequence[RecordChange]) -> Awaitable[None]:
        """
        Commit *changes* without an event, after everything appended so far.

        :raises JournalError: if they could not be stored; none of them are then.
        """

    def flush(self) -> Awaitable[None]:
        """Wait until everything appended so far is committed or has failed."""

    def room(self, name: str) -> Awaitable[RoomRecord]:
        """Look up the room *name*; a room without events is ``RoomRecord(0, "")``."""

    def after(self, room: str, seq: int, limit: int) -> Awaitable[Batch]:
        """Read forward: up to *limit* events after *seq* (0: from the start); fewer if they are long."""

    def before(self, room: str, seq: int | None, limit: int) -> Awaitable[Batch]:
        """Read backward: up to *limit* events before *seq* (None: the newest), oldest first; fewer if long."""

    def conversations(self, identity: str, limit: int = 1000) -> Awaitable[list[str]]:
        """List the *limit* newest private conversations of the party *identity*, newest first."""

    def latest_conversations(self, identities: Collection[str], limit: int) -> Awaitable[Mapping[str, list[str]]]:
        """List the *limit* newest of each of these parties in one read; those that have none may be missing."""

    def standing(self, scope: str = "") -> list[StandingRecord]:
        """Read all records of *scope*; may block, so use it only at startup."""

    def records(self, scope: str) -> Awaitable[list[StandingRecord]]:
        """
        Read all records of *scope*, in slices so that other reads are not delayed.

        Changes committed meanwhile may or may not be included; the listener gets them.
        """

    def find(self, kind: str, key: str, limit: int = 1000) -> Awaitable[list[StandingRecord]]:
        """
        Read up to *limit* records of this *kind* and *key* in any scope, ordered by scope.

        Of reading positions, those of rooms that the account is in are preferred.
        """

    def of_account(self, account: str, positions: int, conversations: int) -> Awaitable[AccountRecords]:
        """
        Read what `find` and `conversations` tell of an account, in one read.

        :param positions: how many reading positions at most.
        :param conversations: how many conversations at most.
        """

    def waiting(self, account: str, after: Mapping[str, int]) -> Awaitable[dict[str, Waiting]]:
        """
        Count what the *account* has not read yet, for any number of rooms in one read.

        While many events are not indexed yet, it may count fewer than there are.

        :param after: for each room, the seq after which to count.
        :returns: an entry for each of these rooms.
        """

    def names(self, after: str = "", limit: int = 1000) -> Awaitable[list[str]]:
        """
        List rooms with a history, including conversations but not the audit log; oldest first.

        :param after: only rooms created after this one.
        """

    def search(self, query: Query) -> Awaitable[list[Numbered]]:
        """
        Search what was said (`TALK`), newest first, with each event's seq; see `Query`.

        Whole words match, regardless of case, width and accents; in scripts without spaces, any characters.
        Searches run one after another, apart from other reads.

        :raises TookTooLong: if it takes more than about a second.
        :raises Busy: if too many are waiting already.
        """

    def trim(self, room: str, keep: RetentionLimit) -> Awaitable[int]:
        """
        Retention: remove the oldest events of *room* beyond the limit; never the newest.

        :returns: how many were removed.  Works in small steps, so that appends hardly wait.
        """

    def close(self) -> Awaitable[None]:
        """Commit what is pending and close; harmless if never opened."""
