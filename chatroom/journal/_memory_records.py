"""Standing records in memory, indexed by scope, and by kind and key."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice

from chatroom.chat.ports import RecordChange, StandingRecord

from ._records import Row

Place = tuple[str, str]
"""The kind and the key of a record."""


class MemoryRecords:
    """All records, as JSON, so that stored values cannot be modified through references."""

    def __init__(self) -> None:
        self._scopes: dict[str, dict[Place, str]] = {}
        self._places: dict[Place, set[str]] = {}
        """The scopes in which there is a record of this kind and key."""

    def write(self, rows: Iterable[Row]) -> None:
        """Store *rows*; a value of None deletes the record."""
        for scope, kind, key, value, _ in rows:
            if value is None:
                self._drop(scope, (kind, key))
            else:
                self._scopes.setdefault(scope, {})[kind, key] = value
                self._places.setdefault((kind, key), set()).add(scope)

    def places(self, scope: str) -> list[Place]:
        """List the kind and key of each record of *scope*."""
        return sorted(self._scopes.get(scope, ()))

    def of(self, scope: str, places: Iterable[Place]) -> list[StandingRecord]:
        """Read those of *places* in *scope* that exist."""
        kept = self._scopes.get(scope, {})
        return [StandingRecord(scope, *place, json.loads(kept[place])) for place in places if place in kept]

    def find(self, place: Place, limit: int) -> list[StandingRecord]:
        """Read *limit* records of the kind and key *place* in any scope."""
        scopes = islice(sorted(self._places.get(place, ())), limit)
        return [record for scope in scopes for record in self.of(scope, [place])]

    def now(self, scope: str, place: Place) -> RecordChange:
        """Read one record as it is now."""
        value = self._scopes.get(scope, {}).get(place)
        return RecordChange(scope, *place, None if value is None else json.loads(value))

    def _drop(self, scope: str, place: Place) -> None:
        kept = self._scopes.get(scope, {})
        if kept.pop(place, None) is None:
            return
        if not kept:
            del self._scopes[scope]
        scopes = self._places[place]
        scopes.discard(scope)
        if not scopes:
            del self._places[place]
