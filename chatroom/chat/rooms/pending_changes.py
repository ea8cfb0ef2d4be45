"""Pending changes: record changes that are applied already, while on their way to the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count

from ..ports import RecordChange, Value

Place = tuple[str, str, str]
"""The scope, the kind and the key of a record."""


@dataclass(slots=True)
class _Record:
    """
    A record with pending changes.

    :param stored: the value in the journal, as far as known.
    :param number: the number of our change that made it so; earlier ones are obsolete.
    :param newest: the number of our latest change.
    :param pending: the number of changes on their way.
    """

    stored: Value | None
    number: int = 0
    newest: int = 0
    pending: int = 0


class PendingChanges:
    """
    Applies changes at once, and undoes them if they cannot be stored.

    So nobody acts on outdated state.  Several changes of a record may be pending, and another program may change it,
    too: after the last result, the state equals the journal.

    :param apply: applies a change.
    :param value: returns the current value of the record that a change concerns.
    """

    def __init__(self, apply: Callable[[RecordChange], None], value: Callable[[RecordChange], Value | None]) -> None:
        self._apply = apply
        self._value = value
        self._records: dict[Place, _Record] = {}
        self._numbers = count(1)

    def hold(self, changes: Sequence[RecordChange]) -> int:
        """Apply *changes* that are about to be stored; return the number for reporting their result."""
        number = next(self._numbers)
        for change in changes:
            record = self._records.get(change[:3])
            if record is None:
                record = self._records[change[:3]] = _Record(self._value(change))
            record.pending += 1
            record.newest = number
        # Only now: with an account goes what else is known of it, which is kept until that is stored.
        for change in changes:
            self._apply(change)
        return number

    def stored(self, changes: Sequence[RecordChange], number: int) -> None:
        """Note that *changes* with this *number* are stored."""
        for change in changes:
            record = self._records[change[:3]]
            if number >= record.number:
                record.number, record.stored = number, change.value
            self._settle(change, record)

    def failed(self, changes: Sequence[RecordChange]) -> list[RecordChange]:
        """Note that *changes* failed; return the changes that replace them, unless newer ones are pending."""
        flushed = (self._settle(change, self._records[change[:3]]) for change in changes)
        return [change for change in flushed if change is not None]

    def again(self, changes: Sequence[RecordChange], number: int) -> list[RecordChange]:
        """Retry *changes* that failed; return those that nothing newer has replaced."""
        newest = [change for change in changes if self._records[change[:3]].newest == number]
        self.failed([change for change in changes if change not in newest])
        return newest

    def by_another(self, change: RecordChange) -> bool:
        """Note that another program has stored *change*; return whether it is applied, as nothing is pending."""
        record = self._records.get(change[:3])
        if record is not None:
            record.stored = change.value
            return False
        self._apply(change)
        return True

    def _settle(self, change: RecordChange, record: _Record) -> RecordChange | None:
        """Count one result; after the last, apply what is stored, if necessary, and return it."""
        record.pending -= 1
        if record.pending:
            return None
        del self._records[change[:3]]
        stored = change._replace(value=record.stored)
        # A room that is just being read has no values, and may have read one that is gone by now.
        if stored.value is None or stored.value != self._value(stored):
            self._apply(stored)
        return stored
