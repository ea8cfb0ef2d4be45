"""Turns at reading on: a crowd that is behind keeps nobody waiting who is up to date."""

from __future__ import annotations

from collections import deque

from .ports import Promise, World

PAGES = 8
"""Pages shown in one turn of the reactor to readers who are behind: about a millisecond's work."""


class Turns:
    """Gives turns to those who wait for them, in order and a few at a time."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: deque[Promise[None]] = deque()

    def next(self) -> Promise[None]:
        """Wait for a turn to show one more page."""
        promise = self._world.promise()
        self._waiting.append(promise)
        if len(self._waiting) == 1:
            self._world.later(0, self._give)
        return promise

    def _give(self) -> None:
        given = [self._waiting.popleft() for _ in range(min(PAGES, len(self._waiting)))]
        if self._waiting:
            self._world.later(0, self._give)
        for promise in given:
            promise.callback(None)
