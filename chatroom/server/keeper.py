"""Keeping a process running: another one is started when it ends, after longer and longer pauses if that is no use."""

from __future__ import annotations

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from .child import READY, Child
from .spare import Spare

PAUSES = (0, 1, 2, 5, 10, 20, 30)
"""Seconds before each further start of a process that keeps ending before it is ready."""

SILENCE = 10
"""Seconds after which a process that says nothing is killed: it says something every second."""

log = Logger(namespace="chatroom")

Start = Callable[[Callable[[Child], object]], Child]
"""Start a process, with what is called when it has ended; it waits for ``go``."""


class Keeper:
    """
    Keeps one process of the server running: the house, or a door.

    :param name: for the log.
    :param start: starts it.
    :param spared: whether a spare is kept beside it, once it works.
    """

    def __init__(self, clock: IReactorTime, name: str, start: Start, *, spared: bool = False) -> None:
        self.name = name
        self.spare = Spare(clock, name, self.spawn)
        self._spared = spared
        self._clock = clock
        self._start = start
        self.current: Child | None = None
        """The one that works."""
        self.children: set[Child] = set()
        """All that have not ended: the current one, its spare, and those that it has succeeded."""
        self.stopped = False
        self._failures = 0
        self._timer: IDelayedCall | None = None

    def start(self) -> None:
        """Start it, with its spare if there is one; harmless after `stop`."""
        self._timer = None
        if self.stopped:
            return
        outdated = self.spare.outdated
        self.load()
        if self.current is not None:
            self.current.send("go")
            if outdated:
                self.current.send("reload")

    def load(self) -> None:
        """Start it, but let it wait for ``go``."""
        try:
            self.adopt(self.spare.take() or self.spawn())
        except OSError as error:
            # No memory, or the program is being replaced at this moment.
            self._start_again(f"{self.name} cannot be started: {error.strerror}")

    def spawn(self) -> Child:
        """
        Start another one beside the current one, which imports everything and waits.

        :raises OSError: if that fails.
        """
        child = self._start(self._ended)
        self.children.add(child)
        return child

    def adopt(self, child: Child) -> None:
        """Let *child* be the current one."""
        self._cancel()
        self.current = child
        if self._spared:
            child.until(READY).addCallbacks(lambda _: self._works(child), lambda failure: None)

    def tell(self, *message: object) -> None:
        """Say something to all but its spare."""
        for child in self.children - self.spare.children:
            child.send(*message)

    def release(self) -> Child | None:
        """Have no current one for now: do not start another if it ends, and return it."""
        self._cancel()
        child, self.current = self.current, None
        return child

    def stop(self) -> None:
        """Start no others from now on, and end the spare."""
        self.stopped = True
        self._cancel()
        self.spare.stop()

    def look(self) -> None:
        """Kill those that do not answer; call this once a second."""
        for child in self.children:
            # Looks are counted and not seconds: the supervisor may have been suspended itself.
            if child.look() == SILENCE:
                log.error("{child} does not answer: killing it.", child=_sentence(child.name))
                child.kill()

    def _works(self, child: Child) -> None:
        if child is self.current and not self.stopped:
            self.spare.plan()

    def _ended(self, child: Child) -> None:
        self.children.discard(child)
        self.spare.ended(child)
        if child is self.current:
            self.current = None
            self.spare.cancel()
            if READY in child.said:
                # It may have been killed, and people wait.
                self._failures = 0
            self._start_again(child.reason)

    def _start_again(self, reason: str) -> None:
        if self.stopped:
            return
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        when = f"in {pause} s" if pause else "now"
        log.error("{reason}. Starting {name} again {when}.", reason=_sentence(reason), name=self.name, when=when)
        self._timer = self._clock.callLater(pause, self.start)

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}"
