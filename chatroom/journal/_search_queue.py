"""Search queue: runs one search at a time, in turns between people, with a bounded queue."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from chatroom.chat.ports import Busy, JournalError

from ._calls import CLOSED

T = TypeVar("T")
_Search = tuple[Callable[[], "Deferred[Any]"], "Deferred[Any]"]

MAX_WAITING = 32
"""Searches that may wait; the last of them waits half a minute if each takes as long as it may."""
MAX_WAITING_EACH = 8
"""The same for one person."""


class SearchQueue:
    """Fair queue: runs searches one after another, taking turns between people."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[_Search]] = OrderedDict()
        """The waiting searches by person; the first person is next."""
        self._count = 0
        self._running = False

    def run(self, asker: str, search: Callable[[], Deferred[T]]) -> Deferred[T]:
        """
        Run *search* in its turn.

        :returns: its result; fails with `Busy` at once if too many wait, and with a `JournalError` if
            the journal is closed first.
        """
        if self._count >= MAX_WAITING or len(self._waiting.get(asker, ())) >= MAX_WAITING_EACH:
            return fail(Busy("Too many searches are waiting. Please try again in a few seconds."))
        answer: Deferred[T] = Deferred()
        self._waiting.setdefault(asker, deque()).append((search, answer))
        self._count += 1
        if not self._running:
            self._next()
        return answer

    def stop(self) -> None:
        """Fail all waiting searches; the running one continues."""
        waiting, self._waiting = self._waiting, OrderedDict()
        self._count = 0
        for searches in waiting.values():
            for _, answer in searches:
                answer.errback(JournalError(CLOSED))

    def _next(self) -> None:
        # Not recursive: a search may finish at once, and many may wait.
        while not self._running and self._waiting:
            asker, searches = self._waiting.popitem(last=False)
            search, answer = searches.popleft()
            if searches:
                self._waiting[asker] = searches
            self._count -= 1
            self._running = True
            search().addBoth(partial(self._done, answer))

    def _done(self, answer: Deferred[Any], result: object) -> None:
        self._running = False
        if isinstance(result, Failure):
            answer.errback(result)
        else:
            answer.callback(result)
        self._next()
