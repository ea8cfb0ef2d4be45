"""Room history: the latest events in memory, older ones read from the journal."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from itertools import islice

from ..changes import CHANGES, Change
from ..events import TALK, Batch, Event, Joined, Left
from ..fair_queue import Work
from ..outcomes import changes_in, is_deleted, lines_changed, settled, size_of
from ..replies import Excerpt, HistoryPage, Numbered
from .late_changes import LateChanges, Watch
from .page_reader import Pages

TAIL = 200
"""Events kept in memory, so that joining and short lags cost no disk read; and as many messages, to count unread."""

PAGE = 200
"""Events per page of catching up; pages end where the seq is a multiple of this."""

PAGE_TEXT = 16_384
"""Characters per page: a stalled reader makes the server hold one page."""

REPLY_TEXT = 32_768
"""Characters per history reply: a client that does not read makes the server hold that much."""

_PAGE_WORK = 1.0
"""Cost of reading and rendering one page, in lines."""

_PAGES_WITH_TALK, _PAGES_WITHOUT_TALK = 10, 100
"""
Pages read for what was said: as long as there is something, and until there is.

People who come and go by the thousand leave that much between two messages.
"""

KEPT = 32
"""Pages cached: a crowd that fell behind together reads and renders each page once."""


_COMINGS = frozenset([Joined, Left])


class RoomHistory:
    """
    The history of one room, as far as it has been shown.

    :param reads: reads pages from the journal.
    :param last: the seq of the last event.
    :param tail: the last events, as far as they are in memory.
    """

    __slots__ = (
        "_excerpt",
        "_late",
        "_newest",
        "_pages",
        "_reads",
        "_recent",
        "_room",
        "_tail",
        "_talk",
        "_talk_since",
        "last",
        "sealed",
    )

    def __init__(self, reads: Pages, room: str, last: int, tail: Iterable[Event]) -> None:
        self._reads = reads
        self._late = LateChanges()
        self._room = room
        self._tail: deque[Event] = deque(tail, TAIL)
        self._talk_since = last - len(self._tail)
        """The seq after which all messages are in memory."""
        self._talk = deque([pair for pair in enumerate(self._tail, self._talk_since + 1) if type(pair[1]) in TALK])
        """The last messages: those who come and go push them out of the tail, while they may still be unread."""
        self._pages: OrderedDict[int, Batch] = OrderedDict()
        """Whole pages, by the seq before their first event."""
        self._excerpt: tuple[int, int, Excerpt] | None = None
        """The last lines as they were shown, after how many were wanted, and up to which seq."""
        self._recent: tuple[Change, ...] = ()
        """The latest changes: who answers or reacts may not have heard of them yet."""
        self._newest: Batch | None = None
        """The last batch that was shown, with its renderings, if it has only one event: who came in is shown that."""
        self.last = last
        self.sealed = 0
        """The seq up to which nothing is shown to anyone, because the room was reopened."""

    def seal(self, upto: int) -> None:
        """Show nothing up to the seq *upto* from now on."""
        self.sealed = upto
        self.forget_below(upto + 1)

    def watch(self) -> AbstractContextManager[Watch]:
        """Watch for changes of what is read inside; who keeps it over a wait asks the watch how it is by then."""
        return self._late.watch()

    def position(self, seq: int) -> int:
        """Return the position from which a client that has seen *seq* reads on."""
        return max(min(seq, self.last), self.sealed)

    @property
    def last_at(self) -> float:
        """The time of the last event, in seconds since the epoch; 0.0 if unknown."""
        return self._tail[-1].at if self._tail else 0.0

    def extend(self, batch: Batch) -> None:
        """Append *batch*, which is shown now."""
        self.last = batch.last
        events = batch.events
        self._tail.extend(events)
        alone = len(events) == 1
        self._newest = batch if alone else None
        if alone and type(events[0]) in _COMINGS:
            # That is all: many may come into many rooms at once.
            return
        self._talk.extend([pair for pair in enumerate(events, batch.first) if type(pair[1]) in TALK])
        while len(self._talk) > TAIL:
            self._talk_since, _ = self._talk.popleft()
        for event in events:
            if isinstance(event, CHANGES):
                self._change(changes_in(events))
                break

    def settled(self, batch: Batch) -> Batch:
        """Return *batch*, which is about to be shown, without the text of messages that were just deleted."""
        return settled(batch, self._recent)

    def _change(self, changes: Sequence[Change]) -> None:
        """Give everything in memory, and what is being read, the text that it has after *changes*."""
        self._late.note(changes)
        self._recent = (*self._recent, *changes)[-TAIL:]
        self._tail = deque([event for _, event in lines_changed(enumerate(self._tail, self._oldest), changes)], TAIL)
        self._talk = deque(lines_changed(self._talk, changes))
        self._excerpt = self._newest = None
        oldest = min(change.re for change in changes)
        self._pages = OrderedDict((before, page) for before, page in self._pages.items() if page.last < oldest)

    def forget_below(self, seq: int) -> None:
        """Drop everything older than *seq* from memory."""
        self._pages = OrderedDict((before, page) for before, page in self._pages.items() if page.first >= seq)
        self._excerpt = self._newest = None
        while self._tail and self._oldest < seq:
            self._tail.popleft()
        while self._talk and self._talk[0][0] < seq:
            self._talk.popleft()

    def newest(self, seq: int) -> Batch | None:
        """Return the last batch that was shown, if it is all that comes after *seq* and has only one event."""
        newest = self._newest
        return newest if newest is not None and newest.first == seq + 1 else None

    async def after(self, seq: int) -> Batch:
        """
        Read a page of the events after *seq*.

        :returns: a batch whose ``first`` is greater than ``seq + 1`` if older events are gone; it may be
            empty, and then reaches up to what was shown.
        :raises JournalError: if the journal cannot be read now.
        """
        seq = max(seq, self.sealed)
        page = self._pages.get(seq)
        if page is not None:
            self._pages.move_to_end(seq)
            return page
        limit = PAGE - seq % PAGE
        if seq + 1 >= self._oldest:
            page = self._here(seq, limit)
        else:
            with self.watch() as watch:
                page = watch.page(await self._read(seq, limit))
        if limit == PAGE == len(page):
            self._pages[seq] = page
            if len(self._pages) > KEPT:
                self._pages.popitem(last=False)
        return page

    async def history(self, count: int, before: int | None, work: Work, *, talk_only: bool) -> HistoryPage:
        """
        Read the newest *count* events below *before* (None: of all that was shown), or as many as fit into
        `REPLY_TEXT`.

        :param work: charges for each page, and waits for a turn.
        :param talk_only: skip everything but speech; reads ten pages at most, or a hundred if there is none in them.
        :raises JournalError: if the journal cannot be read now.
        """
        below = self.last + 1 if before is None else min(before, self.last + 1)
        found: list[Numbered] = []
        with self.watch() as watch:
            for read in range(_PAGES_WITHOUT_TALK):
                if found and read >= _PAGES_WITH_TALK:
                    break
                await work(_PAGE_WORK)
                page = await self._before(below, PAGE if talk_only else count)
                kept = [(seq, event) for seq, event in page if not talk_only or type(event) in TALK]
                found = kept + found
                below = page.first if page.events else 1
                if len(found) >= count or below <= self.sealed + 1:
                    break
            found = watch.lines(found)
        newest = _newest(found[-count:], REPLY_TEXT)
        cut = len(found) > len(newest)
        first = newest[0][0] if cut else max(below, self.sealed + 1)
        return HistoryPage(self._room, tuple(newest), more=cut or below > self.sealed + 1, first=first)

    def talk_between(self, after: int, upto: int) -> list[Event] | None:
        """List what was said after the seq *after* and up to *upto*; None if some of it is not in memory."""
        if after < self._talk_since > self.sealed:
            return None
        found: list[Event] = []
        # The newest are wanted most.
        for seq, event in reversed(self._talk):
            if seq <= after:
                break
            if seq <= upto and (event.marks is None or not is_deleted(event)):
                found.append(event)
        found.reverse()
        return found

    async def talk_page(self, seq: int, work: Work) -> tuple[HistoryPage, int]:
        """
        Read what was said after *seq*, as much as fits into a page.

        :param work: charges for each page, and waits for a turn.
        :returns: the page, and the seq up to which everything has been read.
        :raises JournalError: if the journal cannot be read now.
        """
        found: list[Numbered] = []
        since = seq
        with self.watch() as watch:
            for _ in range(_PAGES_WITH_TALK):
                await work(_PAGE_WORK)
                page = await self.after(seq)
                seq = page.last
                found += [(number, event) for number, event in page if type(event) in TALK]
                if found or seq >= self.last:
                    break
            found = watch.lines(found)
        return HistoryPage(self._room, tuple(found), more=False, first=since + 1), seq

    async def seq_at(self, moment: float) -> int:
        """
        Return the seq of the first event at or after *moment*, in seconds since the epoch.

        Times within a room rarely run backward; if they do, because a clock was set, the result is near it.
        """
        low, high = self.sealed + 1, self.last + 1
        while low < high:
            middle = (low + high) // 2
            page = await self._reads.after(self._room, middle - 1, 1)
            # Removed events are older than all others.
            if page.events and page.events[0].at < moment:
                low = max(middle, page.first) + 1
            else:
                high = middle
        return min(low, self.last + 1)

    def recent(self, count: int, upto: int) -> Excerpt:
        """Return the last *count* lines up to the seq *upto*, as far as they are in memory and fit into a page."""
        wanted, known, excerpt = self._excerpt or (0, 0, None)
        talked = self._talk[-1][0] if self._talk else 0
        if excerpt is not None and wanted == count and talked <= known <= upto:
            return excerpt
        if excerpt is None or wanted != count or known > upto or self.talk_between(known, upto) != []:
            excerpt = Excerpt(_newest([pair for pair in self._talk if pair[0] <= upto][-count:], PAGE_TEXT))
        self._excerpt = count, upto, excerpt
        return excerpt

    @property
    def _oldest(self) -> int:
        """The seq of the first event in memory."""
        return self.last - len(self._tail) + 1

    def _slice(self, start: int, end: int) -> Iterable[Event]:
        """Iterate over the events in memory at the places from *start* to before *end*."""
        tail, count = self._tail, len(self._tail)
        start, end = max(0, start), max(0, min(end, count))
        if start <= count - end:
            return islice(tail, start, end)
        # The newest are wanted most, and skipping takes time for each.
        found = list(islice(reversed(tail), count - end, max(0, count - start)))
        found.reverse()
        return found

    def _here(self, seq: int, limit: int) -> Batch:
        """Return what is in memory after *seq*, which reaches as far back."""
        skip = seq + 1 - self._oldest
        return Batch(self._room, seq + 1, _fitting(self._slice(skip, skip + limit)))

    async def _read(self, seq: int, limit: int) -> Batch:
        last = self.last
        found = await self._reads.after(self._room, seq, limit)
        if not found.events:
            return Batch(self._room, last + 1, ())
        # The journal may hold events that are still to be shown.
        return Batch(self._room, found.first, _fitting(found.events[: max(0, last - found.first + 1)]))

    async def _before(self, seq: int, limit: int) -> Batch:
        oldest = self._oldest
        if seq - limit >= oldest or oldest == 1:
            first = max(seq - limit, oldest)
            return Batch(self._room, first, list(self._slice(first - oldest, seq - oldest)))
        page = await self._reads.before(self._room, seq, limit)
        unsealed = page.events[max(0, self.sealed + 1 - page.first) :]
        return Batch(self._room, max(page.first, self.sealed + 1), unsealed)


def _fitting(events: Iterable[Event]) -> list[Event]:
    """Return as many of *events* as fit into a page, and at least one."""
    page: list[Event] = []
    size = 0
    for event in events:
        # As `characters`: everyone who joins a crowd is shown a page, and most of it is that others have come.
        text = event.words[0]
        if text is not None:
            size += len(getattr(event, text))
            if event.marks is not None:
                size += size_of(event.marks)
            if page and size > PAGE_TEXT:
                break
        page.append(event)
    return page


def _newest(events: Sequence[Numbered], most: int) -> Sequence[Numbered]:
    """Return the last of *events* with at most *most* characters in total, and at least one."""
    size, first = 0, len(events)
    while first:
        size += characters(events[first - 1][1])
        if first < len(events) and size > most:
            break
        first -= 1
    return events[first:]


def characters(event: Event) -> int:
    """Return the number of characters in *event*."""
    text = event.words[0]
    size = len(getattr(event, text)) if text else 0
    return size if event.marks is None else size + size_of(event.marks)
