"""A spare: a process that is loaded and waits, so that it can take the place of another one at once."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from .child import LOADED, Child, ChildEnded

DELAY = 5.0
"""Seconds that a process must have worked before a spare is loaded: until then, the processor is for the people."""

PAUSES = (10, 60, 600)
"""Seconds before each further attempt, while spares cannot be loaded or end by themselves."""

log = Logger(namespace="chatroom")


class Spare:
    """
    Keeps a process that is loaded and waits for ``go``; it holds nothing but its memory and its pipes.

    :param name: of the process whose place it takes, for the log.
    :param spawn: starts a process that waits; raises an `OSError` if that fails.
    """

    def __init__(self, clock: IReactorTime, name: str, spawn: Callable[[], Child]) -> None:
        self._clock = clock
        self._name = name
        self._spawn = spawn
        self._waiting: Child | None = None
        """The one that is loaded."""
        self._coming: Child | None = None
        """The one that is being loaded; once it is, it replaces the one that waits."""
        self._newest: Child | None = None
        """The last one that was started, unless it was taken while it was loading."""
        self._timer: IDelayedCall | None = None
        self._failures = 0

    @property
    def children(self) -> set[Child]:
        """The processes that wait, or will."""
        return {child for child in (self._waiting, self._coming) if child is not None}

    @property
    def outdated(self) -> bool:
        """Whether the one that waits has read the configuration as it was, and another one is being loaded."""
        return self._waiting is not None and self._coming is not None

    def plan(self, delay: float = DELAY) -> None:
        """Load one *delay* seconds from now, unless there is one then."""
        self.cancel()
        self._timer = self._clock.callLater(delay, self._load)

    def cancel(self) -> None:
        """Do not load one for now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def refresh(self) -> None:
        """Replace the one there is, if any: it has read the configuration as it was."""
        if self.children:
            self._renew()

    async def fresh(self) -> Child:
        """
        Load one with the code and the configuration of now; the one that waits stays until this one is loaded.

        :raises ChildEnded: if it cannot be loaded.
        :raises OSError: if it cannot be started.
        """
        child = self._begin()
        while True:
            try:
                await child.until(LOADED)
            except ChildEnded:
                newest = self._newest
                if newest is None or newest is child:
                    raise
                # A reload has replaced it.
                child = newest
            else:
                return child

    def take(self) -> Child | None:
        """Give the spare away, though it may still be loading; None: there is none."""
        self.cancel()
        self._failures = 0
        child = self._waiting or self._coming
        if child is self._waiting:
            self._waiting = None
        else:
            self._coming = self._newest = None
        return child

    def ended(self, child: Child) -> None:
        """Note that *child* has ended, which may have been the spare."""
        if child is self._coming:
            self._coming = None
        elif child is self._waiting:
            self._waiting = None
            self._failed(child.reason)

    def stop(self) -> None:
        """End it, and load no more."""
        self.cancel()
        for child in self.children:
            child.kill()
        self._waiting = self._coming = self._newest = None

    def _load(self) -> None:
        self._timer = None
        if not self.children:
            self._renew()

    def _renew(self) -> None:
        """Load another one; if that fails, say so, and try it again later if there is none."""
        try:
            child = self._begin()
        except OSError as error:
            self._failed(f"{error.strerror}")
        else:
            child.until(LOADED).addCallbacks(self._is_ready, self._not_loaded, (child,), {}, (child,))

    def _is_ready(self, _: object, child: Child) -> None:
        if child is self._waiting:
            log.info("A spare process of {name} is ready.", name=self._name)

    def _not_loaded(self, failure: Failure, child: Child) -> None:
        self.ended(child)
        if child is self._newest:
            self._failed(str(failure.value))

    def _begin(self) -> Child:
        child = self._spawn()
        obsolete, self._coming, self._newest = self._coming, child, child
        if obsolete is not None:
            obsolete.kill()
        child.until(LOADED).addCallbacks(self._loaded, lambda failure: None)
        return child

    def _loaded(self, _: object) -> None:
        """The one that was coming is here, unless it was taken before."""
        if self._coming is not None and LOADED in self._coming.said:
            obsolete, self._waiting, self._coming = self._waiting, self._coming, None
            if obsolete is not None:
                obsolete.kill()

    def _failed(self, reason: str) -> None:
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        again = ""
        if not self.children:
            self.plan(pause)
            again = f" Loading another one in {pause} s."
        log.warn(
            "The spare process of {name} cannot be used: {reason}.{again}",
            name=self._name,
            reason=reason.rstrip("."),
            again=again,
        )
