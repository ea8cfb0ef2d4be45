"""A thread of one's own for calls that block, and the way their results come back to the reactor."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar

from twisted.python.failure import Failure

T = TypeVar("T")
CallFromThread = Callable[..., object]
"""Such as ``reactor.callFromThread``: from any thread, calls *f* with *args* on the reactor's."""


class AnyWorker(Protocol):
    """What a journal needs of a worker; tests hand in one that works at once, without a thread."""

    def start(self) -> None:
        """Be ready to work."""

    def run(self, work: Callable[[], T], done: Callable[[T | Failure], None]) -> None:
        """Run *work* after what was asked before, then *done* with what came of it."""

    def stop(self) -> None:
        """Finish what was asked, then end."""


class Worker:
    """
    One thread that runs one thing after another.

    Not Twisted's ``ThreadPool``: with one thread there is no team to coordinate, and a
    `SimpleQueue`, which is written in C, hands over faster.
    """

    def __init__(self, call_from_thread: CallFromThread, name: str) -> None:
        self._call_from_thread = call_from_thread
        self._name = name
        self._jobs: SimpleQueue[tuple[Callable[[], Any], Callable[[Any], None]] | None] = SimpleQueue()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Start the thread; it is a daemon, so that a stuck disk cannot keep the process alive."""
        self._thread = Thread(target=self._work, name=self._name, daemon=True)
        self._thread.start()

    def run(self, work: Callable[[], T], done: Callable[[T | Failure], None]) -> None:
        """Run *work* on the thread; *done* gets its result, or its `Failure`, on the reactor's."""
        self._jobs.put((work, done))

    def stop(self) -> None:
        """Wait for the thread to finish what it was given; harmless when it was never started."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        for work, done in iter(self._jobs.get, None):
            result: object
            try:
                result = work()
            except BaseException:  # whatever it was, somebody waits for an answer
                result = Failure()  # type: ignore[no-untyped-call]
            self._call_from_thread(done, result)
            del work, done, result  # or they would live until the next job
