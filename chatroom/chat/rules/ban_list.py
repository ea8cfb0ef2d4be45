"""A ban list: the bans, or the mutes, of one room or the server, with their expiry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush, nlargest
from operator import itemgetter
from typing import TYPE_CHECKING

from ..replies import Ban
from .masks import Marks, Masks

if TYPE_CHECKING:
    from ..fair_queue import Work
    from ..ports import Value

_SLICE = 1000
"""Entries processed per turn."""

_WORK = 1.0
"""Cost of that, in lines."""

_FORGOTTEN_AT_ONCE = 100
"""Expired bans deleted along with a new ban; the rest waits for the next one."""


class BanList:
    """
    A ban list: the bans, or the mutes, of one room or the server, with their expiry.

    Expired entries don't count; `expired` returns them for deletion.
    """

    __slots__ = ("_ends", "_masks", "_of", "_values")

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}
        self._masks = Masks()
        self._of: dict[str, str | set[str]] = {}
        """The mask of each target (in lower case), or a set of them: a set for each would take 20 MB."""
        self._ends: list[tuple[float, str]] = []
        """A heap of expiry times; it may hold outdated entries of removed or replaced masks."""

    def put(self, mask: str, value: Value | None) -> None:
        """Set the entry of *mask*, or delete it with None."""
        before = self._values.pop(mask, None)
        if before is not None:
            self._masks.discard(mask)
            self._separate(mask, before)
        if value is not None:
            self._masks.add(mask)
            self._values[mask] = value
            self._join(mask, value)
            self._note_end(mask, value["until"])

    def _join(self, mask: str, value: Value) -> None:
        target = _folded(value["target"])
        held = self._of.setdefault(target, mask)
        if isinstance(held, set):
            held.add(mask)
        elif held != mask:
            self._of[target] = {held, mask}

    def _separate(self, mask: str, value: Value) -> None:
        target = _folded(value["target"])
        held = self._of[target]
        if isinstance(held, set):
            held.discard(mask)
        if not held or held == mask:
            del self._of[target]

    def _note_end(self, mask: str, until: float | None) -> None:
        if until is not None:
            heappush(self._ends, (until, mask))
        if len(self._ends) > 2 * len(self._values) + _FORGOTTEN_AT_ONCE:
            # The same targets were listed again and again.
            ends = ((value["until"], mask) for mask, value in self._values.items())
            self._ends = [(until, mask) for until, mask in ends if until is not None]
            heapify(self._ends)

    def get(self, mask: str) -> Value | None:
        """Return the entry of exactly *mask*, even if it has expired."""
        return self._values.get(mask)

    def match(self, marks: Marks, now: float) -> Value | None:
        """Find an unexpired entry that matches these *marks*."""
        if not self._values:
            return None
        for mask in self._masks.matching(marks):
            value = self._values[mask]
            if value["until"] is None or value["until"] > now:
                return value
        return None

    def named(self, target: str, masks: Iterable[str]) -> list[str]:
        """Return the masks listed for *target*, and those of *masks* that are listed."""
        held = self._of.get(_folded(target), ())
        listed = [held] if isinstance(held, str) else sorted(held)
        return list(dict.fromkeys([*listed, *(mask for mask in masks if mask in self._values)]))

    def expired(self, now: float) -> list[str]:
        """Return expired masks, the oldest first; at most `_FORGOTTEN_AT_ONCE`."""
        found: dict[str, float] = {}
        while self._ends and self._ends[0][0] <= now and len(found) < _FORGOTTEN_AT_ONCE:
            until, mask = heappop(self._ends)
            if mask in self._values and self._values[mask]["until"] == until:
                found[mask] = until
        # They stay in the heap until they are really deleted.
        for mask, until in found.items():
            heappush(self._ends, (until, mask))
        return list(found)

    def rows(self, kind: str, now: float) -> list[Ban]:
        """Return the unexpired entries, one per target, newest first."""
        newest: dict[str, Value] = {}
        _note_newest(newest, self._values.values(), now)
        return _rows(sorted(newest.values(), key=itemgetter("at"), reverse=True), kind)

    async def newest_in_turns(self, kind: str, now: float, most: int, work: Work) -> tuple[list[Ban], int]:
        """
        Return the *most* newest unexpired entries, computed in slices, and their total number.

        :param work: charges for a slice and waits for a turn.
        """
        newest: dict[str, Value] = {}
        for some in _slices(self._values.values()):
            await work(_WORK)
            _note_newest(newest, some, now)
        found: list[Value] = []
        for some in _slices(newest.values()):
            await work(_WORK)
            found = nlargest(most, [*found, *some], key=itemgetter("at"))
        return _rows(found, kind), len(newest)

    def __contains__(self, mask: object) -> bool:
        return mask in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


NOBODY = BanList()
"""The shared empty list, which nearly all rooms have; never modified."""


def changed(listed: BanList, mask: str, value: Value | None) -> BanList:
    """Set the entry of *mask*, or delete it with None; return the list in which it is."""
    if listed is NOBODY and value is not None:
        listed = BanList()
    listed.put(mask, value)
    return listed


def _note_newest(newest: dict[str, Value], values: Iterable[Value], now: float) -> None:
    """Collect in *newest* the newest unexpired of *values*, by target."""
    for value in values:
        known = newest.get(value["target"])
        if (value["until"] is None or value["until"] > now) and (known is None or value["at"] > known["at"]):
            newest[value["target"]] = value


def _slices(values: Iterable[Value]) -> Iterator[list[Value]]:
    all_of_them = list(values)
    return (all_of_them[start : start + _SLICE] for start in range(0, len(all_of_them), _SLICE))


def _rows(found: Iterable[Value], kind: str) -> list[Ban]:
    return [Ban(one["target"], one["reason"], one["by"], one["at"], one["until"], kind) for one in found]


def _folded(target: str) -> str:
    folded = target.casefold()
    # Nearly every target is in lower case already, and there may be a hundred thousand.
    return target if folded == target else folded
