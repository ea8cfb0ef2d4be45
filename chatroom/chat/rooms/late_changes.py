"""Late changes: messages that are edited or deleted while somebody is still waiting for a page with their old text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ..changes import Change
from ..events import Batch
from ..outcomes import all_changed, lines_changed
from ..replies import Numbered


class Watch:
    """The changes since one read began."""

    def __init__(self) -> None:
        self._changes: list[Change] = []

    def note(self, changes: Iterable[Change]) -> None:
        """Add *changes*, the next in order."""
        self._changes += changes

    def page(self, batch: Batch) -> Batch:
        """Return *batch*, which was read from a room, as it is by now."""
        return all_changed(batch, self._changes) if self._changes else batch

    def lines(self, found: Iterable[Numbered]) -> list[Numbered]:
        """Return the events *found*, with their seqs, as they are by now."""
        return lines_changed(found, self._changes)


class LateChanges:
    """Gives every change to the reads that are under way."""

    __slots__ = ("_watches",)

    def __init__(self) -> None:
        self._watches: tuple[Watch, ...] = ()

    def note(self, changes: Iterable[Change]) -> None:
        """Take *changes*, which are shown now."""
        for watch in self._watches:
            watch.note(changes)

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        """Watch for changes while something is read."""
        watch = Watch()
        self._watches += (watch,)
        try:
            yield watch
        finally:
            self._watches = tuple(one for one in self._watches if one is not watch)
