"""Full scan: searches events in memory, a slice at a time, by the tokens that the index on disk contains."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence

from chatroom.chat.events import TALK, Event
from chatroom.chat.outcomes import is_deleted
from chatroom.chat.ports import Query, TookTooLong
from chatroom.chat.replies import Numbered
from chatroom.chat.syntax.names import speaker_key
from chatroom.chat.syntax.words import words

from ._tokens import indexed, phrase

_SLICE = 32_768
"""Cost of one turn of the reactor, about a millisecond: characters, and `_EVENT_COST` for every event."""
_MAX_COST = 1024 * _SLICE
"""Cost of one search: some 300,000 lines, in about a second."""
_EVENT_COST = 64
_FOREIGN = 16
"""Cost of a character outside of ASCII texts: half a microsecond."""

Log = tuple[int, Sequence[Event]]
"""Events of a room, and the seq of the first of them."""


class Scan:
    """
    Compares every event of some rooms with *query*.

    :param logs: the rooms, each read when its turn comes.
    """

    def __init__(self, query: Query, logs: Iterable[Callable[[], Log]]) -> None:
        self._query = query
        self._terms = [_wanted(term) for term in query.terms]
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
                self._cost += len(event.text) * (1 if event.text.isascii() else _FOREIGN)
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
        if is_deleted(event):
            return False
        query = self._query
        if query.nick and speaker_key(event.nick) != query.nick:
            return False
        if query.after is not None and event.at < query.after:
            return False
        if query.before is not None and event.at >= query.before:
            return False
        if not self._terms:
            return True
        said = _said(getattr(event, "text", ""))
        return all(term and term in said for term in self._terms)


def _numbered(log: Log) -> Iterator[Numbered]:
    first, events = log
    return enumerate(events, first)


def _said(text: str) -> str:
    """Return the tokens of *text*, surrounded by spaces; one text and not a list, for C code to compare."""
    tokens = indexed(text)
    return f" {' '.join(words(text)) if tokens is None else tokens} "


def _wanted(term: Iterable[str]) -> str:
    """Return what the tokens of a text contain that *term* is in; empty if nothing has it."""
    tokens, prefix = phrase(term)
    return f" {' '.join(tokens)}{'' if prefix else ' '}" if tokens else ""
