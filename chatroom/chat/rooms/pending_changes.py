"""Changes of records that hold already, while they are on their way to the journal."""

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
    One record of which changes are on their way.

    :param stored: what the journal has, as far as is known.
    :param number: which of our own changes made it so; those that came before it make no difference any more.
    :param newest: which of our own changes holds.
    :param pending: how many changes are on their way.
    """

    stored: Value | None
    number: int = 0
    newest: int = 0
    pending: int = 0


class PendingChanges:
    """
    Lets changes hold at once, and undoes them if they could not be stored.

    So nobody acts on what is about to change.  Several changes of one record may be on their way, and another program
    may change it, too: when the last of them has been stored or has failed, what holds is what the journal has.

    :param apply: lets a change hold.
    :param value: returns what the record that a change is about holds now.
    """

    def __init__(self, apply: Callable[[RecordChange], None], value: Callable[[RecordChange], Value | None]) -> None:
        self._apply = apply
        self._value = value
        self._records: dict[Place, _Record] = {}
        self._numbers = count(1)

    def hold(self, changes: Sequence[RecordChange]) -> int:
        """Let *changes* hold, which are to be stored; return the number by which it is told what became of them."""
        number = next(self._numbers)
        for change in changes:
            record = self._records.get(change[:3])
            if record is None:
                record = self._records[change[:3]] = _Record(self._value(change))
            record.pending += 1
            record.newest = number
            self._apply(change)
        return number

    def stored(self, changes: Sequence[RecordChange], number: int) -> None:
        """*changes*, which hold under this *number*, are stored."""
        for change in changes:
            record = self._records[change[:3]]
            if number >= record.number:
                record.number, record.stored = number, change.value
            self._settle(change, record)

    def failed(self, changes: Sequence[RecordChange]) -> list[RecordChange]:
        """*changes* could not be stored; return what holds in their place, as far as nothing newer is on its way."""
        flushed = (self._settle(change, self._records[change[:3]]) for change in changes)
        return [change for change in flushed if change is not None]

    def again(self, changes: Sequence[RecordChange], number: int) -> list[RecordChange]:
        """*changes* failed, and are to be stored once more; return those that nothing newer has replaced."""
        newest = [change for change in changes if self._records[change[:3]].newest == number]
        self.failed([change for change in changes if change not in newest])
        return newest

    def by_another(self, change: RecordChange) -> None:
        """Another program has stored *change*."""
        record = self._records.get(change[:3])
        if record is None:
            self._apply(change)
        else:
            record.stored = change.value

    def _settle(self, change: RecordChange, record: _Record) -> RecordChange | None:
        """One change less is on its way; after the last, make sure that what is stored holds, and return that."""
        record.pending -= 1
        if record.pending:
            return None
        del self._records[change[:3]]
        stored = change._replace(value=record.stored)
        # A room that is just being read has no values, and may have read one that is gone by now.
        if stored.value is None or stored.value != self._value(stored):
            self._apply(stored)
        return stored
