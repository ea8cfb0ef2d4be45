"""Turn limit: bounds how long a turn of the reactor serves connections that are ready at once."""

from __future__ import annotations

import select
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

TURN = 0.010
"""Seconds after which the connections that are still to be served in a turn wait for the next one."""

FEW = 8
"""Connections that are served in one turn however long it takes: reading the clock costs more than it saves."""

Event = tuple[int, int]
"""A file descriptor, and what it is ready for, as ``epoll_wait(2)`` says."""


class Poller(Protocol):
    """What a reactor needs of ``select.epoll``."""

    register: Callable[..., None]
    modify: Callable[..., None]
    unregister: Callable[..., None]

    def poll(self, timeout: float, maxevents: int) -> list[Event]:
        """Wait for file descriptors that are ready."""


class LimitedPoller:
    """
    A poller that lets go of what is ready as long as there is time, and has the rest come again.

    A file descriptor that is not served is reported again by the next poll, as epoll is level-triggered here.  Those
    that have waited longest are served first then, so nobody starves.

    :param timer: measures time, in seconds.
    """

    def __init__(self, poller: Poller, timer: Callable[[], float] = time.monotonic) -> None:
        self._poller = poller
        self._timer = timer
        self._late: dict[int, int] = {}
        """The place in the queue of each file descriptor for which the last turn had no time."""
        self.register = poller.register
        self.modify = poller.modify
        self.unregister = poller.unregister

    def poll(self, timeout: float, maxevents: int) -> Iterable[Event]:
        """Wait until something is ready, *timeout* seconds at most (-1: for ever), and return it one after another."""
        events = self._poller.poll(timeout, maxevents)
        if self._late:
            late, self._late = self._late, {}
            events.sort(key=lambda event: late.get(event[0], len(late)))
        return events if len(events) <= FEW else self._in_time(events)

    def _in_time(self, events: list[Event]) -> Iterator[Event]:
        end = self._timer() + TURN
        for served, event in enumerate(events):
            if served >= FEW and self._timer() > end:
                self._late = {fd: place for place, (fd, _) in enumerate(events[served:])}
                return
            yield event


def limit_turns(reactor: Any) -> None:
    """
    Have each turn of *reactor* serve ready connections for `TURN` seconds at most.

    Twisted serves all that are ready: of a few hundred newcomers, each of whom enters twenty rooms, that takes longer
    than anybody should wait for a timer or a commit.  Harmless if it has been done already, and for reactors without
    epoll.
    """
    if isinstance(getattr(reactor, "_poller", None), select.epoll):
        reactor._poller = LimitedPoller(reactor._poller)
