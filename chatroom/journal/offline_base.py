"""The journal as ``chatroom-admin`` uses it, wherever it is stored: what both kinds have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from types import TracebackType
from typing import Protocol, Self

from chatroom.chat.events import AuditEntry, Batch
from chatroom.chat.ports import RecordChange, RetentionLimit, RoomRecord, StandingRecord
from chatroom.chat.replies import Numbered

from ._group_commit import Commits
from ._records import encode

_PAGE = 1000
"""Events read at a time."""
_TRIM_PAUSE = 0.01
"""Seconds between two slices of trimming, so that a running server gets its turn."""


class _Connection(Protocol):
    def close(self) -> object: ...


class _Reader(Protocol):
    def room(self, name: str) -> RoomRecord: ...

    def after(self, room: str, seq: int, limit: int) -> Batch: ...

    def records(self, scope: str) -> list[StandingRecord]: ...

    def find(self, kind: str, key: str, limit: int) -> list[StandingRecord]: ...


class _Indexer(Protocol):
    def trim(self, room: str, upto: int) -> int | None: ...


class Offline(ABC):
    """
    A journal that a server may be using at the same time; everything blocks.

    A running server notices changes within a second or so.
    """

    _connection: _Connection
    _reader: _Reader
    _writer: Commits
    _indexer: _Indexer
    _sleep: Callable[[float], object]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @abstractmethod
    def rooms(self) -> list[str]:
        """List everything that has a journal: rooms, conversations, the audit log."""

    def room(self, name: str) -> RoomRecord:
        """Look up *name*."""
        return self._reader.room(name)

    def events(self, room: str, after: int = 0) -> Iterator[Numbered]:
        """
        Iterate over the events of *room* after the seq *after*, oldest first, with their seqs.

        :raises JournalError: if an event is missing or cannot be read.
        """
        last = after
        while (page := self._reader.after(room, last, _PAGE)).events:
            yield from page
            last = page.last

    def records(self, scope: str = "") -> list[StandingRecord]:
        """Read all records of *scope*."""
        return self._reader.records(scope)

    def find(self, kind: str, key: str) -> list[StandingRecord]:
        """Read the records of this *kind* and *key* in any scope."""
        return self._reader.find(kind, key, _PAGE)

    def change(self, changes: Sequence[RecordChange], entry: AuditEntry) -> None:
        """
        Commit *changes* together with *entry* in the audit log.

        :raises JournalError: if they could not be stored.
        """
        self._writer.commit([entry], encode(changes))

    def trim(self, room: str, keep: RetentionLimit) -> int:
        """
        Remove the oldest events of *room* beyond the limit; never the newest.

        :returns: how many were removed.
        """
        removed = 0
        for count in iter(partial(self._indexer.trim, room, self._cutoff(room, keep)), None):
            removed += count
            self._sleep(_TRIM_PAUSE)
        return removed

    @abstractmethod
    def _cutoff(self, room: str, keep: RetentionLimit) -> int:
        """Work out up to which seq events of *room* are to be removed; 0: none."""
