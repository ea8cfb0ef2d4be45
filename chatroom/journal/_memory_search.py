"""Full scan: searches events in memory, a slice at a time, by words as FTS5's tokenizer ``unicode61`` sees them."""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from chatroom.chat.events import TALK, Event
from chatroom.chat.ports import Query, TookTooLong
from chatroom.chat.replies import Numbered
from chatroom.chat.syntax.names import key

_WORD = re.compile(r"[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_SLICE = 32_768
"""Cost of one turn of the reactor, about a millisecond: characters, and `_EVENT_COST` for every event."""
_MAX_COST = 1024 * _SLICE
"""Cost of one search: some 300,000 lines, in about a second."""
_EVENT_COST = 64
_MAX_CACHED = 10_000
"""Characters whose form without accents is cached."""

Log = tuple[int, Sequence[Event]]
"""Events of a room, and the seq of the first of them."""


class Scan:
    """
    Compares every event of some rooms with *query*.

    :param logs: the rooms, each read when its turn comes.
    """

    def __init__(self, query: Query, logs: Iterable[Callable[[], Log]]) -> None:
        self._query = query
        self._terms = [_words(" ".join(term)) for term in query.terms]
        self._events = ((seq, event) for log in logs for seq, event in _numbered(log()))
        self._newest: list[tuple[float, int, int, Event]] = []
        """A heap of as many as are asked for or skipped: the time, the seq, and the place among equals."""
        self._cost = 0

    def step(self) -> bool:
        """
        Compare some events.

        :returns: whether there are more.
        :raises TookTooLong: if there are more than a search may compare.
        """
        end = self._cost + _SLICE
        for seq, event in self._events:
            self._cost += _EVENT_COST
            if isinstance(event, TALK):
                self._cost += len(event.text)
                if self._matches(event):
                    self._keep(seq, event)
            if self._cost >= _MAX_COST:
                raise TookTooLong("the search took too long")
            if self._cost >= end:
                return True
        return False

    def found(self) -> list[Numbered]:
        """What was found, newest first."""
        newest = sorted(self._newest, reverse=True)[max(self._query.skip, 0) :]
        return [(seq, event) for _, seq, _, event in newest]

    def _keep(self, seq: int, event: Event) -> None:
        found = event.at, seq, -self._cost, event
        if len(self._newest) < max(self._query.skip, 0) + self._query.limit:
            heapq.heappush(self._newest, found)
        elif self._newest:
            heapq.heappushpop(self._newest, found)

    def _matches(self, event: Event) -> bool:
        query = self._query
        if query.nick and key(event.nick) != query.nick:
            return False
        if query.after is not None and event.at < query.after:
            return False
        if query.before is not None and event.at >= query.before:
            return False
        if not self._terms:
            return True
        said = _words(getattr(event, "text", ""))
        return all(term and term in said for term in self._terms)


def _numbered(log: Log) -> Iterator[Numbered]:
    first, events = log
    return enumerate(events, first)


class _Bare(dict[int, str]):
    """A cache: characters without their accents, by code point."""

    def __missing__(self, point: int) -> str:
        bare = _ACCENTS.sub("", unicodedata.normalize("NFD", chr(point)))
        if len(self) < _MAX_CACHED:
            self[point] = bare
        return bare


_bare = _Bare()


def _words(text: str) -> str:
    """Return the words of *text*, without case and accents, surrounded by spaces; empty if there are none."""
    if not text.isascii():
        # One by one: to normalize thousands of accents in a row, only to remove them, takes seconds.
        text = text.translate(_bare)
    # One text and not a list, so that C code does the comparing.
    words = " ".join(_WORD.findall(text.casefold()))
    return f" {words} " if words else ""
